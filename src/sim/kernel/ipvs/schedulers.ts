/**
 * Which real server gets a new connection: the schedulers of net/netfilter/ipvs (ip_vs_rr.c, ip_vs_wrr.c, ip_vs_lc.c,
 * ip_vs_wlc.c, ip_vs_sed.c, ip_vs_nq.c, ip_vs_dh.c, ip_vs_sh.c). All of them leave out servers of weight 0.
 * Not simulated: lblc, lblcr, fo, ovf and mh; an unknown name behaves as rr.
 */

/** A real server as schedulers see it. */
export interface Candidate {
  readonly weight: number;
}

/** Connections that a real server has: established ones, and those that open or close. */
export interface Load {
  readonly active: number;
  readonly inactive: number;
}

/** What a scheduler remembers of a virtual server. */
export interface Turn {
  /** Place in the list that was served last; -1 before the first. */
  readonly index: number;
  /** wrr: the weight that a server must have to be served in this round. */
  readonly weight: number;
}

export const FIRST_TURN: Turn = { index: -1, weight: 0 };

export interface Asked<R extends Candidate> {
  /** Real servers that take connections, in the order in which they were added. Never empty. */
  readonly able: readonly R[];
  readonly client: string;
  readonly destination: string;
  readonly turn: Turn;
  load(real: R): Load;
}

export interface Chosen<R> {
  readonly real: R;
  readonly turn: Turn;
}

/** Picks by the scheduler's name. */
export function chooseReal<R extends Candidate>(scheduler: string, asked: Asked<R>): Chosen<R> {
  const { able, turn } = asked;
  const keep = (real: R): Chosen<R> => ({ real, turn });
  switch (scheduler) {
    case 'wrr':
      return weightedTurn(asked);
    case 'lc':
      return keep(least(able, (real) => overhead(asked.load(real))));
    case 'wlc':
      return keep(least(able, (real) => overhead(asked.load(real)) / real.weight));
    case 'sed':
      return keep(shortestDelay(asked));
    case 'nq':
      return keep(able.find((real) => asked.load(real).active === 0) ?? shortestDelay(asked));
    case 'dh':
      return keep(able[addressHash(asked.destination) % able.length]!);
    case 'sh':
      return keep(able[addressHash(asked.client) % able.length]!);
    default:
      return nextInTurn(asked);
  }
}

function nextInTurn<R extends Candidate>({ able, turn }: Asked<R>): Chosen<R> {
  const index = (turn.index + 1) % able.length;
  return { real: able[index]!, turn: { ...turn, index } };
}

/** Rounds with a falling threshold: heavy servers are served in more of them (the interleaving of ip_vs_wrr.c). */
function weightedTurn<R extends Candidate>({ able, turn }: Asked<R>): Chosen<R> {
  const step = able.map((real) => real.weight).reduce(commonDivisor);
  const heaviest = Math.max(...able.map((real) => real.weight));
  let { index, weight } = turn;
  for (;;) {
    index = (index + 1) % able.length;
    if (index === 0 || weight === 0) weight = weight > step ? weight - step : heaviest;
    const real = able[index]!;
    if (real.weight >= weight) return { real, turn: { index, weight } };
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** An active connection weighs as much as 256 inactive ones (ip_vs_dest_conn_overhead). */
function overhead({ active, inactive }: Load): number {
  return active * 256 + inactive;
}

function shortestDelay<R extends Candidate>({ able, load }: Asked<R>): R {
  return least(able, (real) => (load(real).active + 1) / real.weight);
}

/** The first of those with the smallest measure. */
function least<R extends Candidate>(able: readonly R[], measure: (real: R) => number): R {
  let best = able[0]!;
  let smallest = measure(best);
  for (const real of able.slice(1)) {
    const value = measure(real);
    if (value < smallest) [best, smallest] = [real, value];
  }
  return best;
}

/** Knuth's multiplicative hash over the address text, as ip_vs_sh and ip_vs_dh do over its bits. */
function addressHash(address: string): number {
  let hash = 0;
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), 2654435761) >>> 0;
  return hash >>> 8;
}
