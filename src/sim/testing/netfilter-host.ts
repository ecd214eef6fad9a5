/** Packets, hosts and rules for tests of netfilter and of what writes its rules. */
import { Clock } from '../clock/clock';
import type { Packet, TcpFlag } from '../trace/packet';
import { parseRestore } from '../kernel/iptables/parse';
import type { ChainInput } from '../kernel/iptables/tables';
import type { HookName, HookResult, NetnsFacts, Skb } from '../kernel/netfilter/netfilter';
import { createNetfilter, type NetfilterState } from '../kernel/netfilter/state';

export interface TestHost {
  readonly clock: Clock;
  readonly netfilter: NetfilterState;
}

/** A host with the address 192.168.0.2 and the rules of a restore input. */
export function host(rules: string, sysctls: Readonly<Record<string, number>> = {}): TestHost {
  const clock = new Clock(7);
  const facts: NetnsFacts = {
    label: 'a/host',
    isLocalAddress: (ip) => ip === '192.168.0.2' || ip.startsWith('127.'),
    masqueradeAddress: (device) => (device === 'none' ? null : '192.168.0.2'),
    sysctl: (name) => sysctls[name] ?? (name.endsWith('tcp_loose') ? 1 : 0),
  };
  const netfilter = createNetfilter(facts, { clock });
  load(netfilter, rules);
  return { clock, netfilter };
}

/** iptables-restore --noflush of these lines. */
export function load(netfilter: NetfilterState, text: string): void {
  for (const { table, commands } of parseRestore(text.split('\n'))) {
    const chains = new Map<string, ChainInput>();
    for (const command of commands) {
      const chain = chains.get(command.chain) ?? { name: command.chain, rules: [] };
      if (command.op === 'chain') chains.set(command.chain, { ...chain, policy: command.policy });
      if (command.op === 'append')
        chains.set(command.chain, { ...chain, rules: [...chain.rules, command.rule] });
    }
    netfilter.rules.restore(table, [...chains.values()], { noflush: true });
  }
}

/** "10.1.0.4:4000" and so on. */
export function tcp(from: string, to: string, ...flags: TcpFlag[]): Packet {
  const [src, srcPort] = split(from);
  const [dst, dstPort] = split(to);
  return {
    ip: { version: 4, src, dst, ttl: 64, protocol: 'tcp', df: true },
    l4: { kind: 'tcp', srcPort, dstPort, seq: 1, ack: 0, flags },
  };
}

export function udp(from: string, to: string): Packet {
  const [src, srcPort] = split(from);
  const [dst, dstPort] = split(to);
  return {
    ip: { version: 4, src, dst, ttl: 64, protocol: 'udp', df: true },
    l4: { kind: 'udp', srcPort, dstPort },
  };
}

export function echo(src: string, dst: string, id: number, type: 'echo-request' | 'echo-reply'): Packet {
  return {
    ip: { version: 4, src, dst, ttl: 64, protocol: 'icmp', df: true },
    l4: { kind: 'icmp', type, id, seq: 1 },
  };
}

function split(text: string): [string, number] {
  const [ip = '', port = '0'] = text.split(':');
  return [ip, Number(port)];
}

/** Takes a packet through the hooks of a forwarding host; the last result decides. */
export function forwarded({ netfilter }: TestHost, packet: Packet): HookResult {
  return through(netfilter, packet, ['prerouting', 'forward', 'postrouting']);
}

export function through(netfilter: NetfilterState, packet: Packet, hooks: readonly HookName[]): HookResult {
  let skb: Skb = { packet, mark: 0, inDevice: 'eth0', outDevice: 'eth1' };
  let result: HookResult | undefined;
  for (const hook of hooks) {
    result = netfilter.run(hook, skb);
    if (result.verdict !== 'accept') return result;
    skb = result.skb;
  }
  return result!;
}

/** "10.1.0.4:4000 > 10.2.0.9:80" */
export function addresses(packet: Packet): string {
  const { ip, l4 } = packet;
  if (l4 === undefined || l4.kind === 'icmp') return `${ip?.src} > ${ip?.dst}`;
  return `${ip?.src}:${l4.srcPort} > ${ip?.dst}:${l4.dstPort}`;
}
