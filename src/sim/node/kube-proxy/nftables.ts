/**
 * nftables mode: from service ports to one transaction (pkg/proxy/nftables/proxier.go). Elements are compared with what
 * the kernel has; chains are written anew for changed Services only. Chains that nobody needs are emptied at once and
 * deleted a second later, because older kernels still see them referenced within the same transaction.
 */
import { SECOND, type Ns } from '../../clock/clock';
import type { NftChain, NftElement, NftTable } from '../../kernel/nft/rules';
import type { NftOperation } from '../../kernel/nft/tables';
import type { ProxyConfig } from './config';
import { serviceKey } from './iptables';
import { baseChains, baseSets, nodePortElements } from './nftables-base';
import { nftPortRules, type NftPortRules } from './nftables-port';
import type { ServicePortState } from './service-ports';
import type { TopologyNode } from './topology';

export interface NftablesInput {
  readonly ports: readonly ServicePortState[];
  readonly config: ProxyConfig;
  readonly node: TopologyNode;
  /** "namespace/name" of the Services that changed; null for a full sync. */
  readonly changed: ReadonlySet<string> | null;
  readonly current: NftTable | undefined;
  /** Chains and sets that were found unneeded, and when. */
  readonly stale: ReadonlyMap<string, Ns>;
  readonly nowNs: Ns;
}

export interface NftablesData {
  /** A transaction of its own that comes first: stale things that have waited long enough. */
  readonly cleanup: readonly NftOperation[];
  /** Table, sets and base chains; only in a full sync. */
  readonly setup: readonly NftOperation[];
  readonly operations: readonly NftOperation[];
  readonly stale: ReadonlyMap<string, Ns>;
  readonly rulesWritten: number;
  /** Rules in the whole table when it is done. */
  readonly rulesTotal: number;
  readonly noLocalEndpoints: { readonly internal: number; readonly external: number };
}

const STALE_AFTER_NS: Ns = SECOND;

const OWN_CHAIN = /^(service|local|external|endpoint|firewall)-[A-Z2-7]{8}-/;
const OWN_SET = /^affinity-[A-Z2-7]{8}-/;

export function generateNftables(input: NftablesInput): NftablesData {
  const { ports, config, node, changed, current } = input;
  const all = ports.map((port) => memoisedRules(port, config, node));
  const isWritten = (i: number) => changed === null || changed.has(serviceKey(ports[i]!));
  const written = all.filter((_, i) => isWritten(i));
  const setup = changed === null ? setupOperations(config, current) : [];
  const cleaned = cleanup(input);
  const unneeded = staleNow(input, all, cleaned.gone);
  // Also those that are there: their timeout may be another one now.
  const sets = written.flatMap((rules) => rules.sets);
  const left = changed === null ? current : undefined;
  const chains = written
    .flatMap((rules) => rules.chains)
    .filter((chain) => cleaned.gone.has(chain.name) || !isRightAsItIs(chain, left));
  const operations = [
    ...sets.map((set): NftOperation => ({ op: 'add-set', set })),
    // All chains first: their rules lead from one to another.
    ...chains.map((chain): NftOperation => ({ op: 'add-chain', chain: head(chain) })),
    ...chains.flatMap(rewritten),
    ...elementOperations(all, config, current),
    ...unneeded.flush.map((name): NftOperation => ({ op: 'flush-chain', name })),
  ];
  return {
    cleanup: cleaned.operations,
    setup,
    operations,
    stale: unneeded.stale,
    rulesWritten: [...setup, ...operations].filter(({ op }) => op === 'add-rule').length,
    rulesTotal: [...baseChains(config), ...all.flatMap((rules) => rules.chains)].reduce(
      (sum, chain) => sum + chain.rules.length,
      0,
    ),
    noLocalEndpoints: {
      internal: all.filter((rules) => rules.noLocalInternal).length,
      external: all.filter((rules) => rules.noLocalExternal).length,
    },
  };
}

function head({ name, base, comment }: NftChain): Omit<NftChain, 'rules'> {
  return { name, ...(base ? { base } : {}), ...(comment === undefined ? {} : { comment }) };
}

/** An endpoint chain that a proxy before this one left: its name says all that is in it. */
function isRightAsItIs(chain: NftChain, left: NftTable | undefined): boolean {
  return chain.name.startsWith('endpoint-') && (left?.chains.get(chain.name)?.rules.length ?? 0) > 0;
}

