/** The nf_tables of one netns and the transactions that change them (nft -f): all of one or nothing. */
import type { Ns } from '../../clock/clock';
import { SECOND } from '../../clock/clock';
import type { HookName } from '../netfilter/netfilter';
import type { NftChain, NftElement, NftFamily, NftRule, NftSet, NftTable } from './rules';

/** One operation of a transaction, within one table. */
export type NftOperation =
  | { readonly op: 'add-set'; readonly set: Omit<NftSet, 'elements'> }
  | { readonly op: 'delete-set'; readonly name: string }
  | { readonly op: 'add-element'; readonly set: string; readonly key: string; readonly element: NftElement }
  | { readonly op: 'delete-element'; readonly set: string; readonly key: string }
  | { readonly op: 'add-chain'; readonly chain: Omit<NftChain, 'rules'> }
  | { readonly op: 'flush-chain' | 'delete-chain'; readonly name: string }
  | { readonly op: 'add-rule'; readonly chain: string; readonly rule: NftRule };

/** A base chain with the table that it is in. */
export interface HookedChain {
  readonly table: NftTable;
  readonly chain: NftChain;
}

export interface NftKeyframe {
  readonly tables: ReadonlyMap<string, NftTable>;
  readonly dynamic: ReadonlyMap<string, ReadonlyMap<string, Ns>>;
  readonly version: number;
}

export class NftTables {
  /** Counts transactions. */
  version = 0;
  private tables = new Map<string, NftTable>();
  /** Elements that rules added to dynamic sets, with the moment at which they run out; by "family table set". */
  private dynamic = new Map<string, ReadonlyMap<string, Ns>>();
  /** Base chains by hook, for one version of the tables; a memo, not state. */
  private readonly memo = new Map<string, readonly HookedChain[]>();
  private memoOf = -1;

  table(family: NftFamily, name: string): NftTable | undefined {
    return this.tables.get(`${family} ${name}`);
  }

  /** Tables in the order in which they were made. */
  list(): NftTable[] {
    return [...this.tables.values()];
  }

  get isEmpty(): boolean {
    return this.tables.size === 0;
  }

  ruleCount(): number {
    let count = 0;
    for (const table of this.tables.values())
      for (const chain of table.chains.values()) count += chain.rules.length;
    return count;
  }

  /** Runs a transaction; a table that is not there yet is made. */
  apply(family: NftFamily, name: string, operations: readonly NftOperation[], comment?: string): void {
    const old = this.table(family, name);
    const sets = new Map(old?.sets);
    const chains = new Map(old?.chains);
    for (const operation of operations) perform(operation, sets, chains);
    // What rules added to a set goes with it.
    for (const operation of operations)
      if (operation.op === 'delete-set') this.dynamic.delete(`${family} ${name} ${operation.name}`);
    const said = comment ?? old?.comment;
    this.tables.set(`${family} ${name}`, {
      family,
      name,
      ...(said === undefined ? {} : { comment: said }),
      sets: released(sets),
      chains,
    });
    this.version++;
  }

  deleteTable(family: NftFamily, name: string): void {
    this.tables.delete(`${family} ${name}`);
    for (const key of this.dynamic.keys()) if (key.startsWith(`${family} ${name} `)) this.dynamic.delete(key);
    this.version++;
  }

  /** nft flush ruleset */
  flush(): void {
    this.tables.clear();
    this.dynamic.clear();
    this.version++;
  }

  /** Base chains of a hook for an IP version, in priority order. */
  hooked(hook: HookName, version: 4 | 6): readonly HookedChain[] {
    if (this.memoOf !== this.version) this.memo.clear();
    this.memoOf = this.version;
    const key = `${hook}/${version}`;
    let found = this.memo.get(key);
    if (found === undefined)
      this.memo.set(key, (found = this.findHooked(hook, version === 4 ? 'ip' : 'ip6')));
    return found;
  }

