/** The /etc/hosts that the kubelet writes for a pod (pkg/kubelet/kubelet_pods.go, managed hosts file). */
import type { PodSpec } from '../../api/kinds/pod';

/** Host name inside the pod: spec.hostname or the pod's name, at most 63 characters; the node's with hostNetwork. */
export function podHostname(podName: string, spec: PodSpec, nodeName: string): string {
  if (spec.hostNetwork === true) return nodeName;
  return (spec.hostname || podName).slice(0, 63).replace(/[-.]+$/, '');
}

/** The full domain name, which exists only with a subdomain: "web-0.web.default.svc.cluster.local". */
export function podDomainName(
  hostname: string,
  spec: PodSpec,
  namespace: string,
  clusterDomain: string,
): string {
  return spec.subdomain ? `${hostname}.${spec.subdomain}.${namespace}.svc.${clusterDomain}` : '';
}

/** Text of the file. */
export function hostsFile(
  ips: readonly string[],
  hostname: string,
  domainName: string,
  spec: PodSpec,
): string {
  const names = domainName === '' ? hostname : `${domainName}\t${hostname}`;
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...(spec.hostNetwork === true ? [] : ips.map((ip) => `${ip}\t${names}`)),
  ];
  const aliases = (spec.hostAliases ?? []).map((row) => [row.ip, ...(row.hostnames ?? [])].join('\t'));
  if (aliases.length > 0) lines.push('', '# Entries added by HostAliases.', ...aliases);
  return `${lines.join('\n')}\n`;
}
