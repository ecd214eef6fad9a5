/**
 * netfilter of one netns: the tables, the connections, and a packet's way through them; stages.ts has the order.
 *
 * The nat table is asked for the first packet of a connection only; all others are rewritten from the entry. Base chains
 * of nf_tables stand between the stages by their priority; those of type nat are asked together with the nat table.
 */
import type { Clock } from '../../clock/clock';
import { Conntrack, UNTRACKED } from '../conntrack';
import type { ConntrackKeyframe } from '../conntrack';
import type { Connection } from '../conntrack-states';
import { printConnection, tupleText } from '../conntrack-print';
import type { Manip } from '../conntrack-tuple';
import { loadOf } from '../ipvs/load';
import { IpSets, type IpSetsKeyframe } from './ipset';
import type { TableName } from '../iptables/rules';
import { RuleTables, type Family, type TablesKeyframe } from '../iptables/tables';
import { walk, type Decision, type Walk } from '../iptables/walker';
import { bindDestination, bindSource, masquerade, nullBinding } from './nat';
import type { HookName, HookResult, Netfilter, NetnsFacts, Skb } from './netfilter';
import { Ipvs, type IpvsKeyframe } from '../ipvs/ipvs';
import { NftTables, type HookedChain, type NftKeyframe } from '../nft/tables';
import { walkNft } from '../nft/walker';
import { PacketContext } from './context';
import { packetBytes } from './packet-bytes';
import { HOOK_CHAINS, Passage } from './passage';
import { amongStages, STAGES, type Stage } from './stages';
import { RecentLists, type RecentKeyframe } from './recent';

export interface NetfilterKeyframe {
  readonly rules: TablesKeyframe;
  readonly nft: NftKeyframe;
  readonly ipvs: IpvsKeyframe;
  readonly conntrack: ConntrackKeyframe;
  readonly sets: IpSetsKeyframe;
  readonly recent: RecentKeyframe;
  readonly accounts: ReadonlyMap<string, number>;
}

export function createNetfilter(facts: NetnsFacts, deps: { readonly clock: Clock }): NetfilterState {
  return new NetfilterState(facts, deps.clock);
}

export class NetfilterState implements Netfilter {
  readonly recent = new RecentLists();
  readonly rules = new RuleTables(this.recent);
  readonly nft = new NftTables();
  readonly ipvs = new Ipvs();
  readonly sets = new IpSets();
  readonly conntrack: Conntrack;
  /** Packets counted by name (nfacct). */
  private accounts = new Map<string, number>();
  private activeAt: { version: number; four: boolean; six: boolean } = {
    version: -1,
    four: false,
    six: false,
  };
  /** Where nf_tables' chains stand, by hook and family, for one version of them; a memo, not state. */
  private readonly order = new Map<string, readonly (Stage | HookedChain)[]>();
  private orderOf = -1;
  private readonly context: PacketContext;

  constructor(
    private readonly facts: NetnsFacts,
    readonly clock: Clock,
  ) {
    this.conntrack = new Conntrack(facts, clock);
    this.context = new PacketContext(facts, this);
  }

  get idle(): boolean {
    return !this.active(4) && !this.active(6) && this.conntrack.count === 0;
  }

  /** Packets that an nfacct object has counted. */
  account(name: string): number {
    return this.accounts.get(name) ?? 0;
  }

  setAccount(name: string, packets: number): void {
    this.accounts.set(name, packets);
  }

  run(hook: HookName, skb: Skb): HookResult {
    const passage = new Passage(hook, skb);
    const family = skb.packet.ip?.version;
    if (family === undefined || (!this.active(family) && this.conntrack.count === 0)) return passage.result();
    passage.first = this.unconfirmed(skb) !== undefined;
    for (const stage of this.stages(hook, family)) {
      if (typeof stage === 'string') this.stage(stage, passage, family);
      else this.plain(passage, this.walkChain(stage, passage.skb, family), true);
      if (passage.ended || passage.taken) break;
    }
    return passage.result();
  }

  /** As after a boot: no rules, no connections, nothing remembered. */
  reset(): void {
    this.rules.flushAll(4);
    this.rules.flushAll(6);
    this.nft.flush();
    this.ipvs.clear();
    this.conntrack.flush();
    this.sets.restore(new Map());
    this.recent.restore(new Map());
    this.accounts.clear();
  }

