/**
 * Which rules of a long chain a packet can possibly match. Linux looks at every rule in turn; the simulator must report
 * the same numbers without the same work, so rules with one whole destination address are found by that address. The
 * outcome is the walk's, only the rules that cannot match are skipped over.
 */
import { matches, type MatchContext } from './matches';
import type { Chain } from './rules';

/** Below this length looking at each rule is cheaper than an index. */
const WORTH_IT = 24;
const NONE: readonly number[] = [];

interface ChainIndex {
  /** Rule numbers (0-based, ascending) by exact destination. */
  readonly byDestination: ReadonlyMap<string, readonly number[]>;
  /** Rule numbers that any destination may match. */
  readonly others: readonly number[];
}

// Derived from immutable data: a pure memo, not state.
const indexes = new WeakMap<Chain, ChainIndex>();

/** The next rule of a chain that matches, from number `from` on; -1 at the end of the chain. */
export function nextMatch(chain: Chain, context: MatchContext, from: number): number {
  const { rules } = chain;
  if (rules.length >= WORTH_IT) return nextIndexed(chain, context, from);
  for (let i = from; i < rules.length; i++) if (matches(rules[i]!, context)) return i;
  return -1;
}

/** Tries the rules of this destination and those of any, merged in the order in which they stand. */
function nextIndexed(chain: Chain, context: MatchContext, from: number): number {
  let index = indexes.get(chain);
  if (index === undefined) indexes.set(chain, (index = build(chain)));
  const own = index.byDestination.get(context.dst) ?? NONE;
  const { others } = index;
  let i = placeOf(own, from);
  let j = placeOf(others, from);
  while (i < own.length || j < others.length) {
    const isOwn = j >= others.length || (i < own.length && own[i]! < others[j]!);
    const number = isOwn ? own[i++]! : others[j++]!;
    if (matches(chain.rules[number]!, context)) return number;
  }
  return -1;
}

/** Where the first number that is not below `from` stands in an ascending list. */
function placeOf(numbers: readonly number[], from: number): number {
  let low = 0;
  let high = from === 0 ? 0 : numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function build(chain: Chain): ChainIndex {
  const byDestination = new Map<string, number[]>();
  const others: number[] = [];
  chain.rules.forEach((rule, number) => {
    const [address = '', length] = rule.dst?.prefix.split('/') ?? [];
    const whole =
      rule.dst !== undefined && !rule.dst.not && length === (address.includes(':') ? '128' : '32');
    if (!whole) others.push(number);
    else {
      const list = byDestination.get(address);
      if (list) list.push(number);
      else byDestination.set(address, [number]);
    }
  });
  return { byDestination, others };
}
