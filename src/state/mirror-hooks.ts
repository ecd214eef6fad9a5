/** How components read the mirror a record or a moment at a time, so that each renders only for its own news. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Ns } from '../sim/clock/clock';
import type { ClusterFacts, ViewTableName, ViewTables } from '../sim/view';
import { mirror, rowsOf, tableOf } from './mirror';

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

const CALM_MS = 250;

/** All records of a table, at most four times a second: for long lists that nobody could read any faster. */
export function useCalmTable<T extends ViewTableName>(name: T): readonly ViewTables[T][] {
  const [rows, setRows] = useState(() => rowsOf(name));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const take = (): void => {
      timer = null;
      setRows(rowsOf(name));
    };
    timer = setTimeout(take, 0);
    const stop = mirror.subscribe((state, before) => {
      if (state.revs[name] !== before.revs[name]) timer ??= setTimeout(take, CALM_MS);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [name]);
  return rows;
}
