/** How components read the mirror a record or a moment at a time, so that each renders only for its own news. */
import { useStore } from 'zustand';
import type { Ns } from '../sim/clock/clock';
import type { ClusterFacts, ViewTableName, ViewTables } from '../sim/view';
import { mirror, tableOf } from './mirror';

/** One record, or null when it is not there (any more). */
export function useRecord<T extends ViewTableName>(name: T, key: string | null): ViewTables[T] | null {
  return useStore(mirror, () => (key === null ? null : (tableOf(name).get(key) ?? null)));
}

/** Virtual time, rounded down to whole `stepNs` so that a label of seconds renders once a second. */
export function useNow(stepNs: Ns = 1): Ns {
  return useStore(mirror, (state) => Math.floor(state.nowNs / stepNs) * stepNs);
}

/** Settings and constants of the cluster; null until it has come up. */
export function useFacts(): ClusterFacts | null {
  return useStore(mirror, (state) => state.facts);
}

/** Something computed from the mirror. `select` must return a primitive or a kept reference. */
export function useMirror<V>(select: (state: ReturnType<typeof mirror.getState>) => V): V {
  return useStore(mirror, select);
}

/** How many records a table holds. */
export function useCount(name: ViewTableName): number {
  return useStore(mirror, () => tableOf(name).size);
}
