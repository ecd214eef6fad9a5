/**
 * The walk of one packet through one table at one hook: rule after rule, into chains and back, until something decides.
 * It changes nothing but the mark; what a NAT target wants is handed back for conntrack to do (ip_tables.c's ipt_do_table).
 */
import type { RuleStep } from '../../trace/hop';
import { candidates } from './chain-index';
import { matches, type MatchContext } from './matches';
import { printRule } from './print';
import type { Chain, Rule, Table, TableName, Target } from './rules';

/** What ends a walk. */
export type Decision = Exclude<Target, { kind: 'RETURN' | 'jump' | 'goto' | 'MARK' }>;

export interface Walk {
  /** The deciding target; ACCEPT or DROP by policy when no rule decided. */
  readonly decision: Decision;
  readonly byPolicy: boolean;
  readonly mark: number;
  readonly steps: readonly RuleStep[];
  readonly rulesPassed: number;
  /** The first chain that was jumped to, undefined when the built-in chain alone was walked. */
  readonly firstJump?: string;
}

export interface WalkInput {
  readonly table: TableName;
  readonly chains: Table;
  /** Built-in chain to begin at. */
  readonly hookChain: string;
  readonly context: MatchContext;
  /** Called for each rule that matched, 0-based, and for the policy with the index after the last rule. */
  readonly count: (chain: string, rule: number) => void;
}

interface Frame {
  readonly chain: Chain;
  next: number;
}

/** Walks a table. Loops between chains cannot be written on a real kernel; here they end after 64 levels. */
export function walk(input: WalkInput): Walk {
  const { chains, hookChain } = input;
  const steps: RuleStep[] = [];
  const start = chains.get(hookChain);
  let context = input.context;
  let passed = 0;
  let firstJump: string | undefined;
  const stack: Frame[] = start ? [{ chain: start, next: 0 }] : [];
  const end = (decision: Decision, byPolicy: boolean): Walk => {
    const walked = { decision, byPolicy, mark: context.mark, steps, rulesPassed: passed };
    return firstJump === undefined ? walked : { ...walked, firstJump };
  };
  while (stack.length > 0) {
    const frame = stack[stack.length - 1]!;
    const at = nextMatch(frame, context);
    passed += (at < 0 ? frame.chain.rules.length : at + 1) - frame.next;
    if (at < 0) {
      stack.pop();
      continue;
    }
    const rule = frame.chain.rules[at]!;
    const target = rule.target;
    frame.next = at + 1;
    steps.push(step(input, frame.chain, rule, at));
    input.count(frame.chain.name, at);
    if (target === undefined) continue;
    if (target.kind === 'RETURN') stack.pop();
    else if (target.kind === 'MARK') {
      context = { ...context, mark: ((context.mark & ~target.mask) ^ target.value) >>> 0 };
    } else if (target.kind === 'jump' || target.kind === 'goto') {
      firstJump ??= target.chain;
      if (target.kind === 'goto') stack.pop();
      const chain = chains.get(target.chain);
      if (chain !== undefined && stack.length < 64) stack.push({ chain, next: 0 });
    } else return end(target, false);
  }
  if (start) input.count(hookChain, start.rules.length);
  return end({ kind: start?.policy ?? 'ACCEPT' }, true);
}

/** The next rule of the frame that matches, or -1 at the end of the chain. */
function nextMatch(frame: Frame, context: MatchContext): number {
  const { chain, next } = frame;
  const few = candidates(chain, context.dst, next);
  if (few !== null) return few.find((number) => matches(chain.rules[number]!, context)) ?? -1;
  for (let i = next; i < chain.rules.length; i++) if (matches(chain.rules[i]!, context)) return i;
  return -1;
}

function step(input: WalkInput, chain: Chain, rule: Rule, at: number): RuleStep {
  const met = {
    table: input.table,
    chain: chain.name,
    rule: printRule(chain.name, rule, input.context.family),
    number: at + 1,
    passed: at + 1,
  };
  return rule.origin === undefined ? met : { ...met, origin: rule.origin };
}
