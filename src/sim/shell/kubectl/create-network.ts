/** Services and Ingresses that `kubectl create` makes from its flags (kubectl pkg/cmd/create). */
import { portName } from '../../api/kinds/check-ports';
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';

/** "5678:8080", "80" or "80:http" of --tcp. */
function tcpPort(text: string): { name: string; port: number; targetPort: number | string } {
  const [left = '', right] = text.split(':');
  const refuse = (why: string): never => {
    throw new UsageError(`strconv.ParseUint: parsing "${left}": ${why}`);
  };
  if (!/^\d+$/.test(left)) refuse('invalid syntax');
  const port = Number(left);
  if (port > 65_535) refuse('value out of range');
  const isNumber = right !== undefined && /^[+-]?\d+$/.test(right);
  const targetPort = right === undefined ? port : isNumber ? Number(right) : right;
  const wrong = typeof targetPort === 'string' ? portName(targetPort) : [];
  if (isNumber && (Number(right) < 1 || Number(right) > 65_535))
    wrong.push('must be between 1 and 65535, inclusive');
  if (wrong.length > 0) throw new UsageError(wrong.join(','));
  return { name: text.replace(':', '-'), port, targetPort };
}

const SERVICE_TYPES: Readonly<Record<string, string>> = {
  clusterip: 'ClusterIP',
  nodeport: 'NodePort',
  loadbalancer: 'LoadBalancer',
  externalname: 'ExternalName',
};

export function serviceSpec(k: Kubectl, name: string, kind: string): ApiObject {
  const headless = k.flags.text('clusterip') === 'None';
  const external = k.flags.text('external-name');
  const given = k.flags.list('tcp');
  if (given.length === 0 && !headless && kind !== 'externalname') {
    throw new UsageError('at least one tcp port specifier must be provided');
  }
  const nodePort = k.flags.int('node-port');
  const ports = given.map(tcpPort).map(({ name: portName, port, targetPort }) => ({
    name: portName,
    port,
    protocol: 'TCP',
    targetPort,
    ...(nodePort > 0 ? { nodePort } : {}),
  }));
  const clusterIP = k.flags.text('clusterip');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: { app: name } },
    spec: {
      ...(clusterIP === '' ? {} : { clusterIP }),
      ...(external === '' ? {} : { externalName: external }),
      ...(ports.length > 0 ? { ports } : {}),
      selector: { app: name },
      type: SERVICE_TYPES[kind],
    },
    status: { loadBalancer: {} },
  };
}

interface IngressRule {
  readonly host: string;
  readonly path: object;
  readonly tls: string | null;
}

/** host/path=service:port[,tls[=secret]] */
function ingressRule(text: string): IngressRule {
  const m = /^([^/=]*)(\/[^=]*)=([^:,]+):([^:,]+)(?:,tls(?:=(.+))?)?$/.exec(text);
  if (m === null) {
    throw new UsageError(
      `rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
    );
  }
  const [, host = '', rawPath = '', service = '', port = ''] = m;
  const isPrefix = rawPath.endsWith('*');
  const path = {
    path: isPrefix ? rawPath.slice(0, -1) : rawPath,
    pathType: isPrefix ? 'Prefix' : 'Exact',
    backend: backend(service, port),
  };
  return { host, path, tls: /,tls/.test(text) ? (m[5] ?? '') : null };
}

function backend(name: string, port: string): object {
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

export function ingressSpec(k: Kubectl, name: string): ApiObject {
  const given = k.flags.list('rule');
  const fallback = k.flags.text('default-backend');
  if (given.length === 0 && fallback === '') {
    throw new UsageError(
      'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
    );
  }
  const byHost = new Map<string, object[]>();
  const tls: object[] = [];
  for (const rule of given.map(ingressRule)) {
    byHost.set(rule.host, [...(byHost.get(rule.host) ?? []), rule.path]);
    if (rule.tls !== null)
      tls.push({ hosts: [rule.host], ...(rule.tls === '' ? {} : { secretName: rule.tls }) });
  }
  const rules = [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } }));
  const [service = '', port = ''] = fallback.split(':');
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: {
      ...(k.flags.text('class') === '' ? {} : { ingressClassName: k.flags.text('class') }),
      ...(fallback === '' ? {} : { defaultBackend: backend(service, port) }),
      ...(rules.length > 0 ? { rules } : {}),
      ...(tls.length > 0 ? { tls } : {}),
    },
    status: { loadBalancer: {} },
  };
}
