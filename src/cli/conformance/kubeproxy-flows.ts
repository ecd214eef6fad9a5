/** Flow cases of kube-proxy: packets through the hooks of a node whose rules the real proxier has written. */
import { inPrefix, ipFamily } from '../../lib/ip';
import type { HookName, Skb } from '../../sim/kernel/netfilter/netfilter';
import type { Packet } from '../../sim/trace/packet';
import { hostPort } from '../../sim/node/kube-proxy/names';
import type { CaseResult } from './result';
import { configOf, ProxyWorld, type CaseNode, type CaseObjects } from './kubeproxy-world';

export interface Flow {
  readonly name: string;
  readonly sourceIP: string;
  readonly destIP: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly destPort: number;
  readonly expect: {
    readonly endpoints?: readonly string[];
    readonly verdict?: string;
    readonly masquerade: boolean;
  };
}

export interface FlowCase extends CaseObjects {
  readonly id: string;
  readonly mode: 'iptables' | 'nftables' | 'ipvs';
  readonly node: CaseNode;
  readonly flows: readonly Flow[];
  readonly ruleFacts?: {
    readonly kubeFirewallLocalnetRulePresent?: boolean;
    readonly loadBalancerIPCaptured?: boolean;
  };
}

/** What one walk of a packet came to. */
interface Outcome {
  readonly endpoint: string | null;
  readonly verdict: string;
  readonly masquerade: boolean;
}

export function runFlowCase(data: FlowCase): CaseResult {
  const world = new ProxyWorld(data.node, data.mode);
  world.start(data);
  const expected: string[] = [];
  const got: string[] = [];
  for (const flow of data.flows) {
    const outcome = data.mode === 'ipvs' ? exploreIpvs(world, flow) : explore(world, flow);
    expected.push(`${flow.name}: ${expectationText(flow.expect, data.mode)}`);
    got.push(`${flow.name}: ${outcome}`);
  }
  for (const [fact, value] of Object.entries(data.ruleFacts ?? {})) {
    expected.push(`${fact}: ${value}`);
    got.push(`${fact}: ${ruleFact(world, data, fact)}`);
  }
  const wrong = expected.filter((line, i) => line !== got[i]);
  if (wrong.length === 0) return { id: data.id, status: 'passed' };
  const wrongGot = got.filter((line, i) => line !== expected[i]);
  return { id: data.id, status: 'failed', expected: wrong.join('\n'), got: wrongGot.join('\n') };
}

function expectationText({ endpoints, verdict, masquerade }: Flow['expect'], mode: FlowCase['mode']): string {
  // Real servers have no order of their own, endpoints in rules have.
  const listed = mode === 'ipvs' ? endpoints && [...endpoints].sort() : endpoints;
  return `${listed ? listed.join(' ') : verdict}${masquerade ? ' masqueraded' : ''}`;
}

/** Walks the flow once for every real server of its virtual one, as if it were that server's turn. */
function exploreIpvs(world: ProxyWorld, flow: Flow): string {
  const { netfilter } = world;
  const start = netfilter.keyframe();
  const server = netfilter.ipvs.find(firstPacket(flow));
  const able = [...(server?.realServers ?? [])].filter((real) => real.weight > 0);
  if (server === undefined || able.length === 0) return explore(world, flow);
  const seen = able.map((real) => {
    netfilter.restore(start);
    netfilter.ipvs.put({ ...server, realServers: [real] });
    return send(world, flow);
  });
  netfilter.restore(start);
  return describe(seen.sort((a, b) => ((a.endpoint ?? '') < (b.endpoint ?? '') ? -1 : 1)));
}

/** Walks the flow once for every way that chance can go, from the same state each time. */
function explore(world: ProxyWorld, flow: Flow): string {
  const start = world.netfilter.keyframe();
  const seen: Outcome[] = [];
  const open: number[][] = [[]];
  while (open.length > 0) {
    const script = open.shift()!;
    world.netfilter.restore(start);
    world.random.script = script;
    world.random.drawn = [];
    seen.push(send(world, flow));
    // Alternatives to draws past the script, the latest first, so that endpoints come in the order of the rules.
    const later: number[][] = [];
    world.random.drawn.slice(script.length).forEach(({ choice, choices }, i) => {
      const prefix = world.random.drawn.slice(0, script.length + i).map((draw) => draw.choice);
      const ways = Array.from({ length: choices - choice - 1 }, (_, k) => [...prefix, choice + 1 + k]);
      later.unshift(...ways);
    });
    open.unshift(...later);
  }
  world.netfilter.restore(start);
  return describe(seen);
}

function describe(seen: readonly Outcome[]): string {
  const endpoints = seen.flatMap((outcome) => outcome.endpoint ?? []);
  const masquerade = [...new Set(seen.map((outcome) => outcome.masquerade))];
  const masked = masquerade.length > 1 ? ' sometimes masqueraded' : masquerade[0] ? ' masqueraded' : '';
  const verdicts = [...new Set(seen.filter((o) => o.endpoint === null).map((outcome) => outcome.verdict))];
  return `${[...new Set([...endpoints, ...verdicts])].join(' ')}${masked}`;
}

