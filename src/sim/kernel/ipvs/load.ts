/** What conntrack's entries tell of IPVS: the connections of a real server, and whether a packet belongs to a virtual one. */
import type { Connection } from '../conntrack-states';
import type { RealServer, VirtualServer } from './ipvs';
import type { Load } from './schedulers';

/** TCP and SCTP count as active once established; UDP counts while it is remembered (ip_vs_conn.c, ip_vs_bind_dest). */
export function loadOf(entries: readonly Connection[], server: VirtualServer, real: RealServer): Load {
  let active = 0;
  let inactive = 0;
  for (const { original, reply, state } of entries) {
    if (original.dst !== server.address || original.dstPort !== server.port) continue;
    if (original.protocol !== server.protocol) continue;
    if (reply.src !== real.address || reply.srcPort !== real.port) continue;
    if (state === 'ESTABLISHED' || original.protocol === 'udp') active++;
    else inactive++;
  }
  return { active, inactive };
}

/** True for a connection that the virtual server of this address, protocol and port has given away (xt_ipvs). */
export function isBalanced(
  entry: Connection | undefined,
  address: string,
  protocol: string,
  port: number,
): boolean {
  if (entry?.balanced !== true) return false;
  const { original } = entry;
  return original.dst === address && original.dstPort === port && original.protocol === protocol;
}
