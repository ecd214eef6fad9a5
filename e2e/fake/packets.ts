/** Hand-made traces for the fake cluster: a SYN that crosses the nodes, its answer, a DNS pair and a refusal. */
import type { Hop, PacketTrace, Role } from '../../src/sim/trace/hop';
import type { Packet } from '../../src/sim/trace/packet';

const MAC = (n: number): string => `0a:58:0a:f4:01:0${n}`;
const tcp = (src: string, sp: number, dst: string, dp: number, flags: string[], summary?: string): Packet =>
  ({
    eth: { src: MAC(2), dst: MAC(1), type: 'ipv4' },
    ip: { version: 4, src, dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort: sp, dstPort: dp, seq: 1, ack: 0, flags },
    ...(summary ? { payload: { type: 'app', protocol: 'http', summary, bytes: 80, body: null } } : {}),
  }) as Packet;
const wrap = (inner: Packet, src: string, dst: string): Packet => ({
  eth: { src: '52:54:00:00:00:11', dst: '52:54:00:00:00:12', type: 'ipv4' },
  ip: { version: 4, src, dst, ttl: 64, protocol: 'udp', df: false },
  l4: { kind: 'udp', srcPort: 50111, dstPort: 8472 },
  payload: { type: 'vxlan', vni: 1, inner },
});
const SVC = { ref: 'Service/default/backend', path: 'spec.ports[0].targetPort' };

type Step = [Hop['place'], Hop['station'], string, Hop['action'], Packet, Packet, Partial<Hop>?];

function trace(
  id: number,
  requestId: number,
  role: Role,
  label: string,
  bornNs: number,
  steps: Step[],
): PacketTrace {
  let at = bornNs;
  const hops = steps.map(([place, station, name, action, before, after, more]) => {
    const durationNs = station === 'wire' ? 50_000 : 5_000;
    const hop: Hop = { atNs: at, durationNs, place, station, name, action, before, after, ...more };
    at += durationNs;
    return hop;
  });
  const last = hops.at(-1)!;
  const kind = last.action === 'reject' ? 'rejected' : 'delivered';
  const reason = kind === 'rejected' ? 'rule' : 'socket';
  return { id, requestId, role, label, bornNs, hops, end: { atNs: at, kind, reason, place: last.place } };
}

const host = (n: number, device?: string) => ({
  machine: `node-${n}`,
  netns: 'host',
  ...(device ? { device } : {}),
});

/** frontend on node-1 to a backend on node-2, through the Service address. */
export function across(
  id: number,
  requestId: number,
  bornNs: number,
  label: string,
  flags: string[],
  summary?: string,
): PacketTrace {
  const a = tcp('10.244.1.2', 41532, '10.96.0.42', 80, flags, summary);
  const b = tcp('10.244.1.2', 41532, '10.244.2.3', 8080, flags, summary);
  const w = wrap(b, '192.168.0.11', '192.168.0.12');
  const pod1 = { machine: 'node-1', netns: 'pod-frontend' };
  const pod2 = { machine: 'node-2', netns: 'pod-backend-b' };
  const rules = [
    {
      table: 'nat',
      chain: 'PREROUTING',
      rule: '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      number: 1,
      passed: 1,
    },
    {
      table: 'nat',
      chain: 'KUBE-SERVICES',
      rule: '-A KUBE-SERVICES -d 10.96.0.42/32 -p tcp -m comment --comment "default/backend cluster IP" -m tcp --dport 80 -j KUBE-SVC-NU7AXXQYZ3TB5LQD',
      number: 3,
      passed: 3,
      origin: SVC,
    },
    {
      table: 'nat',
      chain: 'KUBE-SVC-NU7AXXQYZ3TB5LQD',
      rule: '-A KUBE-SVC-NU7AXXQYZ3TB5LQD -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-HPTHWL3P6P757UEJ',
      number: 2,
      passed: 2,
      origin: SVC,
    },
    {
      table: 'nat',
      chain: 'KUBE-SEP-HPTHWL3P6P757UEJ',
      rule: '-A KUBE-SEP-HPTHWL3P6P757UEJ -p tcp -m comment --comment "default/backend" -m tcp -j DNAT --to-destination 10.244.2.3:8080',
      number: 2,
      passed: 2,
      origin: SVC,
    },
  ];
  return trace(id, requestId, 'request', label, bornNs, [
    [pod1, 'socket', 'curl', 'send', a, a],
    [host(1), 'bridge', 'cni0', 'deliver', a, a],
    [host(1), 'chain', 'KUBE-SERVICES', 'dnat', a, b, { rules, rulesPassed: 8, facts: { conntrack: 'NEW' } }],
    [
      host(1),
      'route',
      'main',
      'lookup',
      b,
      b,
      { facts: { route: '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink' } },
    ],
    [host(1), 'hook', 'FORWARD', 'pass', b, b],
    [host(1), 'hook', 'POSTROUTING', 'pass', b, b],
    [host(1), 'tunnel', 'flannel.1', 'encapsulate', b, w],
    [host(1, 'eth0'), 'device', 'eth0', 'send', w, w],
    [{ machine: 'underlay', netns: '' }, 'wire', 'underlay', 'cross', w, w],
    [host(2, 'eth0'), 'device', 'eth0', 'pass', w, w],
    [host(2), 'tunnel', 'flannel.1', 'decapsulate', w, b],
    [host(2), 'route', 'main', 'lookup', b, b, { facts: { route: '10.244.2.0/24 dev cni0' } }],
    [host(2), 'bridge', 'cni0', 'forward', b, b, { facts: { port: 'veth3' } }],
    [pod2, 'socket', 'whoami', 'deliver', b, b],
  ]);
}