  private findHooked(hook: HookName, family: NftFamily): HookedChain[] {
    const found: HookedChain[] = [];
    for (const table of this.tables.values()) {
      if (table.family !== family) continue;
      for (const chain of table.chains.values()) if (chain.base?.hook === hook) found.push({ table, chain });
    }
    return found.sort((a, b) => a.chain.base!.priority - b.chain.base!.priority);
  }

  /** Whether a set holds a key, declared or added by a rule and not run out. */
  holds(table: NftTable, set: string, key: string, nowNs: Ns): boolean {
    if (table.sets.get(set)?.elements.has(key)) return true;
    return (this.dynamic.get(`${table.family} ${table.name} ${set}`)?.get(key) ?? -1) > nowNs;
  }

  /** A rule adds an element to a dynamic set, or makes it live on. */
  update(table: NftTable, set: string, key: string, nowNs: Ns): void {
    const id = `${table.family} ${table.name} ${set}`;
    const lifetime = (table.sets.get(set)?.timeoutSeconds ?? 0) * SECOND;
    const alive = [...(this.dynamic.get(id) ?? [])].filter(([, expires]) => expires > nowNs);
    this.dynamic.set(id, new Map(alive).set(key, nowNs + lifetime));
  }

  keyframe(): NftKeyframe {
    return { tables: new Map(this.tables), dynamic: new Map(this.dynamic), version: this.version };
  }

  restore(from: NftKeyframe): void {
    this.tables = new Map(from.tables);
    this.dynamic = new Map(from.dynamic);
    this.memo.clear();
    this.version = from.version;
  }
}

type Sets = Map<string, NftSet>;
type Chains = Map<string, NftChain>;

/** During a transaction element maps are copied once and then grown in place. */
const owned = new WeakSet<ReadonlyMap<string, NftElement>>();

function elementsOf(sets: Sets, name: string): Map<string, NftElement> {
  const set = sets.get(name);
  if (set === undefined) throw new Error(`nft: No such file or directory: set ${name}`);
  if (owned.has(set.elements)) return set.elements as Map<string, NftElement>;
  const elements = new Map(set.elements);
  owned.add(elements);
  sets.set(name, { ...set, elements });
  return elements;
}

/** Ends the ownership, so that the next transaction copies again. */
function released(sets: Sets): Sets {
  for (const set of sets.values()) owned.delete(set.elements);
  return sets;
}

function perform(operation: NftOperation, sets: Sets, chains: Chains): void {
  switch (operation.op) {
    case 'add-set':
      addSet(operation.set, sets);
      return;
    case 'delete-set':
      sets.delete(operation.name);
      return;
    case 'add-element':
      elementsOf(sets, operation.set).set(operation.key, operation.element);
      return;
    case 'delete-element':
      elementsOf(sets, operation.set).delete(operation.key);
      return;
    case 'add-chain':
      if (!chains.has(operation.chain.name))
        chains.set(operation.chain.name, { ...operation.chain, rules: [] });
      return;
    case 'delete-chain':
      chains.delete(operation.name);
      return;
    case 'flush-chain':
      chains.set(operation.name, { ...need(chains, operation.name), rules: [] });
      return;
    case 'add-rule': {
      const chain = need(chains, operation.chain);
      chains.set(chain.name, { ...chain, rules: [...chain.rules, operation.rule] });
    }
  }
}

/** A set that is there already keeps its elements, and takes the new lifetime (Linux 6.x; observed). */
function addSet(set: Omit<NftSet, 'elements'>, sets: Sets): void {
  const old = sets.get(set.name);
  if (old === undefined) sets.set(set.name, { ...set, elements: new Map() });
  else if (set.timeoutSeconds !== undefined && set.timeoutSeconds !== old.timeoutSeconds)
    sets.set(set.name, { ...old, timeoutSeconds: set.timeoutSeconds });
}

function need(chains: Chains, name: string): NftChain {
  const chain = chains.get(name);
  if (chain === undefined) throw new Error(`nft: No such file or directory: chain ${name}`);
  return chain;
}
