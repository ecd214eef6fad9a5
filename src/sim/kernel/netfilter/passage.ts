/** One packet's passage through one hook: what was met so far, gathered into the steps that the trace shows. */
import type { RuleStep } from '../../trace/hop';
import type { Packet } from '../../trace/packet';
import { FIRST_PACKET_BY_MAP_NS, FIRST_PACKET_NS, KNOWN_PACKET_HOOK_NS, rulesCostNs } from './cost';
import type { HookName, HookResult, HookStep, Skb } from './netfilter';

/** Lives for one call of run(); never kept. */
export class Passage {
  /** Set by the stage that opened a connection. */
  opened = false;
  /** The packet is a connection's first and has paid for that in an earlier hook. */
  first = false;
  /** Set when the packet was taken off this hook and goes on elsewhere. */
  taken = false;
  ended: Omit<HookResult, 'skb' | 'steps'> | null = null;
  private readonly steps: HookStep[] = [];
  /** Rules met in tables that had no effect; they are told with the next step, or with the last. */
  private quietRules: RuleStep[] = [];
  private quietPassed = 0;
  /** Those of them that cost time one by one; an nft ruleset with its maps is one flat price. */
  private quietCharged = 0;
  private lastCharged = 0;
  private mapped = false;

  constructor(
    readonly hook: HookName,
    public skb: Skb,
  ) {}

  /** Rules were looked at, and nothing came of it. `flat`: they stand in an nft ruleset. */
  quiet(rules: readonly RuleStep[], rulesPassed: number, flat = false): void {
    this.quietRules.push(...rules);
    this.quietPassed += rulesPassed;
    if (flat) this.mapped = true;
    else this.quietCharged += rulesPassed;
  }

  /** Something was done to the packet; it goes on as `after`. */
  step(did: Pick<HookStep, 'station' | 'name' | 'action' | 'facts'>, after: Packet): void {
    const before = this.skb.packet;
    const { station, name, action, facts } = did;
    const rulesPassed = this.quietPassed;
    const costNs = rulesCostNs(this.quietCharged);
    this.steps.push({
      station,
      name,
      action,
      before,
      after,
      rules: this.quietRules,
      rulesPassed,
      costNs,
      facts,
    });
    this.lastCharged = this.quietCharged;
    this.quietRules = [];
    this.quietPassed = 0;
    this.quietCharged = 0;
    if (after !== before) this.skb = { ...this.skb, packet: after };
  }

  end(how: Omit<HookResult, 'skb' | 'steps'>): void {
    this.ended = how;
  }

  /** The result, with at least one step in it. */
  result(): HookResult {
    if (this.steps.length === 0) {
      this.step({ station: 'hook', name: this.hook.toUpperCase(), action: 'pass' }, this.skb.packet);
    } else if (this.quietPassed > 0) this.tellRest();
    const { steps, skb } = this;
    steps[0] = withCost(steps[0]!, steps[0]!.costNs + this.baseNs());
    return this.ended === null ? { verdict: 'accept', skb, steps } : { ...this.ended, skb, steps };
  }

  private tellRest(): void {
    const last = this.steps.pop()!;
    const rulesPassed = last.rulesPassed + this.quietPassed;
    this.steps.push({
      ...last,
      rules: [...last.rules, ...this.quietRules],
      rulesPassed,
      costNs: rulesCostNs(this.lastCharged + this.quietCharged),
    });
  }

  private baseNs(): number {
    if (this.opened) return this.mapped ? FIRST_PACKET_BY_MAP_NS : FIRST_PACKET_NS;
    return this.first ? 0 : KNOWN_PACKET_HOOK_NS;
  }
}

/** A literal, not a spread: this runs at every hook of every packet. */
function withCost(step: HookStep, costNs: number): HookStep {
  const { station, name, action, before, after, rules, rulesPassed, facts } = step;
  return { station, name, action, before, after, rules, rulesPassed, costNs, facts };
}