  keyframe(): NetfilterKeyframe {
    return {
      rules: this.rules.keyframe(),
      nft: this.nft.keyframe(),
      ipvs: this.ipvs.keyframe(),
      conntrack: this.conntrack.keyframe(),
      sets: this.sets.keyframe(),
      recent: this.recent.keyframe(),
      accounts: new Map(this.accounts),
    };
  }

  restore(from: unknown): void {
    const frame = from as NetfilterKeyframe;
    this.rules.restoreKeyframe(frame.rules);
    this.nft.restore(frame.nft);
    this.ipvs.restore(frame.ipvs);
    this.conntrack.restore(frame.conntrack);
    this.sets.restore(frame.sets);
    this.recent.restore(frame.recent);
    this.accounts = new Map(frame.accounts);
    this.activeAt = { version: -1, four: false, six: false };
    this.orderOf = -1;
  }

  /** Conntrack runs in a netns once some rule of the family is there to need it. */
  private active(family: Family): boolean {
    const { version } = this.rules;
    if (this.activeAt.version !== version) {
      this.activeAt = { version, four: !this.rules.isEmpty(4), six: !this.rules.isEmpty(6) };
    }
    const rules = family === 4 ? this.activeAt.four : this.activeAt.six;
    return rules || !this.nft.isEmpty;
  }

  /** The stages of a hook with the filter chains of nf_tables among them. */
  private stages(hook: HookName, family: Family): readonly (Stage | HookedChain)[] {
    const { nft, order } = this;
    if (nft.isEmpty) return STAGES[hook];
    if (this.orderOf !== nft.version) order.clear();
    this.orderOf = nft.version;
    const key = family === 4 ? hook : SIX[hook];
    const known = order.get(key);
    if (known !== undefined) return known;
    const chains = nft.hooked(hook, family).filter(({ chain }) => chain.base?.type === 'filter');
    const stages = amongStages(hook, chains);
    order.set(key, stages);
    return stages;
  }

  private stage(stage: Stage, passage: Passage, family: Family): void {
    if (stage === 'track') this.track(passage);
    else if (stage === 'confirm') this.confirm(passage);
    else if (stage === 'ipvs') this.balance(passage);
    else if (stage === 'nat-dst') this.nat(passage, family, 'dst');
    else if (stage === 'nat-src') this.nat(passage, family, 'src');
    else this.plain(passage, this.walkTable(stage, passage, family));
  }

  private track(passage: Passage): void {
    // A packet that comes round by the loopback device, or that a rule exempted, keeps what it has.
    if (passage.skb.connection !== undefined) return;
    const connection = this.conntrack.track(passage.skb.packet);
    passage.setConnection(connection);
    passage.opened = this.unconfirmed(passage.skb) !== undefined;
    if (passage.opened && !this.conntrack.makeRoom()) {
      passage.step('conntrack', 'conntrack', 'drop', passage.skb.packet);
      passage.end({ verdict: 'drop', reason: 'conntrack-full' });
    }
  }

  private confirm(passage: Passage): void {
    const entry = this.unconfirmed(passage.skb);
    if (entry === undefined) return;
    const confirmed = this.conntrack.confirm(entry);
    if (confirmed === null) {
      passage.step('conntrack', 'conntrack', 'drop', passage.skb.packet);
      passage.end({ verdict: 'drop', reason: 'conntrack-clash' });
    } else this.setEntry(passage, confirmed);
  }

  /** The entry that still rides with its first packet. */
  private unconfirmed(skb: Skb): Connection | undefined {
    const ref = skb.connection;
    if (ref?.state !== 'NEW' || ref.entry === undefined) return undefined;
    return this.conntrack.get(ref.id) === undefined ? ref.entry : undefined;
  }

  private setEntry(passage: Passage, entry: Connection, bound = false): void {
    const { state, direction, bound: before } = passage.skb.connection!;
    passage.setConnection({ id: entry.id, state, direction, entry, bound: bound || before });
  }

