/** How many connections a real server has, told by conntrack's entries, as ActiveConn and InActConn of ipvsadm count them. */
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