function firstPacket(flow: Flow): Packet {
  const version = ipFamily(flow.sourceIP) ?? 4;
  const ports = { srcPort: 40_001, dstPort: flow.destPort };
  const kind = flow.protocol.toLowerCase() as 'tcp' | 'udp' | 'sctp';
  const ip = { version, src: flow.sourceIP, dst: flow.destIP, ttl: 64, protocol: kind, df: true } as const;
  if (kind === 'tcp') return { ip, l4: { kind, ...ports, seq: 0, ack: 0, flags: ['SYN'] } };
  if (kind === 'udp') return { ip, l4: { kind, ...ports } };
  return { ip, l4: { kind, ...ports, chunk: 'INIT' } };
}

/** The hooks that a packet meets on the node, as the kernel's road has them. */
function send(world: ProxyWorld, flow: Flow): Outcome {
  const rules: string[] = [];
  let skb: Skb = { packet: firstPacket(flow), mark: 0 };
  let verdict = 'none';
  const pass = (hook: HookName): boolean => {
    const result = world.netfilter.run(hook, skb);
    for (const step of result.steps) rules.push(...step.rules.map((met) => met.rule));
    skb = result.skb;
    if (result.verdict !== 'accept') verdict = result.verdict.toUpperCase();
    return result.verdict === 'accept';
  };
  const toHere = () => world.isLocalAddress(skb.packet.ip!.dst);
  const leaveFromHere = () => {
    skb = { ...skb, outDevice: 'eth0' };
    return pass('output') && pass('postrouting');
  };
  if (world.isLocalAddress(flow.sourceIP)) {
    if (leaveFromHere() && toHere() && pass('prerouting')) pass('input');
  } else {
    skb = { ...skb, inDevice: arrivalDevice(world.node, flow.sourceIP) };
    if (pass('prerouting')) {
      if (toHere()) {
        // IPVS stands in this hook: what it gives to another host leaves as if it came from here.
        if (pass('input') && !toHere()) leaveFromHere();
      } else {
        skb = { ...skb, outDevice: 'eth0' };
        if (pass('forward')) pass('postrouting');
      }
    }
  }
  return outcome(skb, verdict, rules, flow);
}

/** The cases' pods; only detectors that go by devices care where they send from. */
const PODS = ['10.0.0.0/8', 'fd00:10::/64'];

function arrivalDevice(node: CaseNode, source: string): string {
  const detector = configOf(node).localDetector;
  if (!PODS.some((range) => inPrefix(source, range))) return 'eth0';
  if (detector.type === 'bridgeInterface') return detector.device;
  return detector.type === 'interfaceNamePrefix' ? `${detector.prefix}0` : 'eth0';
}

function outcome(skb: Skb, verdict: string, rules: readonly string[], flow: Flow): Outcome {
  const masquerade = rules.some((text) =>
    /(?:^| )(?:-j MASQUERADE|masquerade)(?: |$)/.test(text.replace(/"[^"]*"/g, '')),
  );
  if (verdict !== 'none') return { endpoint: null, verdict, masquerade };
  const { ip, l4 } = skb.packet;
  const to = hostPort(ip!.dst, l4 !== undefined && l4.kind !== 'icmp' ? l4.dstPort : 0);
  const translated = to !== hostPort(flow.destIP, flow.destPort);
  if (translated) return { endpoint: to, verdict, masquerade };
  // Only the health check rule accepts by name a packet that nothing has translated.
  const accepted = rules.some((text) => /^-A KUBE-NODE-?PORTS? .*-j ACCEPT$/.test(text));
  return { endpoint: null, verdict: accepted ? 'ACCEPT' : 'none', masquerade };
}

function ruleFact(world: ProxyWorld, data: FlowCase, fact: string): boolean | string {
  const family = data.node.ipFamily === 'IPv4' ? 4 : 6;
  if (fact === 'kubeFirewallLocalnetRulePresent') {
    return (world.netfilter.rules.chain('filter', 'KUBE-FIREWALL', family)?.rules.length ?? 0) > 0;
  }
  if (fact === 'loadBalancerIPCaptured') {
    return data.services.some((object) => {
      const status = object.status as { loadBalancer?: { ingress?: { ip?: string }[] } } | undefined;
      return (status?.loadBalancer?.ingress ?? []).some(
        ({ ip }) => ip !== undefined && captures(world, family, ip),
      );
    });
  }
  return 'unknown fact';
}

function captures(world: ProxyWorld, family: 4 | 6, ip: string): boolean {
  const table = world.netfilter.nft.table(family === 4 ? 'ip' : 'ip6', 'kube-proxy');
  const keys = [...(table?.sets.get('service-ips')?.elements.keys() ?? [])];
  if (keys.some((key) => key.startsWith(`${ip} . `))) return true;
  if (world.netfilter.ipvs.list().some((server) => server.address === ip)) return true;
  const rules = world.netfilter.rules.chain('nat', 'KUBE-SERVICES', family)?.rules ?? [];
  return rules.some((rule) => rule.dst?.prefix.split('/')[0] === ip);
}
