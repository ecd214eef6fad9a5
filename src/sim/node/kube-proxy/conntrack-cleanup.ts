/**
 * Deletes UDP connections that still lead to endpoints which no longer serve (pkg/proxy/conntrack/cleanup.go). UDP has no
 * end of its own, so a client that keeps its port would talk to a dead endpoint for ever. TCP and SCTP are left alone.
 */
import type { Conntrack } from '../../kernel/conntrack';
import { hostPort } from './names';
import type { ServicePortState } from './service-ports';

/** Returns how many entries were deleted. */
export function cleanStaleUdp(conntrack: Conntrack, ports: readonly ServicePortState[]): number {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const { info, endpoints } of ports) {
    if (info.protocol !== 'UDP') continue;
    const serving = new Set(
      endpoints.filter((endpoint) => endpoint.serving).map((endpoint) => endpoint.text),
    );
    // Without a serving endpoint there is nobody to send the client to, so nothing is gained by deleting.
    if (serving.size === 0) continue;
    for (const ip of [info.clusterIp, ...info.externalIps, ...info.loadBalancerVips]) {
      byAddress.set(hostPort(ip, info.port), serving);
    }
    if (info.nodePort !== 0) byNodePort.set(info.nodePort, serving);
  }
  return conntrack.delete(({ original, reply }) => {
    if (original.protocol !== 'udp') return false;
    const target = hostPort(original.dst, original.dstPort);
    const serving = byAddress.get(target) ?? byNodePort.get(original.dstPort);
    return serving !== undefined && !serving.has(hostPort(reply.src, reply.srcPort));
  });
}