function rewritten(chain: NftChain): NftOperation[] {
  const { name } = chain;
  return [
    { op: 'flush-chain', name },
    ...chain.rules.map((rule): NftOperation => ({ op: 'add-rule', chain: name, rule })),
  ];
}

/** Declares the table. In a real transaction this is written at each full sync and changes nothing that is there. */
function setupOperations(config: ProxyConfig, current: NftTable | undefined): NftOperation[] {
  const sets = baseSets(config);
  const dropped = current?.sets.has('nodeport-ips') && !sets.some((set) => set.name === 'nodeport-ips');
  const chains = baseChains(config);
  return [
    ...sets.map((set): NftOperation => ({ op: 'add-set', set })),
    ...chains.map((chain): NftOperation => ({ op: 'add-chain', chain: head(chain) })),
    ...chains.flatMap(rewritten),
    ...(dropped ? [{ op: 'delete-set', name: 'nodeport-ips' } as const] : []),
  ];
}

/** What each shared set and map has to hold, against what it holds. */
function elementOperations(
  all: readonly NftPortRules[],
  config: ProxyConfig,
  current: NftTable | undefined,
): NftOperation[] {
  const wanted = new Map<string, Map<string, NftElement>>();
  for (const set of baseSets(config)) wanted.set(set.name, new Map());
  for (const [key, element] of nodePortElements(config)) wanted.get('nodeport-ips')?.set(key, element);
  for (const rules of all) {
    for (const { set, key, element } of rules.entries) {
      const elements = wanted.get(set)!;
      if (!elements.has(key)) elements.set(key, element);
    }
  }
  const operations: NftOperation[] = [];
  for (const [set, elements] of wanted) {
    const held = current?.sets.get(set)?.elements ?? new Map<string, NftElement>();
    for (const [key, element] of elements) {
      const old = held.get(key);
      if (old !== undefined && sameElement(old, element)) continue;
      if (old !== undefined) operations.push({ op: 'delete-element', set, key });
      operations.push({ op: 'add-element', set, key, element });
    }
    for (const key of held.keys())
      if (!elements.has(key)) operations.push({ op: 'delete-element', set, key });
  }
  return operations;
}

function sameElement(a: NftElement, b: NftElement): boolean {
  return a === b || (a.comment === b.comment && JSON.stringify(a.verdict) === JSON.stringify(b.verdict));
}

function needed(all: readonly NftPortRules[]): Set<string> {
  return new Set(all.flatMap((rules) => [...rules.chains, ...rules.sets].map(({ name }) => name)));
}

/** Deletes what was stale for long enough; it comes back right after when it is needed again. */
function cleanup({ stale, nowNs, current }: NftablesInput): {
  operations: NftOperation[];
  gone: ReadonlySet<string>;
} {
  const due = [...stale].filter(([, since]) => nowNs - since > STALE_AFTER_NS).map(([name]) => name);
  const operations = due.flatMap((name): NftOperation[] => {
    if (current?.chains.has(name)) return [{ op: 'delete-chain', name }];
    return current?.sets.has(name) ? [{ op: 'delete-set', name }] : [];
  });
  return { operations, gone: new Set(due) };
}

/** What exists and nobody needs: noted with the time, and chains are emptied the first time. */
function staleNow(
  { stale, nowNs, current }: NftablesInput,
  all: readonly NftPortRules[],
  gone: ReadonlySet<string>,
): { stale: ReadonlyMap<string, Ns>; flush: string[] } {
  const keep = needed(all);
  const next = new Map<string, Ns>();
  const flush: string[] = [];
  const look = (name: string, isChain: boolean) => {
    if (keep.has(name) || gone.has(name)) return;
    const since = stale.get(name);
    if (since === undefined && isChain) flush.push(name);
    next.set(name, since ?? nowNs);
  };
  for (const name of current?.chains.keys() ?? []) if (OWN_CHAIN.test(name)) look(name, true);
  for (const name of current?.sets.keys() ?? []) if (OWN_SET.test(name)) look(name, false);
  return { stale: next, flush };
}

interface Memo {
  readonly config: ProxyConfig;
  readonly node: TopologyNode;
  readonly rules: NftPortRules;
}
// All inputs are immutable: a pure memo, not state.
const memo = new WeakMap<ServicePortState, Memo>();

function memoisedRules(port: ServicePortState, config: ProxyConfig, node: TopologyNode): NftPortRules {
  const known = memo.get(port);
  if (known?.config === config && known.node === node) return known.rules;
  const rules = nftPortRules(port, config, node);
  memo.set(port, { config, node, rules });
  return rules;
}
