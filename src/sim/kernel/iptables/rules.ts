/**
 * iptables' tables as data: what `iptables-restore` takes and `iptables-save` prints. Ruled by iptables(8) and
 * iptables-extensions(8). A rule holds its matches in the order in which they were written; the kernel tries them in
 * that order, which matters where a match has an effect of its own (recent).
 *
 *               raw → (conntrack) → mangle → nat → routing …        prerouting, output
 *               mangle → filter → nat                               input
 *               mangle → filter                                     forward, output
 *               mangle → nat                                        postrouting
 */
import type { Origin } from '../../trace/hop';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';

/** "-s 10.0.0.0/8", "! -d 127.0.0.0/8"; the prefix is canonical text with its length. */
export interface PrefixMatch {
  readonly prefix: string;
  readonly not?: boolean;
}

/** "-i cni0", "! -o eth+"; a plus at the end stands for any rest. */
export interface DeviceMatch {
  readonly device: string;
  readonly not?: boolean;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
  readonly not?: boolean;
}

export type ConnState = 'INVALID' | 'NEW' | 'RELATED' | 'ESTABLISHED' | 'UNTRACKED' | 'SNAT' | 'DNAT';
export type TcpFlagName = 'FIN' | 'SYN' | 'RST' | 'PSH' | 'ACK';

/** Matches behind `-m`, in iptables-extensions(8)'s terms. */
export type Match =
  | { readonly kind: 'comment'; readonly text: string }
  | {
      readonly kind: 'tcp' | 'udp' | 'sctp';
      readonly sport?: PortRange;
      readonly dport?: PortRange;
      /** --tcp-flags: of `mask` exactly `set`. */
      readonly flags?: {
        readonly mask: readonly TcpFlagName[];
        readonly set: readonly TcpFlagName[];
        readonly not?: boolean;
      };
    }
  | { readonly kind: 'icmp'; readonly type: number; readonly code?: number; readonly not?: boolean }
  | {
      readonly kind: 'multiport';
      readonly side: 'sports' | 'dports' | 'ports';
      readonly ports: readonly { readonly from: number; readonly to: number }[];
      readonly not?: boolean;
    }
  | {
      readonly kind: 'addrtype';
      readonly src?: { readonly type: AddressType; readonly not?: boolean };
      readonly dst?: { readonly type: AddressType; readonly not?: boolean };
    }
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number; readonly not?: boolean }
  | { readonly kind: 'conntrack'; readonly states: readonly ConnState[]; readonly not?: boolean }
  /** `chance` is the probability in 1/2^31, as the kernel holds it. */
  | { readonly kind: 'statistic'; readonly chance: number; readonly not?: boolean }
  | {
      readonly kind: 'recent';
      readonly op: 'set' | 'rcheck' | 'update' | 'remove';
      readonly name: string;
      readonly seconds?: number;
      readonly hitcount?: number;
      readonly reap?: boolean;
      readonly not?: boolean;
    }
  | {
      readonly kind: 'set';
      readonly name: string;
      readonly flags: readonly ('src' | 'dst')[];
      readonly not?: boolean;
    }
  | { readonly kind: 'nfacct'; readonly name: string }
  /** A connection that IPVS balances: by its virtual address, protocol and port. */
  | {
      readonly kind: 'ipvs';
      readonly address: string;
      readonly protocol: 'tcp' | 'udp' | 'sctp';
      readonly port: number;
    }
  | { readonly kind: 'physdev'; readonly flag: 'is-bridged' | 'is-in'; readonly not?: boolean };

export type AddressType = 'UNSPEC' | 'UNICAST' | 'LOCAL' | 'BROADCAST' | 'MULTICAST';

export type RejectWith =
  | 'icmp-port-unreachable'
  | 'icmp-admin-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp6-port-unreachable'
  | 'icmp6-adm-prohibited'
  | 'tcp-reset';

export type Target =
  | { readonly kind: 'ACCEPT' | 'DROP' }
  | { readonly kind: 'RETURN' }
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  | { readonly kind: 'jump'; readonly chain: string }
  | { readonly kind: 'goto'; readonly chain: string }
  /** mark = (mark & ~mask) ^ value, the one operation that set, or, and, xor are written as. */
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number }
  | { readonly kind: 'DNAT' | 'SNAT'; readonly to: NatTo; readonly randomFully?: boolean }
  | { readonly kind: 'MASQUERADE'; readonly ports?: NatTo['ports']; readonly randomFully?: boolean }
  /** -j CT --notrack */
  | { readonly kind: 'NOTRACK' };

/** "10.244.1.5:8080", "10.0.0.1", ":9000-9010". */
export interface NatTo {
  readonly ip?: string;
  readonly ports?: { readonly from: number; readonly to: number };
}

export interface Rule {
  readonly src?: PrefixMatch;
  readonly dst?: PrefixMatch;
  readonly inDevice?: DeviceMatch;
  readonly outDevice?: DeviceMatch;
  readonly protocol?: { readonly name: RuleProtocol; readonly not?: boolean };
  readonly matches: readonly Match[];
  /** Absent: the rule only counts. */
  readonly target?: Target;
  /** Why the rule is there; not part of its text. */
  readonly origin?: Origin;
}

export type RuleProtocol = 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmpv6' | 'ipip';

export interface Chain {
  readonly name: string;
  /** Built-in chains have one, others do not. */
  readonly policy?: 'ACCEPT' | 'DROP';
  readonly rules: readonly Rule[];
}

/** One table of one family: its chains by name. */
export type Table = ReadonlyMap<string, Chain>;
