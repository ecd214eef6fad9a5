/**
 * The rules that a packet met, as lists that packets share. Most packets meet the same few rules in the same order, so a
 * list is made once and found again by what it goes on with; lists of equal rules are one object.
 */
import type { RuleStep } from './hop';

/** A list of rules met. Only a memo in what it remembers: a list and a step always give the same list. */
export class RuleList {
  static readonly EMPTY = new RuleList([]);
  /** What followed last, looked at first. */
  private step: RuleStep | null = null;
  private next: RuleList = this;
  /** All that has followed; forgotten with the rules that it ends with. */
  private others: WeakMap<RuleStep, RuleList> | null = null;

  private constructor(readonly steps: readonly RuleStep[]) {}

  /** The list with one step more, which has to be the same object for the same rule. */
  with(step: RuleStep): RuleList {
    if (this.step === step) return this.next;
    this.others ??= new WeakMap();
    let next = this.others.get(step);
    if (next === undefined) this.others.set(step, (next = new RuleList([...this.steps, step])));
    this.step = step;
    this.next = next;
    return next;
  }

  /** This list and then the other. */
  join(rest: RuleList): RuleList {
    if (this.steps.length === 0) return rest;
    return rest.steps.reduce<RuleList>((list, step) => list.with(step), this);
  }
}
