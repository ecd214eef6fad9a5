/**
 * What the rest of the kernel sees of netfilter: five hooks, and behind them connection tracking, NAT and the tables.
 */
import type { Ns } from '../../clock/clock';
import type { RuleStep } from '../../trace/hop';
import type { Packet } from '../../trace/packet';
import type { Connection } from '../conntrack-states';

export type HookName = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** A packet inside the host, with what the kernel remembers about it (sk_buff). Immutable. */
export interface Skb {
  readonly packet: Packet;
  /** fwmark, 32 bits. */
  readonly mark: number;
  readonly inDevice?: string;
  readonly outDevice?: string;
  /** Set by connection tracking at prerouting or output. */
  readonly connection?: ConnectionRef;
}

/** The connection that a packet belongs to, as seen at this moment. */
export interface ConnectionRef {
  /** Id of the conntrack entry; 0 for packets that are not tracked or invalid. */
  readonly id: number;
  readonly state: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';
  readonly direction: 'original' | 'reply';
  /**
   * The entry as it was when the packet was looked up. It travels with the packet: until the first packet of a connection
   * has left by the last hook there is no other copy. Keep it over a loopback, drop it where the packet changes netns.
   */
  readonly entry?: Connection;
  /** Rules have been asked for a destination; they are asked once, also when the packet takes another hook later. */
  readonly bound?: boolean;
}

/** What the netns knows and rules may ask about (addrtype, masquerade address). Implemented by the stack. */
export interface NetnsFacts {
  /** The netns' name for random streams and messages: "node-1/host". */
  readonly label: string;
  isLocalAddress(ip: string): boolean;
  /** The source address that masquerade picks on a device for packets to `dst`. */
  masqueradeAddress(device: string, dst: string): string | null;
  sysctl(name: string): number;
}

/** One thing that happened in a hook, in order; the stack makes a Hop of each. */
export interface HookStep {
  /** hook: passed without effect. conntrack: a known connection was translated. chain: rules did something. */
  readonly station: 'hook' | 'conntrack' | 'chain';
  /** "PREROUTING", or the first chain that the hook jumped to, "FORWARDING-RULES". */
  readonly name: string;
  readonly action: 'pass' | 'dnat' | 'snat' | 'masquerade' | 'untranslate' | 'drop' | 'reject';
  readonly before: Packet;
  readonly after: Packet;
  readonly rules: readonly RuleStep[];
  readonly rulesPassed: number;
  readonly costNs: Ns;
  readonly facts?: Readonly<Record<string, string>>;
}

export interface HookResult {
  readonly verdict: 'accept' | 'drop' | 'reject';
  /** The packet afterwards, with mark and connection. */
  readonly skb: Skb;
  readonly steps: readonly HookStep[];
  /** For reject: what to send back. */
  readonly rejectWith?:
    'icmp-port-unreachable' | 'icmp-admin-prohibited' | 'icmp-host-prohibited' | 'tcp-reset';
  /** For drop: "rule", "conntrack-invalid" or "martian". */
  readonly reason?: string;
}

/** The netfilter state of one netns. Rules and connections are data; The tables' own types are beside this file. */
export interface Netfilter {
  /** Walks everything that is registered at a hook, in priority order, and reports each step. */
  run(hook: HookName, skb: Skb): HookResult;
  /** True when nothing is registered and no connection is tracked, so the hook can be skipped (a quiet netns). */
  readonly idle: boolean;
  keyframe(): unknown;
  restore(from: unknown): void;
}