  /** IPVS: a new connection to a virtual server gets a real one; packets of known ones follow. */
  private balance(passage: Passage): void {
    const { connection: ref, packet } = passage.skb;
    if (this.ipvs.isEmpty || ref === undefined || ref.id === 0 || ref.direction !== 'original') return;
    const fresh = this.unconfirmed(passage.skb);
    const server = this.ipvs.find(packet);
    if (fresh !== undefined && server !== undefined) {
      const real = this.ipvs.schedule(server, packet.ip!.src, this.clock.nowNs, (candidate) =>
        loadOf(this.conntrack.list(), server, candidate),
      );
      if (real === null) {
        passage.step('chain', 'IPVS', 'reject', packet);
        passage.end({ verdict: 'reject', rejectWith: 'icmp-port-unreachable', reason: 'no-real-server' });
        return;
      }
      const entry = this.conntrack.translate(fresh, 'dst', real.address, real.port);
      this.setEntry(passage, { ...entry, balanced: true }, true);
    }
    const entry = this.conntrack.entryOf(passage.skb.connection);
    if (entry?.balanced !== true) return;
    const after = this.conntrack.apply(packet, passage.skb.connection!, 'dst');
    if (after === packet) return;
    const facts = { ipvs: tupleText(entry.original), reply: tupleText(entry.reply) };
    passage.step('chain', 'IPVS', 'dnat', after, facts);
    // In the INPUT hook the packet is taken away here and goes on by OUTPUT and POSTROUTING, unless the real server is
    // this very host: then it stays on its way in.
    passage.taken = passage.hook === 'input' && !this.facts.isLocalAddress(after.ip!.dst);
  }

  /** raw, mangle, filter: the packet passes, is marked, or ends here. */
  private plain(passage: Passage, walked: Walk | null, flat = false): void {
    if (walked === null) return;
    const { decision } = walked;
    passage.quiet(walked.met, walked.rulesPassed, flat);
    const marked = walked.mark !== passage.skb.mark;
    if (marked) passage.setMark(walked.mark);
    if (decision.kind === 'NOTRACK') passage.setConnection(UNTRACKED);
    if (decision.kind === 'DROP' || decision.kind === 'REJECT') this.refuse(passage, walked);
    else if (marked) {
      const facts = { mark: `0x${walked.mark.toString(16)}` };
      passage.step('chain', chainName(passage, walked), 'pass', passage.skb.packet, facts);
    }
  }

  private refuse(passage: Passage, walked: Walk): void {
    const { decision } = walked;
    const action = decision.kind === 'REJECT' ? 'reject' : 'drop';
    passage.step('chain', chainName(passage, walked), action, passage.skb.packet);
    if (decision.kind === 'REJECT') {
      passage.end({ verdict: 'reject', rejectWith: rejectName(decision.with), reason: 'rule' });
      return;
    }
    const rule = walked.met.steps.at(-1)?.rule ?? '';
    const invalid = passage.skb.connection?.state === 'INVALID' && /--ctstate \S*INVALID/.test(rule);
    passage.end({ verdict: 'drop', reason: invalid ? 'conntrack-invalid' : 'rule' });
  }

  private nat(passage: Passage, family: Family, manip: Manip): void {
    const ref = passage.skb.connection;
    if (ref === undefined || ref.id === 0) return;
    const fresh = this.unconfirmed(passage.skb);
    if (fresh !== undefined) {
      this.natNew(passage, family, manip, fresh);
      return;
    }
    const entry = this.conntrack.entryOf(ref);
    // What IPVS translates goes to the virtual address until it reaches IPVS itself.
    const later = entry?.balanced === true && passage.hook === 'prerouting' && ref.direction === 'original';
    const before = passage.skb.packet;
    const after = later ? before : this.conntrack.apply(before, ref, manip);
    if (after === before || entry === undefined) return;
    const forth = manip === 'dst' ? 'dnat' : 'snat';
    const action = ref.direction === 'original' && ref.state !== 'RELATED' ? forth : 'untranslate';
    const facts = { conntrack: printConnection(entry, this.clock.nowNs) };
    passage.step('conntrack', 'conntrack', action, after, facts);
  }

