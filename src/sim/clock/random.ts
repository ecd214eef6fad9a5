/**
 * Seeded chance in named streams. Each purpose draws from its own stream ("pod-names", "iptables/node-1"), so that a new
 * draw in one place does not change the luck of another.
 */

/** mulberry32: a 32-bit state, one multiplication chain per draw; the state is one number, so a keyframe is trivial. */
function nextState(state: number): { state: number; value: number } {
  const next = (state + 0x6d2b79f5) >>> 0;
  let t = next;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return { state: next, value: ((t ^ (t >>> 14)) >>> 0) / 4294967296 };
}

/** FNV-1a over UTF-16 units: spreads stream names over the seed space. */
function nameSeed(name: string, seed: number): number {
  let hash = (2166136261 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619) >>> 0;
  return hash;
}

export class RandomStreams {
  private readonly states = new Map<string, number>();

  constructor(readonly seed: number) {}

  /** A number in [0, 1) from the named stream. */
  next(stream: string): number {
    const { state, value } = nextState(this.states.get(stream) ?? nameSeed(stream, this.seed));
    this.states.set(stream, state);
    return value;
  }

  /** A whole number in [0, bound) from the named stream. */
  below(stream: string, bound: number): number {
    return Math.floor(this.next(stream) * bound);
  }

  /** `length` letters of `alphabet` from the named stream. */
  text(stream: string, alphabet: string, length: number): string {
    let out = '';
    for (let i = 0; i < length; i++) out += alphabet[this.below(stream, alphabet.length)];
    return out;
  }

  keyframe(): ReadonlyMap<string, number> {
    return new Map(this.states);
  }

  restore(from: ReadonlyMap<string, number>): void {
    this.states.clear();
    for (const [stream, state] of from) this.states.set(stream, state);
  }
}
