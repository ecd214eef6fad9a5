/**
 * The contract of a CoreDNS plugin. A server block is a chain of them in an order fixed at build time; each answers a
 * query or hands it on to the next.
 *
 * A chain is a pure function of the query, the cluster, the cache and the upstream answers that are known so far. Where
 * an upstream answer is missing, the chain says so ("pending"); whoever runs it asks, and runs it again.
 */
import type { Ns } from '../clock/clock';
import type { ClusterReader } from './cluster-reader';
import type { Directive } from './corefile';
import type { DnsMessage, Rcode } from './message';

/** A question to a server outside, by its place: the same query to the same server is asked once. */
export interface UpstreamAsk {
  /** "192.0.2.53" or with a port "192.0.2.53:5353". */
  readonly server: string;
  readonly name: string;
  readonly type: string;
}

/** What one plugin made of a query. */
export type Served =
  | {
      readonly kind: 'reply';
      readonly message: DnsMessage;
      /** Name of the plugin that made the message. */
      readonly from: string;
    }
  /** No message of its own: the server writes one with this code, which no plugin outside of this one sees. */
  | { readonly kind: 'rcode'; readonly rcode: Rcode; readonly from: string; readonly why: string }
  | { readonly kind: 'pending'; readonly ask: UpstreamAsk };

/** One stored answer of the cache plugin. */
export interface CacheItem {
  readonly message: DnsMessage;
  readonly storedNs: Ns;
  readonly ttl: number;
}

/** What a chain may look at and change while it answers one query. */
export interface ServeContext {
  readonly nowNs: Ns;
  readonly cluster: ClusterReader;
  /** False until the first list of the API has come. */
  readonly synced: boolean;
  /** Addresses of the server itself. */
  readonly localIps: readonly string[];
  /** A number in [0, 1) that stays the same when this query is run again. */
  readonly seed: number;
  random(): number;
  /** The answer of an upstream, "timeout" when it did not come, undefined while it is not known. */
  upstream(ask: UpstreamAsk): DnsMessage | 'timeout' | undefined;
  cached(key: string): CacheItem | undefined;
  store(key: string, item: CacheItem | null): void;
  /** Resolves another name through the whole server, for the target of a CNAME. */
  lookup(name: string, type: string): Served;
  readFile(path: string): string | null;
}

export type Next = (query: DnsMessage) => Served;

export interface Plugin {
  readonly name: string;
  /** Reads the directive. `zones` are those of the server block. Throws CorefileError. */
  setup(directive: Directive, zones: readonly string[]): object;
  /** For plugins that stand once in the chain however often they are written: the settings of all lines as one. */
  gather?(configs: readonly object[]): object;
  /** Absent for plugins that take no part in answering. */
  serve?(context: ServeContext, config: object, query: DnsMessage, next: Next): Served;
}

/** The longest of `zones` that `name` lies in, or null. All absolute; case does not count. */
export function matchZone(zones: readonly string[], name: string): string | null {
  const lower = name.toLowerCase();
  let best: string | null = null;
  for (const zone of zones) {
    const inZone = zone === '.' || lower === zone || lower.endsWith(`.${zone}`);
    if (inZone && (best === null || zone.length > best.length)) best = zone;
  }
  return best;
}
