/**
 * The walk of one packet through one base chain: statement after statement, rule after rule (net/netfilter/nf_tables_core.c).
 * Where iptables looks at one rule for each address, a map answers in a single step; that is why it is there.
 */
import { inPrefix } from '../../../lib/ip';
import type { RuleStep } from '../../trace/hop';
import { RuleList } from '../../trace/rule-list';
import type { Decision, Walk } from '../iptables/walker';
import type { MatchContext } from '../iptables/matches';
import { elementText, printNftRule } from './print';
import type { Field, NftChain, NftElement, NftRule, NftTable, Statement, Verdict } from './rules';

export interface NftWalkInput {
  readonly table: NftTable;
  readonly chain: NftChain;
  readonly context: MatchContext;
  holds(set: string, key: string): boolean;
  update(set: string, key: string): void;
  /** Draws a whole number below `bound`. */
  draw(bound: number): number;
}

interface Frame {
  readonly chain: NftChain;
  next: number;
}

/** What a rule came to: nothing, on with the mark changed, a verdict, or the end. */
type RuleResult =
  | { readonly kind: 'no-match' }
  | {
      readonly kind: 'done';
      readonly mark: number;
      readonly verdict?: Verdict;
      readonly decision?: Decision;
      readonly note?: string;
    };

/** Walks a base chain. An accept ends this chain only; the packet still meets the later ones. */
export function walkNft(input: NftWalkInput): Walk {
  let met = RuleList.EMPTY;
  let { mark } = input.context;
  let passed = 0;
  let firstJump: string | undefined;
  const stack: Frame[] = [{ chain: input.chain, next: 0 }];
  const end = (decision: Decision, byPolicy: boolean): Walk => {
    const walked = { decision, byPolicy, mark, met, rulesPassed: passed, firstJump };
    return walked;
  };
  while (stack.length > 0) {
    const frame = stack[stack.length - 1]!;
    const rule = frame.chain.rules[frame.next];
    if (rule === undefined) {
      stack.pop();
      continue;
    }
    frame.next++;
    passed++;
    const result = evaluate(rule, input, mark);
    if (result.kind === 'no-match') continue;
    mark = result.mark;
    met = met.with(stepOf(input, frame, rule, result.note));
    if (result.decision) return end(result.decision, false);
    const { verdict } = result;
    if (verdict === undefined) continue;
    if (verdict.kind === 'accept') return end({ kind: 'ACCEPT' }, false);
    if (verdict.kind === 'drop') return end({ kind: 'DROP' }, false);
    if (verdict.kind !== 'jump') stack.pop();
    if (!('chain' in verdict)) continue;
    firstJump ??= verdict.chain;
    const chain = input.table.chains.get(verdict.chain);
    if (chain !== undefined && stack.length < 16) stack.push({ chain, next: 0 });
  }
  return end({ kind: 'ACCEPT' }, true);
}

// Chains are immutable, so what a hop tells of a rule never changes: a pure memo, which also lets all hops share it. By
// rule, then by what a map answered; what more than this many entries of a map came to is made anew.
const NOTES = 1_000;
const told = new WeakMap<NftChain, (Map<string, RuleStep> | undefined)[]>();

function stepOf(
  input: NftWalkInput,
  { chain, next }: Frame,
  rule: NftRule,
  note: string | undefined,
): RuleStep {
  let ofChain = told.get(chain);
  if (ofChain === undefined) told.set(chain, (ofChain = []));
  const ofRule = (ofChain[next] ??= new Map());
  let step = ofRule.get(note ?? '');
  if (step === undefined) {
    if (ofRule.size >= NOTES) ofRule.clear();
    ofRule.set(note ?? '', (step = makeStep(input, chain, next, rule, note)));
  }
  return step;
}

function makeStep(
  input: NftWalkInput,
  chain: NftChain,
  next: number,
  rule: NftRule,
  note: string | undefined,
): RuleStep {
  const { family, name } = input.table;
  const text = printNftRule(rule, family) + (note === undefined ? '' : `  # ${note}`);
  const met = { table: `${family} ${name}`, chain: chain.name, rule: text, number: next, passed: next };
  return rule.origin === undefined ? met : { ...met, origin: rule.origin };
}

