/**
 * The iptables tables of one netns, both families, and what agents do to them: restore a table (`iptables-restore`, with
 * or without --noflush), make sure that a chain or a rule is there, insert, append, delete. Rules are replaced, never
 * changed; the packet and byte counters stand beside them, and live as long as the chain's rules are not rewritten.
 */
import { BUILTIN_CHAINS, printRule, TABLE_ORDER } from './print';
import type { Chain, Rule, Table, TableName } from './rules';

export type Family = 4 | 6;

/** Packets and bytes of one chain, by rule; the entry after the last rule belongs to the chain's policy. */
interface ChainCounters {
  packets: number[];
  bytes: number[];
}

export interface TablesKeyframe {
  readonly tables: ReadonlyMap<string, Table>;
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, ChainCounters>>;
  readonly version: number;
}

/** A chain as restore takes it; the policy is only looked at for built-in chains. */
export interface ChainInput {
  readonly name: string;
  readonly policy?: 'ACCEPT' | 'DROP';
  readonly rules: readonly Rule[];
}

export interface RestoreOptions {
  readonly family?: Family;
  /** Keep the chains that are not named, as iptables-restore --noflush does. */
  readonly noflush?: boolean;
  /** Chains to delete at the end ("-X"). */
  readonly deleteChains?: readonly string[];
}

const EMPTY: Table = new Map();

/** "4/nat": written out once, because every packet asks for every table at every hook. */
const KEYS: Readonly<Record<Family, Readonly<Record<TableName, string>>>> = {
  4: { raw: '4/raw', mangle: '4/mangle', nat: '4/nat', filter: '4/filter' },
  6: { raw: '6/raw', mangle: '6/mangle', nat: '6/nat', filter: '6/filter' },
};

/** What `-m recent` remembers: a list lives as long as a rule names it (xt_recent's reference count). */
interface NamedLists {
  readonly isEmpty: boolean;
  keepOnly(names: ReadonlySet<string>): void;
}

/** Counters of the chains of one table, by chain. */
type TableCounters = Map<string, ChainCounters>;

export class RuleTables {
  /** Counts writes; whoever remembers something about the rules compares it. */
  version = 0;
  private tables = new Map<string, Table>();
  /** By table, then by chain. */
  private counters = new Map<string, TableCounters>();
  /** Tables that no keyframe shares, so that a write need not copy tens of thousands of chains. */
  private readonly own = new Set<string>();

  constructor(private readonly recent?: NamedLists) {}

  /** The chains of a table; empty when nobody has touched it yet. */
  table(name: TableName, family: Family = 4): Table {
    return this.tables.get(KEYS[family][name]) ?? EMPTY;
  }

  /** Tables that exist, in the order in which iptables-save lists them. */
  names(family: Family = 4): TableName[] {
    return TABLE_ORDER.filter((name) => this.tables.has(KEYS[family][name]));
  }

  chain(table: TableName, chain: string, family: Family = 4): Chain | undefined {
    return this.table(table, family).get(chain);
  }

  /** Rules in all tables of a family. */
  ruleCount(family: Family = 4): number {
    let count = 0;
    for (const name of TABLE_ORDER)
      for (const chain of this.table(name, family).values()) count += chain.rules.length;
    return count;
  }

  /** True when no table of the family holds a rule or a policy other than ACCEPT. */
  isEmpty(family: Family): boolean {
    for (const name of TABLE_ORDER) {
      for (const chain of this.table(name, family).values()) {
        if (chain.rules.length > 0 || chain.policy === 'DROP') return false;
      }
    }
    return true;
  }

  /** Writes whole chains in one transaction. Counters of the chains written start at zero, the others go on. */
  restore(name: TableName, chains: readonly ChainInput[], options: RestoreOptions = {}): void {
    const family = options.family ?? 4;
    const next = options.noflush ? this.writable(name, family) : new Map(freshTable(name));
    const key = KEYS[family][name];
    if (!options.noflush) this.counters.delete(key);
    const counters = this.counters.get(key);
    for (const { name: chain, policy, rules } of chains) {
      const kept = policy ?? next.get(chain)?.policy;
      next.set(chain, kept === undefined ? { name: chain, rules } : { name: chain, policy: kept, rules });
      counters?.delete(chain);
    }
    for (const chain of options.deleteChains ?? []) {
      next.delete(chain);
      counters?.delete(chain);
    }
    this.tables.set(key, next);
    this.own.add(key);
    this.version++;
    this.releaseLists();
  }

  /** Makes an empty chain unless it exists. True when it had to be made. */
  ensureChain(table: TableName, chain: string, family: Family = 4): boolean {
    if (this.touched(table, family).has(chain)) return false;
    this.setChain(table, family, { name: chain, rules: [] });
    return true;
  }

  /**
   * Makes sure that a rule with this text is in the chain, at its front or its end when it has to be added. True when it
   * was there already (`iptables -C`, then -I or -A).
   */
  ensureRule(
    table: TableName,
    chain: string,
    rule: Rule,
    at: 'front' | 'end' = 'end',
    family: Family = 4,
  ): boolean {
    const text = printRule(chain, rule, family);
    const rules = this.touched(table, family).get(chain)?.rules ?? [];
    if (rules.some((known) => printRule(chain, known, family) === text)) return true;
    this.insertRule(table, chain, at === 'front' ? 1 : rules.length + 1, rule, family);
    return false;
  }

