/**
 * CoreDNS' forward plugin: hands queries to other name servers, those of a resolv.conf file or given ones. A dead
 * upstream is given up after 2 s and the next one asked, for at most 5 s together (plugin/forward).
 */
import { ipFamily } from '../../../lib/ip';
import type { Directive } from '../corefile';
import { CorefileError, normalizeZone } from '../corefile';
import type { DnsMessage } from '../message';
import { replyTo } from '../message';
import { nameserversOf } from '../resolv-conf';
import type { Plugin, ServeContext, Served } from '../plugin';
import { matchZone } from '../plugin';

interface ForwardConfig {
  readonly from: readonly string[];
  /** Addresses and paths of resolv.conf files. */
  readonly to: readonly string[];
  readonly except: readonly string[];
  readonly policy: 'random' | 'round_robin' | 'sequential';
}

/** How many upstreams fit into the 5 s that a query may take, at 2 s each. */
const TRIES = 3;

export const forward: Plugin = {
  name: 'forward',
  setup,
  serve(context, plainConfig, query, next) {
    const config = plainConfig as ForwardConfig;
    const { name } = query.question;
    const isOurs = matchZone(config.from, name) !== null && matchZone(config.except, name) === null;
    return isOurs ? ask(context, config, query) : next(query);
  },
};

function ask(context: ServeContext, config: ForwardConfig, query: DnsMessage): Served {
  const servers = upstreams(context, config);
  const start = config.policy === 'sequential' ? 0 : Math.floor(context.seed * servers.length);
  for (let turn = 0; turn < Math.min(TRIES, Math.max(servers.length, servers.length > 0 ? 2 : 0)); turn++) {
    const server = servers[(start + turn) % servers.length]!;
    const { name, type } = query.question;
    const asked = { server: turn < servers.length ? server : `${server}#${turn}`, name, type };
    const answer = context.upstream(asked);
    if (answer === undefined) return { kind: 'pending', ask: asked };
    if (answer === 'timeout') continue;
    const { answers, authority, extra, rcode, aa, tc, ra } = answer;
    const message = replyTo(query, rcode, { answers, authority, extra, aa, tc, ra });
    return { kind: 'reply', from: 'upstream', message };
  }
  const to = servers[start] ?? 'no upstream';
  return { kind: 'rcode', rcode: 'SERVFAIL', from: 'forward', why: `read udp ->${to}:53: i/o timeout` };
}

function upstreams(context: ServeContext, config: ForwardConfig): string[] {
  return config.to.flatMap((to) => {
    return to.startsWith('/') ? nameserversOf(context.readFile(to) ?? '') : [to];
  });
}

function setup(directive: Directive): ForwardConfig {
  const [from, ...to] = directive.args;
  if (from === undefined || to.length === 0) {
    throw new CorefileError(
      `plugin/forward: Wrong argument count or unexpected line ending after '${from ?? 'forward'}'`,
    );
  }
  for (const address of to) {
    const host = address.replace(/^(?:dns|tls):\/\//, '').replace(/(?<=\d):\d+$|^\[|\](?::\d+)?$/g, '');
    if (!address.startsWith('/') && ipFamily(host) === null) {
      throw new CorefileError(`plugin/forward: not an IP address or file: "${address}"`);
    }
  }
  const except = directive.block
    .filter(({ name }) => name === 'except')
    .flatMap(({ args }) => args.flatMap(normalizeZone));
  const policy = directive.block.find(({ name }) => name === 'policy')?.args[0] ?? 'random';
  if (policy !== 'random' && policy !== 'round_robin' && policy !== 'sequential') {
    throw new CorefileError(`plugin/forward: unknown policy '${policy}'`);
  }
  // Not simulated: DNS over TLS; a tls:// upstream is asked in the clear.
  return {
    from: normalizeZone(from),
    to: to.map((text) => text.replace(/^(?:dns|tls):\/\//, '')),
    except,
    policy,
  };
}
