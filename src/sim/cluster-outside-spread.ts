/** What the cloud's balancer writes into its kernel for its orders and the nodes that are healthy: routes and rules. */
import { canonicalPrefix } from '../lib/ip';
import type { CloudBalancer, CloudTarget } from './controllers/load-balancer/cloud-api';
import type { Route } from './kernel/machine-api';

/** An order with the nodes that may get its traffic now. */
export interface Spread {
  readonly balancer: CloudBalancer;
  readonly targets: readonly CloudTarget[];
}

/** A line of a table with the object that it is for. */
export interface BalancerRule {
  readonly line: string;
  readonly ref: string;
}

/** How long a client comes back to the same node in Proxy mode, in seconds: the default of sessionAffinityConfig. */
const STICKY_SECONDS = 10_800;

/**
 * The way to an order's address: over all healthy nodes; a black hole without one, and in Proxy mode, where packets that no
 * rule took have no way on.
 */
export function routesFor({ balancer, targets }: Spread, device: string): Route {
  const { ip, ref, sticky, mode } = balancer;
  const base = {
    prefix: canonicalPrefix(ip),
    proto: 'static',
    origin: { ref, path: 'status.loadBalancer' },
  } as const;
  if (mode === 'Proxy' || targets.length === 0) return { ...base, device: '', type: 'blackhole' };
  const nexthops = targets.map((target) => ({ via: target.ip, device, weight: 1 }));
  return { ...base, device, nexthops, hashPolicy: sticky ? 0 : 1 };
}

/** Proxy mode: each healthy node has a chain with its DNAT; clients are sent to one of them, or back to the one they had. */
export function natRules(spreads: readonly Spread[], device: string): BalancerRule[] {
  const lines: BalancerRule[] = [];
  for (const { balancer, targets } of spreads) {
    if (balancer.mode !== 'Proxy') continue;
    const { ip, ref, sourceRanges } = balancer;
    const sources = sourceRanges.length === 0 ? [''] : sourceRanges.map((range) => `-s ${range} `);
    for (const { protocol, port, nodePort } of balancer.ports) {
      if (nodePort === 0 || targets.length === 0) continue;
      const lower = protocol.toLowerCase();
      const chain = `LB-${ip}-${lower}-${port}`;
      for (const source of sources)
        lines.push({
          line: `-A PREROUTING ${source}-d ${canonicalPrefix(ip)} -p ${lower} -m ${lower} --dport ${port} -j ${chain}`,
          ref,
        });
      lines.push(...chainOf(chain, balancer, targets, lower, nodePort));
    }
  }
  const [first] = lines;
  if (first === undefined) return [];
  return [
    ...lines,
    { line: `-A POSTROUTING -o ${device} -m conntrack --ctstate DNAT -j MASQUERADE`, ref: first.ref },
  ];
}

function chainOf(
  chain: string,
  { ref, sticky }: CloudBalancer,
  targets: readonly CloudTarget[],
  protocol: string,
  nodePort: number,
): BalancerRule[] {
  const lists = targets.map(({ name }) => `${chain}-${name}`);
  const back = lists.map(
    (list) => `-m recent --name ${list} --rcheck --seconds ${STICKY_SECONDS} --reap -j ${list}`,
  );
  const spread = lists.map((list, i) => {
    const left = lists.length - i;
    const share = left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(10)} `;
    return `${share}-j ${list}`;
  });
  const send = targets.map(({ ip }, i) => {
    const remember = sticky ? `-m recent --name ${lists[i]} --set ` : '';
    return `-A ${lists[i]} ${remember}-p ${protocol} -m ${protocol} -j DNAT --to-destination ${ip.includes(':') ? `[${ip}]` : ip}:${nodePort}`;
  });
  return [...[...(sticky ? back : []), ...spread].map((rule) => `-A ${chain} ${rule}`), ...send].map(
    (line) => ({
      line,
      ref,
    }),
  );
}

/** VIP mode: only the ports that were ordered are carried, so that nothing else runs in circles between router and nodes. */
export function forwardRules(spreads: readonly Spread[]): BalancerRule[] {
  return spreads
    .filter(({ balancer }) => balancer.mode === 'VIP')
    .flatMap(({ balancer: { ip, ports, ref } }) => {
      const accepted = ports.map(({ protocol, port }) => {
        const lower = protocol.toLowerCase();
        return `-A FORWARD -d ${canonicalPrefix(ip)} -p ${lower} -m ${lower} --dport ${port} -j ACCEPT`;
      });
      const [icmp, echo] = ip.includes(':')
        ? ['-p ipv6-icmp -m icmp6', '--icmpv6-type 128']
        : ['-p icmp -m icmp', '--icmp-type 8'];
      const to = `-A FORWARD -d ${canonicalPrefix(ip)}`;
      const rest = [
        `${to} ${icmp} ${echo} -j DROP`,
        `${to} ${icmp.split(' -m')[0]} -j ACCEPT`,
        `${to} -j DROP`,
      ];
      return [...accepted, ...rest].map((line) => ({ line, ref }));
    });
}