  /** -I CHAIN number RULE; makes the chain when it is missing. */
  insertRule(table: TableName, chain: string, number: number, rule: Rule, family: Family = 4): void {
    const old = this.touched(table, family).get(chain) ?? { name: chain, rules: [] };
    const at = Math.max(0, Math.min(number - 1, old.rules.length));
    this.setChain(table, family, { ...old, rules: old.rules.toSpliced(at, 0, rule) });
    this.keepCounters(KEYS[family][table], chain, at, 'insert');
  }

  /** -D CHAIN RULE. True when such a rule was there. */
  deleteRule(table: TableName, chain: string, rule: Rule, family: Family = 4): boolean {
    const old = this.chain(table, chain, family);
    const text = printRule(chain, rule, family);
    const at = old?.rules.findIndex((known) => printRule(chain, known, family) === text) ?? -1;
    if (old === undefined || at < 0) return false;
    this.setChain(table, family, { ...old, rules: old.rules.toSpliced(at, 1) });
    this.keepCounters(KEYS[family][table], chain, at, 'delete');
    this.releaseLists();
    return true;
  }

  /** -F and -X of one chain. */
  deleteChain(table: TableName, chain: string, family: Family = 4): void {
    if (this.chain(table, chain, family) === undefined) return;
    this.restore(table, [], { family, noflush: true, deleteChains: [chain] });
  }

  setPolicy(table: TableName, chain: string, policy: 'ACCEPT' | 'DROP', family: Family = 4): void {
    const old = this.touched(table, family).get(chain);
    if (old) this.setChain(table, family, { ...old, policy });
  }

  /** Forgets everything, as `iptables -F; iptables -X` on every table does. */
  flushAll(family: Family = 4): void {
    for (const name of TABLE_ORDER) {
      if (this.tables.has(KEYS[family][name])) this.restore(name, [], { family });
    }
  }

  /** Adds one packet to the counters of a rule (0-based); the index after the last rule is the policy's. */
  count(family: Family, table: TableName, chain: string, rule: number, bytes: number): void {
    const key = KEYS[family][table];
    let ofTable = this.counters.get(key);
    if (ofTable === undefined) this.counters.set(key, (ofTable = new Map()));
    let counters = ofTable.get(chain);
    if (counters === undefined) ofTable.set(chain, (counters = { packets: [], bytes: [] }));
    counters.packets[rule] = (counters.packets[rule] ?? 0) + 1;
    counters.bytes[rule] = (counters.bytes[rule] ?? 0) + bytes;
  }

  /** [packets, bytes] of a rule (0-based), or of the policy for the index after the last rule. */
  countersOf(family: Family, table: TableName, chain: string, rule: number): readonly [number, number] {
    const counters = this.counters.get(KEYS[family][table])?.get(chain);
    return [counters?.packets[rule] ?? 0, counters?.bytes[rule] ?? 0];
  }

  keyframe(): TablesKeyframe {
    this.own.clear();
    const { version } = this;
    return { tables: new Map(this.tables), counters: copyCounters(this.counters), version };
  }

  restoreKeyframe(from: TablesKeyframe): void {
    this.own.clear();
    this.tables = new Map(from.tables);
    this.counters = copyCounters(from.counters);
    this.version = from.version;
  }

  private releaseLists(): void {
    if (this.recent === undefined || this.recent.isEmpty) return;
    const named = new Set<string>();
    for (const table of this.tables.values())
      for (const { rules } of table.values())
        for (const { matches } of rules)
          for (const match of matches) if (match.kind === 'recent') named.add(match.name);
    this.recent.keepOnly(named);
  }

  private touched(name: TableName, family: Family): Table {
    return this.tables.get(KEYS[family][name]) ?? freshTable(name);
  }

  /** The table as a map that may be written: the one at hand when it is ours alone, else a copy. */
  private writable(table: TableName, family: Family): Map<string, Chain> {
    const held = this.touched(table, family);
    return this.own.has(KEYS[family][table]) ? (held as Map<string, Chain>) : new Map(held);
  }

  private setChain(table: TableName, family: Family, chain: Chain): void {
    this.tables.set(KEYS[family][table], this.writable(table, family).set(chain.name, chain));
    this.own.add(KEYS[family][table]);
    this.version++;
  }

  /** The counters of the other rules go on when one is put in or taken out. */
  private keepCounters(table: string, chain: string, at: number, how: 'insert' | 'delete'): void {
    const ofTable = this.counters.get(table);
    const old = ofTable?.get(chain);
    if (ofTable === undefined || old === undefined) return;
    const shift = (list: readonly number[]) => {
      const dense = Array.from(list, (value) => value ?? 0);
      while (dense.length < at) dense.push(0);
      return how === 'insert' ? dense.toSpliced(at, 0, 0) : dense.toSpliced(at, 1);
    };
    ofTable.set(chain, { packets: shift(old.packets), bytes: shift(old.bytes) });
  }
}

function copyCounters(from: TablesKeyframe['counters']): Map<string, TableCounters> {
  const copied = ([chain, { packets, bytes }]: [string, ChainCounters]): [string, ChainCounters] => [
    chain,
    { packets: [...packets], bytes: [...bytes] },
  ];
  return new Map([...from].map(([key, ofTable]) => [key, new Map([...ofTable].map(copied))]));
}

/** The first touch of a table brings its built-in chains. */
function freshTable(name: TableName): Table {
  return new Map(
    BUILTIN_CHAINS[name].map((chain): [string, Chain] => [
      chain,
      { name: chain, policy: 'ACCEPT', rules: [] },
    ]),
  );
}
