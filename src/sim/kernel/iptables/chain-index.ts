/**
 * Which rules of a long chain a packet can possibly match. Linux looks at every rule in turn; the simulator must report
 * the same numbers without the same work, so rules with one whole destination address are found by that address. The
 * outcome is the walk's, only the rules that cannot match are skipped over.
 */
import type { Chain } from './rules';

/** Below this length looking at each rule is cheaper than an index. */
const WORTH_IT = 24;

interface ChainIndex {
  /** Rule numbers (0-based, ascending) by exact destination. */
  readonly byDestination: ReadonlyMap<string, readonly number[]>;
  /** Rule numbers that any destination may match. */
  readonly others: readonly number[];
}

// Derived from immutable data: a pure memo, not state.
const indexes = new WeakMap<Chain, ChainIndex>();

/** The rules to try from number `from` on, ascending; null when every rule has to be tried. */
export function candidates(chain: Chain, destination: string, from: number): readonly number[] | null {
  if (chain.rules.length < WORTH_IT) return null;
  let index = indexes.get(chain);
  if (index === undefined) {
    index = build(chain);
    indexes.set(chain, index);
  }
  const own = index.byDestination.get(destination) ?? [];
  const merged = own.length === 0 ? index.others : [...own, ...index.others].sort((a, b) => a - b);
  return from === 0 ? merged : merged.filter((number) => number >= from);
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