  private natNew(passage: Passage, family: Family, manip: Manip, entry: Connection): void {
    if (manip === 'dst' && passage.skb.connection?.bound) return;
    const walked = this.askNat(passage, family);
    if (passage.ended) return;
    const bound = this.bind(passage, manip, entry, walked?.decision);
    if (bound === null) return this.refuse(passage, { ...walked!, decision: { kind: 'DROP' } });
    this.setEntry(passage, bound, manip === 'dst');
    const after = this.conntrack.apply(passage.skb.packet, passage.skb.connection!, manip);
    if (after === passage.skb.packet || walked === null) return;
    const action = manip === 'dst' ? 'dnat' : walked.decision.kind === 'MASQUERADE' ? 'masquerade' : 'snat';
    const facts = { original: tupleText(bound.original), reply: tupleText(bound.reply) };
    passage.step('chain', chainName(passage, walked), action, after, facts);
  }

  /** The nat table, then the nat chains of nf_tables, until one of them translates. The last walk is returned. */
  private askNat(passage: Passage, family: Family): Walk | null {
    let last = this.walkTable('nat', passage, family);
    if (last !== null && this.natEnds(passage, last, false)) return last;
    if (this.nft.isEmpty) return last;
    for (const hooked of this.nft.hooked(passage.hook, family)) {
      if (hooked.chain.base?.type !== 'nat') continue;
      const walked = this.walkChain(hooked, passage.skb, family);
      last = walked ?? last;
      if (walked !== null && this.natEnds(passage, walked, true)) break;
    }
    return last;
  }

  /** Takes account of one walk through nat rules; true when no further ones are asked. */
  private natEnds(passage: Passage, walked: Walk, flat: boolean): boolean {
    passage.quiet(walked.met, walked.rulesPassed, flat);
    if (walked.mark !== passage.skb.mark) passage.setMark(walked.mark);
    if (walked.decision.kind === 'DROP') this.refuse(passage, walked);
    return walked.decision.kind !== 'ACCEPT';
  }

  private bind(
    passage: Passage,
    manip: Manip,
    entry: Connection,
    decision: Decision | undefined,
  ): Connection | null {
    const world = { conntrack: this.conntrack, clock: this.clock, facts: this.facts };
    if (manip === 'dst')
      return decision?.kind === 'DNAT' ? bindDestination(world, entry, decision.to) : entry;
    if (decision?.kind === 'MASQUERADE') {
      return masquerade(world, entry, passage.skb, decision);
    }
    if (decision?.kind === 'SNAT')
      return bindSource(world, entry, decision.to, decision.randomFully ?? false);
    return nullBinding(world, entry);
  }

  private walkTable(table: TableName, passage: Passage, family: Family): Walk | null {
    const chains = this.rules.table(table, family);
    const hookChain = HOOK_CHAINS[passage.hook];
    const start = chains.get(hookChain);
    if (start === undefined || (start.rules.length === 0 && start.policy === 'ACCEPT')) return null;
    const bytes = packetBytes(passage.skb.packet);
    const context = this.context.of(passage.skb, family);
    return walk({ table, chains, hookChain, context, counters: this.rules, bytes });
  }

  private walkChain({ table, chain }: HookedChain, skb: Skb, family: Family): Walk | null {
    if (chain.rules.length === 0) return null;
    const { nowNs } = this.clock;
    return walkNft({
      table,
      chain,
      context: this.context.of(skb, family),
      holds: (set, key) => this.nft.holds(table, set, key, nowNs),
      update: (set, key) => this.nft.update(table, set, key, nowNs),
      draw: (bound) => this.clock.random.below(`${this.facts.label}/numgen`, bound),
    });
  }
}

/** Keys of what is remembered for IPv6. */
const SIX: Readonly<Record<HookName, string>> = {
  prerouting: 'prerouting 6',
  input: 'input 6',
  forward: 'forward 6',
  output: 'output 6',
  postrouting: 'postrouting 6',
};

function chainName(passage: Passage, walked: Walk): string {
  return walked.firstJump ?? HOOK_CHAINS[passage.hook];
}

function rejectName(name: string): NonNullable<HookResult['rejectWith']> {
  if (name === 'icmp6-port-unreachable') return 'icmp-port-unreachable';
  if (name === 'icmp6-adm-prohibited') return 'icmp-admin-prohibited';
  return name as NonNullable<HookResult['rejectWith']>;
}

/** The state behind a netns' netfilter, for agents that write rules. */
export function netfilterState(netfilter: Netfilter): NetfilterState {
  if (netfilter instanceof NetfilterState) return netfilter;
  throw new Error('this netfilter holds no tables');
}
