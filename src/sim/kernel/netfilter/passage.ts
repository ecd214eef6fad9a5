/** One packet's passage through one hook: what was met so far, gathered into the steps that the trace shows. */
import { RuleList } from '../../trace/rule-list';
import type { Packet } from '../../trace/packet';
import { FIRST_PACKET_BY_MAP_NS, FIRST_PACKET_NS, KNOWN_PACKET_HOOK_NS, rulesCostNs } from './cost';
import type { ConnectionRef, HookName, HookResult, HookStep, Skb } from './netfilter';

/** A step is grown in place until the passage hands it out. */
type OpenStep = { -readonly [K in keyof HookStep]: HookStep[K] };

/** The built-in chain of each hook, and the name of a step that is the hook as a whole. */
export const HOOK_CHAINS: Readonly<Record<HookName, string>> = {
  prerouting: 'PREROUTING',
  input: 'INPUT',
  forward: 'FORWARD',
  output: 'OUTPUT',
  postrouting: 'POSTROUTING',
};

/** Lives for one call of run(); never kept. */
export class Passage {
  /** Set by the stage that opened a connection. */
  opened = false;
  /** The packet is a connection's first and has paid for that in an earlier hook. */
  first = false;
  /** Set when the packet was taken off this hook and goes on elsewhere. */
  taken = false;
  ended: Omit<HookResult, 'skb' | 'steps'> | null = null;
  private steps: OpenStep[] | null = null;
  /** Rules met in tables that had no effect; they are told with the next step, or with the last. */
  private quietRules = RuleList.EMPTY;
  private quietPassed = 0;
  /** Those of them that cost time one by one; an nft ruleset with its maps is one flat price. */
  private quietCharged = 0;
  private lastRules = RuleList.EMPTY;
  private lastCharged = 0;
  private mapped = false;

  constructor(
    readonly hook: HookName,
    public skb: Skb,
  ) {}

  /** Rules were looked at, and nothing came of it. `flat`: they stand in an nft ruleset. */
  quiet(rules: RuleList, rulesPassed: number, flat = false): void {
    this.quietRules = this.quietRules.join(rules);
    this.quietPassed += rulesPassed;
    if (flat) this.mapped = true;
    else this.quietCharged += rulesPassed;
  }

  // Literals, not spreads, from here on: this runs at every hook of every packet.

  setConnection(connection: ConnectionRef): void {
    const { packet, mark, inDevice, outDevice } = this.skb;
    this.skb = { packet, mark, connection, inDevice, outDevice };
  }

  setMark(mark: number): void {
    const { packet, connection, inDevice, outDevice } = this.skb;
    this.skb = { packet, mark, connection, inDevice, outDevice };
  }

  /** Something was done to the packet; it goes on as `after`. */
  step(
    station: HookStep['station'],
    name: string,
    action: HookStep['action'],
    after: Packet,
    facts?: HookStep['facts'],
  ): void {
    const { packet: before, mark, connection, inDevice, outDevice } = this.skb;
    const { steps: rules } = this.quietRules;
    const rulesPassed = this.quietPassed;
    const costNs = rulesCostNs(this.quietCharged);
    const met = { station, name, action, before, after, rules, rulesPassed, costNs, facts };
    if (this.steps === null) this.steps = [met];
    else this.steps.push(met);
    this.lastRules = this.quietRules;
    this.lastCharged = this.quietCharged;
    this.quietRules = RuleList.EMPTY;
    this.quietPassed = 0;
    this.quietCharged = 0;
    if (after !== before) this.skb = { packet: after, mark, connection, inDevice, outDevice };
  }

  end(how: Omit<HookResult, 'skb' | 'steps'>): void {
    this.ended = how;
  }

  /** The result, with at least one step in it. */
  result(): HookResult {
    if (this.steps === null) this.step('hook', HOOK_CHAINS[this.hook], 'pass', this.skb.packet);
    else if (this.quietPassed > 0) this.tellRest(this.steps.at(-1)!);
    const steps = this.steps!;
    const { skb } = this;
    steps[0]!.costNs += this.baseNs();
    return this.ended === null ? { verdict: 'accept', skb, steps } : { ...this.ended, skb, steps };
  }

  private tellRest(last: OpenStep): void {
    last.rules = this.lastRules.join(this.quietRules).steps;
    last.rulesPassed += this.quietPassed;
    last.costNs = rulesCostNs(this.lastCharged + this.quietCharged);
  }

  private baseNs(): number {
    if (this.opened) return this.mapped ? FIRST_PACKET_BY_MAP_NS : FIRST_PACKET_NS;
    return this.first ? 0 : KNOWN_PACKET_HOOK_NS;
  }
}