/** A question to the name server on the same node, and its answer. */
export function names(id: number, requestId: number, bornNs: number): PacketTrace[] {
  const udp = (src: string, dst: string, summary: string): Packet => ({
    ip: { version: 4, src, dst, ttl: 64, protocol: 'udp', df: true },
    l4: { kind: 'udp', srcPort: 33000, dstPort: 53 },
    payload: { type: 'app', protocol: 'dns', summary, bytes: 60, body: null },
  });
  const q = udp('10.244.1.2', '10.96.0.10', 'A? backend.default.svc.cluster.local.');
  const q2 = udp('10.244.1.2', '10.244.1.4', 'A? backend.default.svc.cluster.local.');
  const r = udp('10.244.1.4', '10.244.1.2', 'A 10.96.0.42');
  const pod1 = { machine: 'node-1', netns: 'pod-frontend' };
  const dns = { machine: 'node-1', netns: 'pod-coredns-a' };
  return [
    trace(id, requestId, 'dns-query', 'A?', bornNs, [
      [pod1, 'socket', 'curl', 'send', q, q],
      [host(1), 'bridge', 'cni0', 'deliver', q, q],
      [host(1), 'chain', 'KUBE-SERVICES', 'dnat', q, q2],
      [host(1), 'bridge', 'cni0', 'forward', q2, q2],
      [dns, 'socket', 'coredns', 'deliver', q2, q2],
    ]),
    trace(id + 1, requestId, 'dns-answer', 'A', bornNs + 40_000, [
      [dns, 'socket', 'coredns', 'send', r, r],
      [host(1), 'bridge', 'cni0', 'forward', r, r],
      [pod1, 'socket', 'curl', 'deliver', r, r],
    ]),
  ];
}

/** A SYN that node-1's rules refuse, because the Service has no endpoints. */
export function refused(id: number, requestId: number, bornNs: number): PacketTrace {
  const a = tcp('10.244.1.2', 41533, '10.96.0.43', 80, ['SYN']);
  const pod1 = { machine: 'node-1', netns: 'pod-frontend' };
  const rule =
    '-A KUBE-SERVICES -d 10.96.0.43/32 -p tcp -m comment --comment "default/typo has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable';
  return trace(id, requestId, 'request', 'SYN', bornNs, [
    [pod1, 'socket', 'curl', 'send', a, a],
    [host(1), 'bridge', 'cni0', 'deliver', a, a],
    [host(1), 'hook', 'PREROUTING', 'pass', a, a],
    [host(1), 'route', 'main', 'lookup', a, a, { facts: { route: 'default via 192.168.0.1 dev eth0' } }],
    [
      host(1),
      'chain',
      'KUBE-SERVICES',
      'reject',
      a,
      a,
      {
        rules: [
          {
            table: 'filter',
            chain: 'KUBE-SERVICES',
            rule,
            number: 1,
            passed: 1,
            origin: { ref: 'Service/default/typo' },
          },
        ],
        rulesPassed: 3,
      },
    ],
  ]);
}
