/**
 * A CoreDNS server: server blocks, each a chain of plugins in the order that CoreDNS is built with (plugin.cfg), which
 * the Corefile cannot change.
 */
import type { Ns } from '../clock/clock';
import { SECOND } from '../clock/clock';
import type { ServerBlock } from './corefile';
import { CorefileError, parseCorefile } from './corefile';
import type { DnsMessage } from './message';
import { queryMessage, replyTo } from './message';
import type { CacheItem, Plugin, ServeContext, Served } from './plugin';
import { matchZone } from './plugin';
import { errors, health, log, loop, prometheus, ready, reload, settings } from './plugins/bystanders';
import { cache } from './plugins/cache';
import { forward } from './plugins/forward';
import { hosts } from './plugins/hosts';
import { kubernetes } from './plugins/kubernetes';
import { loadbalance } from './plugins/loadbalance';
import { rewrite } from './plugins/rewrite';
import { template } from './plugins/template';

/** Outermost first. Of CoreDNS' own list only what we have. */
const PLUGIN_ORDER: readonly Plugin[] = [
  ...settings,
  reload,
  ready,
  health,
  prometheus,
  errors,
  log,
  loadbalance,
  cache,
  rewrite,
  template,
  hosts,
  kubernetes,
  loop,
  forward,
];

/** One plugin of a block with its settings; plain data. */
export interface ChainLink {
  readonly plugin: string;
  readonly config: object;
}

export interface ServerConfig {
  readonly blocks: readonly {
    readonly zones: readonly string[];
    readonly port: number;
    readonly chain: readonly ChainLink[];
  }[];
}

/** Answers that the cache plugin keeps, by block and question. */
export type CacheState = ReadonlyMap<string, CacheItem>;

/** Entries that CoreDNS keeps of each kind by default; the oldest go first here. */
const CACHE_LIMIT = 9984;

/** Reads a Corefile. Throws CorefileError with what CoreDNS would log. */
export function configureServer(corefile: string, env: Readonly<Record<string, string>> = {}): ServerConfig {
  const blocks = parseCorefile(corefile, env).map((block) => {
    return { zones: block.zones, port: block.port, chain: chainOf(block) };
  });
  return { blocks };
}

function chainOf(block: ServerBlock): ChainLink[] {
  const unknown = block.directives.find(({ name }) => !PLUGIN_ORDER.some((plugin) => plugin.name === name));
  if (unknown !== undefined) {
    throw new CorefileError(
      `/etc/coredns/Corefile - Error during parsing: Unknown directive '${unknown.name}'`,
    );
  }
  return PLUGIN_ORDER.flatMap((plugin) => {
    const configs = block.directives
      .filter(({ name }) => name === plugin.name)
      .map((directive) => plugin.setup(directive, block.zones));
    const links = plugin.gather !== undefined && configs.length > 1 ? [plugin.gather(configs)] : configs;
    return links.map((config) => ({ plugin: plugin.name, config }));
  });
}

/** What answering one query may use; the rest of ServeContext is the server's own. */
export type ServeInput = Omit<ServeContext, 'cached' | 'store' | 'lookup'> & { readonly port: number };

export interface ServeResult {
  readonly served: Served;
  /** The reply to send; absent while an upstream is still to be asked. */
  readonly reply?: DnsMessage;
  /** The cache afterwards; unchanged when nothing was stored. */
  readonly cache: CacheState;
}

/** Answers one query. Run it again with the missing upstream answer when `served` is pending. */
export function serveQuery(
  config: ServerConfig,
  kept: CacheState,
  query: DnsMessage,
  input: ServeInput,
): ServeResult {
  const writes = new Map<string, CacheItem | null>();
  const run = (asked: DnsMessage, depth: number): Served => {
    const blocks = config.blocks.filter((block) => block.port === input.port);
    const zone = matchZone(
      blocks.flatMap((block) => block.zones),
      asked.question.name,
    );
    const block = blocks.find((candidate) => zone !== null && candidate.zones.includes(zone));
    if (block === undefined || depth > 8) {
      return { kind: 'rcode', rcode: 'REFUSED', from: 'server', why: 'no server block for the name' };
    }
    const shelf = config.blocks.indexOf(block);
    const context: ServeContext = {
      ...input,
      cached: (key) => writes.get(`${shelf} ${key}`) ?? kept.get(`${shelf} ${key}`),
      store: (key, item) => void writes.set(`${shelf} ${key}`, item),
      lookup: (name, type) => run(queryMessage(asked.id, name, type, asked.ednsBytes), depth + 1),
    };
    return walk(context, block.chain, 0, asked);
  };
  const served = run(query, 0);
  if (served.kind === 'pending') return { served, cache: kept };
  const reply = served.kind === 'reply' ? served.message : replyTo(query, served.rcode);
  return { served, reply: { ...reply, response: true }, cache: merged(kept, writes, input.nowNs) };
}

function walk(context: ServeContext, chain: readonly ChainLink[], at: number, query: DnsMessage): Served {
  for (let i = at; i < chain.length; i++) {
    const plugin = PLUGIN_ORDER.find((candidate) => candidate.name === chain[i]!.plugin);
    if (plugin?.serve === undefined) continue;
    return plugin.serve(context, chain[i]!.config, query, (next) => walk(context, chain, i + 1, next));
  }
  return { kind: 'rcode', rcode: 'REFUSED', from: 'server', why: 'no plugin answered' };
}

function merged(kept: CacheState, writes: ReadonlyMap<string, CacheItem | null>, nowNs: Ns): CacheState {
  if (writes.size === 0) return kept;
  const next = new Map(kept);
  for (const [key, item] of writes) {
    next.delete(key);
    if (item !== null) next.set(key, item);
  }
  if (next.size > CACHE_LIMIT) {
    for (const [key, item] of next) if (item.storedNs + item.ttl * SECOND <= nowNs) next.delete(key);
    for (const key of next.keys()) {
      if (next.size <= CACHE_LIMIT) break;
      next.delete(key);
    }
  }
  return next;
}
