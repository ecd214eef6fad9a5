/**
 * The mirror: the cluster as the worker last told it. Records live in keyed Maps that are mutated in place, with one
 * revision counter a table, because copying ten thousand keys for every patch costs more than the patch itself.
 * Records themselves are replaced, never changed, so a component that reads one record renders only when it is new.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { Ns } from '../sim/clock/clock';
import type {
  ClusterFacts,
  PacketGrowth,
  TablePatch,
  ViewPatch,
  ViewTableName,
  ViewTables,
} from '../sim/view';
import { UnderWay } from './under-way';

/** The tables by name; read through the hooks or `tableOf`, write only through `applyPatch`. */
type Tables = { readonly [T in ViewTableName]: Map<string, ViewTables[T]> };

export interface MirrorState {
  readonly nowNs: Ns;
  /** True while only periodic work is left. */
  readonly settled: boolean;
  readonly facts: ClusterFacts | null;
  /** Speed at which virtual time really runs, which under `auto` differs from what the dial asks for. */
  readonly nsPerSecond: number;
  /** Wall-clock ms (performance.now) at which `nowNs` was true. */
  readonly heardAtMs: number;
  /** Grows by one with each change to a table. */
  readonly revs: Readonly<Record<ViewTableName, number>>;
}

export const TABLE_NAMES: readonly ViewTableName[] = [
  'nodes',
  'pods',
  'services',
  'workloads',
  'objects',
  'packets',
  'requests',
  'changes',
  'events',
];

const tables: Tables = {
  nodes: new Map(),
  pods: new Map(),
  services: new Map(),
  workloads: new Map(),
  objects: new Map(),
  packets: new Map(),
  requests: new Map(),
  changes: new Map(),
  events: new Map(),
};

/** The packets that the canvas has to look at. */
export const underWay = new UnderWay(tables.packets);

const zeroRevs = Object.fromEntries(TABLE_NAMES.map((name) => [name, 0])) as Record<ViewTableName, number>;

export const mirror = createStore<MirrorState>(() => ({
  nowNs: 0,
  settled: false,
  facts: null,
  nsPerSecond: 0,
  heardAtMs: 0,
  revs: zeroRevs,
}));

/** Brings the mirror up to date. `heardAtMs` is performance.now() of the moment it came. */
export function applyPatch(patch: ViewPatch, nsPerSecond: number, heardAtMs: number): void {
  const revs = { ...mirror.getState().revs };
  for (const name of TABLE_NAMES) {
    const part = patch[name];
    if (part === undefined || (part.set.length === 0 && part.gone.length === 0)) continue;
    patchTable(tables[name] as Map<string, unknown>, part);
    revs[name]++;
  }
  for (const key of patch.packets?.gone ?? []) underWay.delete(key);
  for (const [key, trace] of patch.packets?.set ?? []) underWay.set(key, trace);
  for (const growth of patch.grown ?? []) grow(growth);
  if (patch.grown !== undefined) revs.packets++;
  const { nowNs, settled, facts } = patch;
  const known = mirror.getState().facts;
  mirror.setState({
    nowNs,
    settled,
    facts: known !== null && JSON.stringify(known) === JSON.stringify(facts) ? known : facts,
    nsPerSecond,
    heardAtMs,
    revs,
  });
}

/** A packet that is known has gone on. Its record is a new one, as with every change. */
function grow({ id, keep, hops, end }: PacketGrowth): void {
  const key = String(id);
  const known = tables.packets.get(key);
  if (known === undefined) return;
  const trace = { ...known, hops: [...known.hops.slice(0, keep), ...hops], end };
  tables.packets.set(key, trace);
  underWay.set(key, trace);
}

function patchTable(table: Map<string, unknown>, part: TablePatch<unknown>): void {
  for (const key of part.gone) table.delete(key);
  for (const [key, record] of part.set) table.set(key, record);
}

/** Forgets everything; a new cluster is about to be told. */
export function clearMirror(): void {
  const revs = { ...mirror.getState().revs };
  underWay.clear();
  for (const name of TABLE_NAMES) {
    tables[name].clear();
    revs[name]++;
  }
  mirror.setState({ nowNs: 0, settled: false, facts: null, nsPerSecond: 0, revs });
}

/** The live Map of a table, for code outside React. Never write to it. */
export function tableOf<T extends ViewTableName>(name: T): ReadonlyMap<string, ViewTables[T]> {
  return tables[name];
}

const rowMemo = new Map<ViewTableName, { rev: number; rows: readonly unknown[] }>();

/** All records of a table in the order in which they came; the same array until the table changes. */
export function rowsOf<T extends ViewTableName>(name: T): readonly ViewTables[T][] {
  const rev = mirror.getState().revs[name];
  const known = rowMemo.get(name);
  if (known?.rev === rev) return known.rows as readonly ViewTables[T][];
  const rows = [...tables[name].values()];
  rowMemo.set(name, { rev, rows });
  return rows as readonly ViewTables[T][];
}

/** All records of a table; renders again whenever the table changes. */
export function useTable<T extends ViewTableName>(name: T): readonly ViewTables[T][] {
  useStore(mirror, (state) => state.revs[name]);
  return rowsOf(name);
}
