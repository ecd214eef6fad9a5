/**
 * CoreDNS' cache plugin: keeps answers for their TTL, within its own limits, and lets the TTL count down. It evens out
 * the TTLs of every reply that goes through it, also of those that it does not keep (plugin/cache).
 */
import { SECOND } from '../../clock/clock';
import type { Directive } from '../corefile';
import { CorefileError, normalizeZone } from '../corefile';
import type { DnsMessage } from '../message';
import type { CacheItem, Plugin, ServeContext, Served } from '../plugin';
import { matchZone } from '../plugin';

/** TTL limits in seconds; zones whose answers are not kept. */
export interface CacheConfig {
  readonly zones: readonly string[];
  readonly successTtl: number;
  readonly successMin: number;
  readonly denialTtl: number;
  readonly denialMin: number;
  readonly servfailTtl: number;
  readonly keepTtl: boolean;
  readonly successOff: readonly string[];
  readonly denialOff: readonly string[];
}

const DEFAULT_MIN = 5;
const DAY = 86400;

export const cache: Plugin = {
  name: 'cache',
  setup,
  serve(context, plainConfig, query, next) {
    const config = plainConfig as CacheConfig;
    if (matchZone(config.zones, query.question.name) === null) return next(query);
    const key = keyOf(query);
    const kept = fresh(context, `denial ${key}`) ?? fresh(context, `success ${key}`);
    if (kept !== undefined) return replay(context, query, kept);
    const served = next(query);
    return served.kind === 'reply' ? keep(context, config, key, served) : served;
  },
};

function keyOf(query: DnsMessage): string {
  return `${query.question.name.toLowerCase()} ${query.question.type}`;
}

function leftSeconds(context: ServeContext, item: CacheItem): number {
  return item.ttl - Math.floor((context.nowNs - item.storedNs) / SECOND);
}

function fresh(context: ServeContext, key: string): CacheItem | undefined {
  const item = context.cached(key);
  return item !== undefined && leftSeconds(context, item) > 0 ? item : undefined;
}

/** A kept answer under the new query's id, every TTL what is left. It claims authority whoever it came from. */
function replay(context: ServeContext, query: DnsMessage, item: CacheItem): Served {
  const ttl = leftSeconds(context, item);
  const { id, question, rd } = query;
  const { ednsBytes: _size, cookie: _cookie, ...plain } = item.message;
  const opt = {
    ...(query.ednsBytes === undefined ? {} : { ednsBytes: query.ednsBytes }),
    ...(query.cookie === undefined ? {} : { cookie: query.cookie }),
  };
  const message = withTtl({ ...plain, ...opt, id, question, rd, aa: true }, ttl);
  return { kind: 'reply', from: 'cache', message };
}

function withTtl(message: DnsMessage, ttl: number): DnsMessage {
  const even = (records: DnsMessage['answers']) => records.map((record) => ({ ...record, ttl }));
  const { answers, authority, extra } = message;
  return { ...message, answers: even(answers), authority: even(authority), extra: even(extra) };
}

type Kind = 'success' | 'denial' | 'servfail' | 'other';

function kindOf(message: DnsMessage): Kind {
  const hasSoa = message.authority.some((record) => record.type === 'SOA');
  if (message.rcode === 'NOERROR') return message.answers.length === 0 && hasSoa ? 'denial' : 'success';
  if (message.rcode === 'NXDOMAIN' && hasSoa) return 'denial';
  return message.rcode === 'SERVFAIL' || message.rcode === 'NOTIMP' ? 'servfail' : 'other';
}

function isReferral({ rcode, answers, authority }: DnsMessage): boolean {
  const has = (type: string) => authority.some((record) => record.type === type);
  return rcode === 'NOERROR' && answers.length === 0 && has('NS') && !has('SOA');
}

function smallestTtl(message: DnsMessage, kind: Kind): number {
  if (kind === 'servfail' || kind === 'other') return DEFAULT_MIN;
  // A referral, which is told by its NS records, counts as an answer but is not kept long.
  if (isReferral(message)) return DEFAULT_MIN;
  const records = [...message.answers, ...message.authority, ...message.extra];
  if (records.length === 0) return DEFAULT_MIN;
  return records.reduce((least, record) => Math.min(least, record.ttl), DAY);
}

function keep(
  context: ServeContext,
  config: CacheConfig,
  key: string,
  served: Served & { kind: 'reply' },
): Served {
  const { message } = served;
  const kind = kindOf(message);
  const least = smallestTtl(message, kind);
  const clamp = (low: number, high: number) => Math.min(Math.max(least, low), high);
  const ttl =
    kind === 'servfail'
      ? config.servfailTtl
      : kind === 'denial'
        ? clamp(config.denialMin, config.denialTtl)
        : clamp(config.successMin, config.successTtl);
  if (ttl > 0 && kind !== 'other' && !message.tc) {
    const off = kind === 'success' ? config.successOff : config.denialOff;
    const item = { message, storedNs: context.nowNs, ttl };
    const shelf = kind === 'success' ? 'success' : 'denial';
    if (matchZone(off, message.question.name) === null) context.store(`${shelf} ${key}`, item);
  }
  return config.keepTtl ? served : { ...served, message: withTtl(message, ttl) };
}

function seconds(text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^(\d+)(s|m|h)?$/.exec(text);
  if (match === null) return null;
  return Number(match[1]) * (match[2] === 'm' ? 60 : match[2] === 'h' ? 3600 : 1);
}

function setup(directive: Directive, zones: readonly string[]): CacheConfig {
  const [first, ...rest] = directive.args;
  const ttl = seconds(first);
  const own = (ttl === null ? directive.args : rest).flatMap(normalizeZone);
  let config: CacheConfig = {
    zones: own.length > 0 ? own : zones,
    successTtl: ttl ?? 3600,
    successMin: DEFAULT_MIN,
    denialTtl: ttl ?? 1800,
    denialMin: DEFAULT_MIN,
    servfailTtl: 5,
    keepTtl: false,
    successOff: [],
    denialOff: [],
  };
  for (const { name, args } of directive.block) config = { ...config, ...option(config, name, args) };
  return config;
}

function option(config: CacheConfig, name: string, args: readonly string[]): Partial<CacheConfig> {
  switch (name) {
    case 'success':
      return {
        successTtl: seconds(args[1]) ?? config.successTtl,
        successMin: seconds(args[2]) ?? config.successMin,
      };
    case 'denial':
      return {
        denialTtl: seconds(args[1]) ?? config.denialTtl,
        denialMin: seconds(args[2]) ?? config.denialMin,
      };
    case 'servfail':
      return { servfailTtl: seconds(args[0]) ?? config.servfailTtl };
    case 'keepttl':
      return { keepTtl: true };
    case 'disable': {
      const listed = args.slice(1).flatMap(normalizeZone);
      const off = listed.length > 0 ? listed : config.zones;
      if (args[0] === 'success') return { successOff: off };
      if (args[0] === 'denial') return { denialOff: off };
      throw new CorefileError(`plugin/cache: cache type must be one of: success, denial`);
    }
    case 'prefetch':
    case 'serve_stale':
      // Not simulated: asking ahead of expiry, and answers past their time while the upstream is down.
      return {};
    default:
      throw new CorefileError(`plugin/cache: unknown property '${name}'`);
  }
}
