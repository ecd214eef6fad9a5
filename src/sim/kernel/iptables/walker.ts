/**
 * The walk of one packet through one table at one hook: rule after rule, into chains and back, until something decides.
 * It changes nothing but the mark; what a NAT target wants is handed back for conntrack to do (ip_tables.c's ipt_do_table).
 */
import type { RuleStep } from '../../trace/hop';
import { RuleList } from '../../trace/rule-list';
import { nextMatch } from './chain-index';
import type { MatchContext } from './matches';
import { printRule } from './print';
import type { Chain, Table, TableName, Target } from './rules';

/** What ends a walk. */
export type Decision = Exclude<Target, { kind: 'RETURN' | 'jump' | 'goto' | 'MARK' }>;

export interface Walk {
  /** The deciding target; ACCEPT or DROP by policy when no rule decided. */
  readonly decision: Decision;
  readonly byPolicy: boolean;
  readonly mark: number;
  /** The rules that matched. */
  readonly met: RuleList;
  readonly rulesPassed: number;
  /** The first chain that was jumped to, undefined when the built-in chain alone was walked. */
  readonly firstJump?: string;
}

export interface WalkInput {
  readonly table: TableName;
  readonly chains: Table;
  /** Built-in chain to begin at. */
  readonly hookChain: string;
  /** The packet as rules see it. Its mark changes on the way, for the rules that follow. */
  readonly context: MatchContext & { mark: number };
  /** Is told of each rule that matched, 0-based, and of the policy with the index after the last rule. */
  readonly counters: RuleCounters;
  readonly bytes: number;
}

/** Packet counters of rules; see RuleTables. */
export interface RuleCounters {
  count(family: 4 | 6, table: TableName, chain: string, rule: number, bytes: number): void;
}

/** A chain that was left by a jump, and the rule to go on with after the return. */
interface Frame {
  readonly chain: Chain;
  readonly next: number;
  readonly below: Frame | null;
  readonly depth: number;
}

const DEPTH = 64;
const POLICIES: Readonly<Record<'ACCEPT' | 'DROP', Decision>> = {
  ACCEPT: { kind: 'ACCEPT' },
  DROP: { kind: 'DROP' },
};

/**
 * Walks a table. Chains that jump in a circle cannot be written on a real kernel; here they end after 64 levels. A circle
 * of gotos would not end: nothing that writes rules here makes one.
 */
export function walk(input: WalkInput): Walk {
  const { table, chains, hookChain, context, counters, bytes } = input;
  const { family } = context;
  const start = chains.get(hookChain);
  let met = RuleList.EMPTY;
  let caller: Frame | null = null as Frame | null;
  let passed = 0;
  let firstJump: string | undefined;
  let chain = start;
  let next = 0;
  while (chain !== undefined) {
    const at = nextMatch(chain, context, next);
    passed += (at < 0 ? chain.rules.length : at + 1) - next;
    let target: Target | undefined = RETURN;
    if (at >= 0) {
      met = met.with(stepOf(table, chain, at, family));
      counters.count(family, table, chain.name, at, bytes);
      next = at + 1;
      target = chain.rules[at]!.target;
      if (target === undefined) continue;
    }
    if (target.kind === 'MARK') context.mark = ((context.mark & ~target.mask) ^ target.value) >>> 0;
    else if (target.kind === 'RETURN' || target.kind === 'jump' || target.kind === 'goto') {
      const named = target.kind === 'RETURN' ? undefined : target.chain;
      firstJump ??= named;
      const called = named === undefined ? undefined : chains.get(named);
      const depth: number = (caller?.depth ?? 0) + (target.kind === 'jump' ? 1 : 0);
      // The chain that is being walked counts as a level, too.
      if (called !== undefined && depth < DEPTH) {
        if (target.kind === 'jump') caller = { chain, next, below: caller, depth };
        chain = called;
        next = 0;
      } else if (target.kind !== 'jump') {
        chain = caller?.chain;
        next = caller?.next ?? 0;
        caller = caller?.below ?? null;
      }
    } else
      return { decision: target, byPolicy: false, mark: context.mark, met, rulesPassed: passed, firstJump };
  }
  if (start) counters.count(family, table, hookChain, start.rules.length, bytes);
  const decision = POLICIES[start?.policy ?? 'ACCEPT'];
  return { decision, byPolicy: true, mark: context.mark, met, rulesPassed: passed, firstJump };
}

const RETURN: Target = { kind: 'RETURN' };

// Rules are immutable, so what a hop tells of one never changes: a pure memo, which also lets all hops share it.
const told = new WeakMap<Chain, { readonly table: TableName; readonly steps: (RuleStep | undefined)[] }>();

function stepOf(table: TableName, chain: Chain, at: number, family: 4 | 6): RuleStep {
  let known = told.get(chain);
  if (known?.table !== table) told.set(chain, (known = { table, steps: [] }));
  return (known.steps[at] ??= makeStep(table, chain, at, family));
}

function makeStep(table: TableName, chain: Chain, at: number, family: 4 | 6): RuleStep {
  const rule = chain.rules[at]!;
  const text = printRule(chain.name, rule, family);
  const step = { table, chain: chain.name, rule: text, number: at + 1, passed: at + 1 };
  return rule.origin === undefined ? step : { ...step, origin: rule.origin };
}
