/** The packet and its host as rules see them, for both rule languages. */
import type { Clock } from '../../clock/clock';
import type { Packet } from '../../trace/packet';
import { natOf, type Conntrack } from '../conntrack';
import { isBalanced } from '../ipvs/load';
import type { MatchContext } from '../iptables/matches';
import type { ConnState, Match } from '../iptables/rules';
import type { IpSets } from './ipset';
import type { ConnectionRef, NetnsFacts, Skb } from './netfilter';
import type { RecentLists } from './recent';

/** The parts of a netns' netfilter that rules may ask. */
export interface RuleWorld {
  readonly clock: Clock;
  readonly conntrack: Conntrack;
  readonly sets: IpSets;
  readonly recent: RecentLists;
  account(name: string): number;
  setAccount(name: string, packets: number): void;
}

type Seen = ConnectionRef['state'];

function withNat(state: Seen): readonly (readonly ConnState[])[] {
  return [[state], [state, 'DNAT'], [state, 'SNAT'], [state, 'DNAT', 'SNAT']];
}

/** States of a connection by whether its destination (1) and its source (2) are translated. */
const STATES: Readonly<Record<Seen, readonly (readonly ConnState[])[]>> = {
  NEW: withNat('NEW'),
  ESTABLISHED: withNat('ESTABLISHED'),
  RELATED: withNat('RELATED'),
  INVALID: withNat('INVALID'),
  UNTRACKED: withNat('UNTRACKED'),
};

/** One for a netns, filled anew for each walk and never kept by one: it is made for every table at every hook. */
export class PacketContext implements MatchContext {
  family: 4 | 6 = 4;
  packet: Packet = {};
  src = '';
  dst = '';
  mark = 0;
  inDevice = '';
  outDevice = '';
  private connection: ConnectionRef | undefined;
  private known: readonly ConnState[] | null = null;
  private readonly statistic: string;

  constructor(
    private readonly facts: NetnsFacts,
    private readonly world: RuleWorld,
  ) {
    this.statistic = `${facts.label}/statistic`;
  }

  /** The context of a packet; what the last one saw is gone. */
  of(skb: Skb, family: 4 | 6): this {
    const { ip } = skb.packet;
    this.family = family;
    this.packet = skb.packet;
    this.src = ip!.src;
    this.dst = ip!.dst;
    this.mark = skb.mark;
    this.inDevice = skb.inDevice ?? '';
    this.outDevice = skb.outDevice ?? '';
    this.connection = skb.connection;
    this.known = null;
    return this;
  }

  get states(): readonly ConnState[] {
    return (this.known ??= this.findStates());
  }

  isLocalAddress(ip: string): boolean {
    return this.facts.isLocalAddress(ip);
  }

  chance(): number {
    return this.world.clock.random.below(this.statistic, 0x80000000);
  }

  inSet(name: string, flags: readonly ('src' | 'dst')[], packet: Packet): boolean {
    return this.world.sets.has(name, flags, packet);
  }

  recent(match: Extract<Match, { kind: 'recent' }>, source: string): boolean {
    return this.world.recent.ask(match, source, this.world.clock.nowNs);
  }

  countAccount(name: string): void {
    this.world.setAccount(name, this.world.account(name) + 1);
  }

  isBalanced(address: string, protocol: string, port: number): boolean {
    return isBalanced(this.world.conntrack.entryOf(this.connection), address, protocol, port);
  }

  private findStates(): readonly ConnState[] {
    const { connection } = this;
    if (connection === undefined) return STATES.INVALID[0]!;
    const entry = this.world.conntrack.entryOf(connection);
    const nat = entry === undefined ? 0 : natOf(entry);
    return STATES[connection.state][nat]!;
  }
}
