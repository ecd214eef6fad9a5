/**
 * Maps with two keys (device and address, bridge and MAC) as maps of maps: looking one up builds no text, which matters
 * on every hop of every packet.
 */

export type PairMap<V> = Map<string, Map<string, V>>;

export function getPair<V>(map: PairMap<V>, a: string, b: string): V | undefined {
  return map.get(a)?.get(b);
}

export function setPair<V>(map: PairMap<V>, a: string, b: string, value: V): void {
  const inner = map.get(a);
  if (inner === undefined) map.set(a, new Map([[b, value]]));
  else inner.set(b, value);
}

export function deletePair<V>(map: PairMap<V>, a: string, b: string): void {
  map.get(a)?.delete(b);
}

/** All values, by first key and then in the order they came. */
export function pairValues<V>(map: PairMap<V>): V[] {
  return [...map.values()].flatMap((inner) => [...inner.values()]);
}

/** A copy that shares the values and nothing else. */
export function copyPairs<V>(map: PairMap<V>): PairMap<V> {
  return new Map([...map].map(([a, inner]) => [a, new Map(inner)]));
}
