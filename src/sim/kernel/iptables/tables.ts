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
  readonly counters: ReadonlyMap<string, ChainCounters>;
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

export class RuleTables {
  /** Counts writes; whoever remembers something about the rules compares it. */
  version = 0;
  private tables = new Map<string, Table>();
  private counters = new Map<string, ChainCounters>();
  /** Tables that no keyframe shares, so that a write need not copy tens of thousands of chains. */
  private readonly own = new Set<string>();

  /** The chains of a table; empty when nobody has touched it yet. */
  table(name: TableName, family: Family = 4): Table {
    return this.tables.get(`${family}/${name}`) ?? EMPTY;
  }

  /** Tables that exist, in the order in which iptables-save lists them. */
  names(family: Family = 4): TableName[] {
    return TABLE_ORDER.filter((name) => this.tables.has(`${family}/${name}`));
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
    if (!options.noflush) this.dropCounters(`${family}/${name}/`);
    for (const { name: chain, policy, rules } of chains) {
      const kept = policy ?? next.get(chain)?.policy;
      next.set(chain, kept === undefined ? { name: chain, rules } : { name: chain, policy: kept, rules });
      this.counters.delete(`${family}/${name}/${chain}`);
    }
    for (const chain of options.deleteChains ?? []) {
      next.delete(chain);
      this.counters.delete(`${family}/${name}/${chain}`);
    }
    this.tables.set(`${family}/${name}`, next);
    this.own.add(`${family}/${name}`);
    this.version++;
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
    const counters = this.counters.get(`${family}/${table}/${chain}`);
    this.setChain(table, family, { ...old, rules: old.rules.toSpliced(at, 0, rule) });
    if (counters) this.keepCounters(`${family}/${table}/${chain}`, counters, at, 'insert');
  }

  /** -D CHAIN RULE. True when such a rule was there. */
  deleteRule(table: TableName, chain: string, rule: Rule, family: Family = 4): boolean {
    const old = this.chain(table, chain, family);
    const text = printRule(chain, rule, family);
    const at = old?.rules.findIndex((known) => printRule(chain, known, family) === text) ?? -1;
    if (old === undefined || at < 0) return false;
    const counters = this.counters.get(`${family}/${table}/${chain}`);
    this.setChain(table, family, { ...old, rules: old.rules.toSpliced(at, 1) });
    if (counters) this.keepCounters(`${family}/${table}/${chain}`, counters, at, 'delete');
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
      if (this.tables.has(`${family}/${name}`)) this.restore(name, [], { family });
    }
  }

  /** Adds one packet to the counters of a rule (0-based); the index after the last rule is the policy's. */
  count(family: Family, table: TableName, chain: string, rule: number, bytes: number): void {
    const key = `${family}/${table}/${chain}`;
    let counters = this.counters.get(key);
    if (counters === undefined) {
      counters = { packets: [], bytes: [] };
      this.counters.set(key, counters);
    }
    counters.packets[rule] = (counters.packets[rule] ?? 0) + 1;
    counters.bytes[rule] = (counters.bytes[rule] ?? 0) + bytes;
  }

  /** [packets, bytes] of a rule (0-based), or of the policy for the index after the last rule. */
  countersOf(family: Family, table: TableName, chain: string, rule: number): readonly [number, number] {
    const counters = this.counters.get(`${family}/${table}/${chain}`);
    return [counters?.packets[rule] ?? 0, counters?.bytes[rule] ?? 0];
  }

  keyframe(): TablesKeyframe {
    this.own.clear();
    const counters = [...this.counters].map(([key, { packets, bytes }]): [string, ChainCounters] => [
      key,
      { packets: [...packets], bytes: [...bytes] },
    ]);
    return { tables: new Map(this.tables), counters: new Map(counters), version: this.version };
  }

  restoreKeyframe(from: TablesKeyframe): void {
    this.own.clear();
    this.tables = new Map(from.tables);
    this.counters = new Map(
      [...from.counters].map(([key, { packets, bytes }]) => [
        key,
        { packets: [...packets], bytes: [...bytes] },
      ]),
    );
    this.version = from.version;
  }

  private touched(name: TableName, family: Family): Table {
    return this.tables.get(`${family}/${name}`) ?? freshTable(name);
  }

  /** The table as a map that may be written: the one at hand when it is ours alone, else a copy. */
  private writable(table: TableName, family: Family): Map<string, Chain> {
    const held = this.touched(table, family);
    return this.own.has(`${family}/${table}`) ? (held as Map<string, Chain>) : new Map(held);
  }

  private setChain(table: TableName, family: Family, chain: Chain): void {
    this.tables.set(`${family}/${table}`, this.writable(table, family).set(chain.name, chain));
    this.own.add(`${family}/${table}`);
    this.version++;
  }

  private keepCounters(key: string, old: ChainCounters, at: number, how: 'insert' | 'delete'): void {
    const shift = (list: readonly number[]) => {
      const dense = Array.from(list, (value) => value ?? 0);
      while (dense.length < at) dense.push(0);
      return how === 'insert' ? dense.toSpliced(at, 0, 0) : dense.toSpliced(at, 1);
    };
    this.counters.set(key, { packets: shift(old.packets), bytes: shift(old.bytes) });
  }

  private dropCounters(prefix: string): void {
    for (const key of this.counters.keys()) if (key.startsWith(prefix)) this.counters.delete(key);
  }
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