/** Statements in order; the first match that does not fit ends the rule. */
function evaluate(rule: NftRule, input: NftWalkInput, before: number): RuleResult {
  let mark = before;
  for (const statement of rule.statements) {
    if (statement.kind === 'mark-set') {
      mark = markAfter(statement, mark);
      continue;
    }
    if (statement.kind === 'update') {
      input.update(statement.set, input.context.src);
      continue;
    }
    const verdict = verdictOf(statement, input, mark);
    if (verdict === 'no-match') return { kind: 'no-match' };
    if (verdict !== null) return { kind: 'done', mark, ...verdict };
  }
  return { kind: 'done', mark };
}

function markAfter({ op, value }: Extract<Statement, { kind: 'mark-set' }>, mark: number): number {
  return (op === 'or' ? mark | value : op === 'xor' ? mark ^ value : mark & value) >>> 0;
}

type Outcome = { readonly verdict?: Verdict; readonly decision?: Decision; readonly note?: string };

/** Null: the statement fits and the rule goes on. */
function verdictOf(statement: Statement, input: NftWalkInput, mark: number): Outcome | 'no-match' | null {
  const { context } = input;
  switch (statement.kind) {
    case 'match':
      return matchFits(statement, input) ? null : 'no-match';
    case 'in-set': {
      const key = keyOf(statement.key, context);
      return key !== null && input.holds(statement.set, key) ? null : 'no-match';
    }
    case 'ct-status':
      return context.states.includes(statement.status.toUpperCase() as never) ? null : 'no-match';
    case 'ct-state':
      return statement.states.some((state) => context.states.includes(state.toUpperCase() as never))
        ? null
        : 'no-match';
    case 'fib':
      return context.isLocalAddress(statement.side === 'saddr' ? context.src : context.dst)
        ? null
        : 'no-match';
    case 'mark-is':
      return ((mark & statement.mask) >>> 0 === statement.value) !== (statement.not ?? false)
        ? null
        : 'no-match';
    case 'vmap':
      return lookedUp(statement, input);
    case 'numgen': {
      const { verdicts } = statement;
      return { verdict: verdicts[input.draw(verdicts.length)]! };
    }
    case 'verdict':
      return { verdict: statement.verdict };
    case 'reject':
      return { decision: { kind: 'REJECT', with: 'icmp-port-unreachable' } };
    case 'masquerade':
      return { decision: { kind: 'MASQUERADE', randomFully: statement.fullyRandom } };
    case 'dnat-map': {
      const { ip, port } = statement.targets[input.draw(statement.targets.length)]!;
      return { decision: { kind: 'DNAT', to: { ip, ports: { from: port, to: port } } } };
    }
    case 'dnat': {
      const ports = { from: statement.port, to: statement.port };
      return { decision: { kind: 'DNAT', to: { ip: statement.ip, ports } } };
    }
    default:
      return null;
  }
}

function lookedUp(
  statement: Extract<Statement, { kind: 'vmap' }>,
  input: NftWalkInput,
): Outcome | 'no-match' {
  const key = keyOf(statement.key, input.context);
  const element: NftElement | undefined =
    key === null ? undefined : input.table.sets.get(statement.map)?.elements.get(key);
  if (key === null || element?.verdict === undefined) return 'no-match';
  return { verdict: element.verdict, note: elementText(key, element, true) };
}

function keyOf(fields: readonly Field[], context: MatchContext): string | null {
  const parts = fields.map((field) => fieldOf(field, context));
  return parts.includes(null) ? null : parts.join(' . ');
}

function fieldOf(field: Field, context: MatchContext): string | null {
  const { l4, ip } = context.packet;
  switch (field) {
    case 'saddr':
      return context.src;
    case 'daddr':
      return context.dst;
    case 'l4proto':
      return ip?.protocol ?? null;
    case 'dport':
      return l4 === undefined || l4.kind === 'icmp' ? null : String(l4.dstPort);
    case 'iifname':
      return context.inDevice;
    case 'oifname':
      return context.outDevice;
  }
}

function matchFits(match: Extract<Statement, { kind: 'match' }>, input: NftWalkInput): boolean {
  const value = fieldOf(match.field, input.context);
  if (value === null) return false;
  const isAddress = match.field === 'saddr' || match.field === 'daddr';
  const fits =
    match.set !== undefined
      ? input.holds(match.set, value)
      : (match.values ?? []).some((wanted) =>
          isAddress ? inPrefix(value, wanted) : nameFits(value, wanted),
        );
  return fits !== (match.not ?? false);
}

/** "veth*" stands for every name that begins so. */
function nameFits(value: string, wanted: string): boolean {
  return wanted === value || (wanted.endsWith('*') && value.startsWith(wanted.slice(0, -1)));
}
