/** getaddrinfo of both C libraries: which names are asked in which order, what comes of it, and when. */
import { describe, expect, it } from 'vitest';
import type { DnsMessage } from './message';
import { replyTo } from './message';
import { lookupHosts, nameserversOf, parseForLibc } from './resolv-conf';
import type { Libc } from './resolv-conf';
import type { Family, LookupState } from './resolver';
import { onLookupNews, startLookup } from './resolver';
import type { SendAction, SendNews, SendState } from './resolver-send';
import { onSendNews, startSend } from './resolver-send';

const SEARCH = 'search shop.svc.cluster.local svc.cluster.local cluster.local';
const CLUSTER = `${SEARCH}\nnameserver 10.96.0.10\noptions ndots:5\n`;

/** "data", "nodata", "nxdomain", "servfail", "cname" or "none" for a name and type. */
type Zone = (name: string, type: string) => string;

function answer(query: DnsMessage, said: string): DnsMessage | null {
  const { name, type } = query.question;
  const record = { name, type, ttl: 5, data: type === 'A' ? '192.0.2.1' : '2001:db8::1' };
  if (said === 'none') return null;
  if (said === 'data') return replyTo(query, 'NOERROR', { answers: [record] });
  if (said === 'cname')
    return replyTo(query, 'NOERROR', { answers: [{ ...record, type: 'CNAME', data: 'x.' }] });
  if (said === 'nodata') return replyTo(query, 'NOERROR');
  return replyTo(query, said === 'nxdomain' ? 'NXDOMAIN' : said === 'refused' ? 'REFUSED' : 'SERVFAIL');
}

/** Plays a machine against servers; returns what was sent when. */
function play<S>(
  first: { state: S; actions: readonly SendAction[] },
  take: (state: S, news: SendNews) => { state: S; actions: readonly SendAction[] },
  over: (state: S) => boolean,
  ask: (send: SendAction & { do: 'send' }) => { reply: DnsMessage; afterMs: number } | null,
) {
  const due: { at: number; n: number; news: SendNews }[] = [];
  const sent: string[] = [];
  const names: string[] = [];
  let state = first.state;
  let now = 0;
  let n = 0;
  const perform = (actions: readonly SendAction[]) => {
    for (const action of actions) {
      if (action.do === 'timer') {
        due.push({ at: now + action.delayMs, n: n++, news: { type: 'timer', token: action.token } });
        continue;
      }
      const { name, type } = action.message.question;
      sent.push(`${now}:${action.server} ${type} socket ${action.socket}`);
      if (!names.includes(name)) names.push(name);
      const said = ask(action);
      if (said !== null) {
        due.push({
          at: now + said.afterMs,
          n: n++,
          news: { type: 'reply', server: action.server, message: said.reply },
        });
      }
    }
  };
  perform(first.actions);
  while (!over(state) && due.length > 0) {
    due.sort((a, b) => a.at - b.at || a.n - b.n);
    const next = due.shift()!;
    now = next.at;
    const step = take(state, next.news);
    state = step.state;
    perform(step.actions);
  }
  return { state, now, sent, names };
}

function lookup(libc: Libc, name: string, zone: Zone, text = CLUSTER, family: Family = 'unspec'): string {
  const run = play<LookupState>(
    startLookup(parseForLibc(libc, text), '127.0.0.1 localhost\n10.1.1.1 me\n', name, family, 7),
    onLookupNews,
    (state) => state.result !== undefined,
    ({ message }) => {
      const reply = answer(message, zone(message.question.name, message.question.type));
      return reply === null ? null : { reply, afterMs: 1 };
    },
  );
  const result = run.state.result!;
  return `${run.names.map((one) => one.replace(/shop\.svc\.cluster\.local\.$/, '~')).join(' ')} -> ${'error' in result ? result.error : result.found}`;
}

/** Only these names have an address (A alone); everything else does not exist. */
const only =
  (...names: string[]): Zone =>
  (name, type) =>
    names.includes(name) ? (type === 'A' ? 'data' : 'nodata') : 'nxdomain';

describe('getaddrinfo', () => {
  const web = 'web.shop.svc.cluster.local.';
  it.each<[string, Libc, string, Zone, string, string?]>([
    ['a short name is found at once', 'glibc', 'web', only(web), 'web.~ -> web.shop.svc.cluster.local.'],
    [
      'a full name without dot is searched first',
      'musl',
      'web.shop.svc.cluster.local',
      only(web),
      'web.shop.svc.cluster.local.~ web.shop.svc.cluster.local.svc.cluster.local. web.shop.svc.cluster.local.cluster.local. web.~ -> web.shop.svc.cluster.local.',
    ],
    ['a trailing dot stops the search', 'glibc', 'web.', only(web), 'web. -> NONAME'],
    [
      'glibc goes on after a miss with enough dots',
      'glibc',
      'a.b',
      only('a.b.svc.cluster.local.'),
      'a.b. a.b.~ a.b.svc.cluster.local. -> a.b.svc.cluster.local.',
      `${SEARCH}\nnameserver 10.0.0.1\n`,
    ],
    [
      'musl does not',
      'musl',
      'a.b',
      only('a.b.svc.cluster.local.'),
      'a.b. -> NONAME',
      `${SEARCH}\nnameserver 10.0.0.1\n`,
    ],
    ['NODATA ends the lookup on musl', 'musl', 'web', () => 'nodata', 'web.~ -> NODATA'],
    [
      'and is remembered on glibc',
      'glibc',
      'web',
      (name) => (name === web ? 'nodata' : 'nxdomain'),
      'web.~ web.svc.cluster.local. web.cluster.local. web. -> NODATA',
    ],
    ['a CNAME alone ends the search', 'glibc', 'web', () => 'cname', 'web.~ -> NODATA'],
    [
      'silence ends the list, not the try as it is',
      'glibc',
      'web',
      (name) => (name === 'web.' ? 'data' : 'none'),
      'web.~ web. -> web.',
    ],
    ['silence ends it all on musl', 'musl', 'web', () => 'none', 'web.~ -> AGAIN'],
    ['hosts come first', 'glibc', 'me', () => 'none', ' -> me'],
    ['addresses are not asked for', 'musl', '10.96.0.1', () => 'none', ' -> 10.96.0.1'],
    [
      'musl believes one NXDOMAIN of two',
      'musl',
      'a.b.c.d.e.f',
      (_, type) => (type === 'A' ? 'data' : 'nxdomain'),
      'a.b.c.d.e.f. -> NONAME',
    ],
    [
      'glibc takes what there is',
      'glibc',
      'a.b.c.d.e.f',
      (_, type) => (type === 'A' ? 'data' : 'nxdomain'),
      'a.b.c.d.e.f. -> a.b.c.d.e.f.',
    ],
    [
      'no-tld-query keeps single labels from the root',
      'glibc',
      'x',
      () => 'nxdomain',
      'x.~ x.svc.cluster.local. x.cluster.local. -> NONAME',
      `${CLUSTER}options no-tld-query\n`,
    ],
  ])('%s (%s)', (_what, libc, name, zone, expected, text) => {
    expect(lookup(libc, name, zone, text)).toBe(expected);
  });
});

describe('name servers', () => {
  function servers(libc: Libc, said: readonly string[], options = '', types: ('A' | 'AAAA')[] = ['A']) {
    const text = `${said.map((_, i) => `nameserver 10.0.0.${i + 1}`).join('\n')}\noptions ${options}\n`;
    return play<SendState>(
      startSend(parseForLibc(libc, text), 'x.', types, 1, 0),
      onSendNews,
      (state) => state.outcome !== undefined,
      ({ server, message }) => {
        const [what = '', after = '5'] = said[server]!.split('@');
        const isLost = what === 'half' && message.question.type === 'AAAA';
        const reply = isLost ? null : answer(message, what === 'half' ? 'data' : what);
        return reply === null ? null : { reply, afterMs: Number(after) };
      },
    );
  }
  const times = (run: { sent: string[] }) => run.sent.map((line) => line.split(' ')[0]).join(' ');

  it.each<[string, Libc, string[], string, string, number, string?]>([
    ['five seconds for a dead first server', 'glibc', ['none', 'data'], '', '0:0 5000:1', 5005],
    ['SERVFAIL moves on', 'glibc', ['servfail', 'data'], '', '0:0 5:1', 10],
    ['NXDOMAIN does not', 'glibc', ['nxdomain', 'data'], '', '0:0', 5],
    [
      'waits of 5, 3 and 6 s, twice',
      'glibc',
      ['none', 'none', 'none'],
      '',
      '0:0 5000:1 8000:2 14000:0 19000:1 22000:2',
      28000,
      'timeout',
    ],
    ['timeout and attempts', 'glibc', ['none'], 'timeout:1 attempts:3', '0:0 1000:0 2000:0', 3000, 'timeout'],
    ['musl asks all at once', 'musl', ['data@30', 'data@5'], '', '0:0 0:1', 5],
    [
      'musl asks again at once after SERVFAIL, twice',
      'musl',
      ['servfail', 'data@40'],
      '',
      '0:0 0:1 5:0 10:0',
      40,
    ],
    [
      'musl divides its timeout',
      'musl',
      ['none'],
      'timeout:1 attempts:4',
      '0:0 250:0 500:0 750:0',
      1000,
      'timeout',
    ],
  ])('%s', (_what, libc, said, options, expected, at, failure) => {
    const run = servers(libc, said, options);
    expect(times(run)).toBe(expected);
    expect(run.now).toBe(at);
    expect(run.state.outcome?.failure).toBe(failure);
  });

  it('glibc sends A and AAAA from one socket, and one by one when half an answer comes', () => {
    const run = servers('glibc', ['half'], '', ['A', 'AAAA']);
    const sockets = run.sent.map((line) =>
      line.replace(/^(\d+):0 (\w+) socket (\d+)$/, '$1 $2 $3').split(' '),
    );
    expect(sockets.map(([at, type]) => `${at} ${type}`)).toEqual([
      '0 A',
      '0 AAAA',
      '5000 A',
      '5005 AAAA',
      '10000 A',
      '10005 AAAA',
    ]);
    expect(sockets[0]![2]).toBe(sockets[1]![2]);
    expect(sockets[2]![2]).toBe(sockets[3]![2]);
    expect(sockets[4]![2]).not.toBe(sockets[5]![2]);
    expect(Object.keys(run.state.outcome!.replies)).toEqual(['A']);
  });
  it('single-request waits for the first answer', () => {
    const run = servers('glibc', ['data'], 'single-request', ['A', 'AAAA']);
    expect(times(run)).toBe('0:0 5:0');
  });
});

describe('resolv.conf', () => {
  it.each([
    ['glibc' as const, 'domain a.b c.d\n', ['a.b']],
    ['musl' as const, 'domain a.b c.d\n', ['a.b', 'c.d']],
    ['glibc' as const, ' search indented\n', []],
    ['glibc' as const, 'search a\nsearch b c\n', ['b', 'c']],
  ])('%s reads %j', (libc, text, search) => {
    expect(parseForLibc(libc, text).search).toEqual(search);
  });
  it('limits what the libraries limit', () => {
    const text =
      'nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4\noptions ndots:99 timeout:99 attempts:99\n';
    expect(parseForLibc('glibc', text)).toMatchObject({ ndots: 15, timeout: 30, attempts: 5 });
    expect(parseForLibc('musl', text)).toMatchObject({ ndots: 15, timeout: 60, attempts: 10 });
    expect(parseForLibc('musl', text).nameservers).toHaveLength(3);
  });
  it.each([
    ['glibc' as const, 'search a\nsearch \n', ['a']],
    ['glibc' as const, 'search a\nsearch\n', ['a']],
    ['musl' as const, 'search a\nsearch\n', []],
    ['musl' as const, `search ${'a'.repeat(250)} b\n`, []],
    ['musl' as const, `search ${'a'.repeat(247)}\n`, ['a'.repeat(247)]],
    ['glibc' as const, `search ${'a'.repeat(250)} b\n`, ['a'.repeat(250), 'b']],
  ])('%s takes the empty and the overlong line %j as it does', (libc, text, search) => {
    expect(parseForLibc(libc, text).search).toEqual(search);
  });
  it.each([
    ['glibc' as const, 'options ndots:2 ndots:5\n', 5],
    ['musl' as const, 'options ndots:2 ndots:5\n', 2],
    ['musl' as const, 'options ndots:2\noptions ndots:5\n', 5],
    ['glibc' as const, 'options ndots:x\n', 0],
    ['musl' as const, 'options ndots:x\n', 1],
  ])('%s takes from %j the ndots %d', (libc, text, ndots) => {
    expect(parseForLibc(libc, text).ndots).toBe(ndots);
  });
  it('hosts are read with comments, by glibc without case', () => {
    expect(lookupHosts('# x\n10.0.0.1 Web web2 # c\nfe80::1 web\n', 'WEB')).toEqual(['10.0.0.1', 'fe80::1']);
    expect(lookupHosts('10.0.0.1 Web\n', 'web', 'musl')).toBeNull();
    expect(lookupHosts('10.0.0.1 web', 'we')).toBeNull();
    expect(lookupHosts('10.0.0.1 web', 'web.')).toBeNull();
  });
  it('a forwarder takes all servers of the file', () => {
    expect(nameserversOf('nameserver 1.1.1.1\nnameserver\n nameserver 2001:db8::1\nnameserver x\n')).toEqual([
      '1.1.1.1',
      '2001:db8::1',
    ]);
  });
});

describe('corners of getaddrinfo', () => {
  const nx: Zone = () => 'nxdomain';
  it.each([
    ['127.1', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['10.010.1.1', '10.8.1.1'],
    ['::1', '::1'],
  ])('%s is an address', (name, ip) => {
    const { state } = startLookup(parseForLibc('glibc', CLUSTER), '', name, 'unspec', 1);
    expect(state.result).toEqual({ found: name, addresses: [ip] });
  });
  it.each([
    ['glibc' as const, '10.0.0.1', 'NONAME'],
    ['musl' as const, '10.0.0.1', 'NODATA'],
    ['musl' as const, 'me', 'NODATA'],
  ])('%s: %s has no IPv6 address, and nothing is asked', (libc, name, error) => {
    const { state, actions } = startLookup(parseForLibc(libc, CLUSTER), '10.1.1.1 me\n', name, 'inet6', 1);
    expect([state.result, actions]).toEqual([{ error }, []]);
  });
  it('a name that no message can carry is not asked', () => {
    for (const name of ['a'.repeat(64), 'a..b']) {
      const { state, actions } = startLookup(parseForLibc('glibc', CLUSTER), '', name, 'unspec', 1);
      expect([state.result, actions]).toEqual([{ error: 'NONAME' }, []]);
    }
  });
  it('no-aaaa asks for A even where AAAA is wanted', () => {
    const text = CLUSTER.replace('ndots:5', 'ndots:5 no-aaaa');
    expect(lookup('glibc', 'web.', (_, type) => (type === 'A' ? 'data' : 'servfail'), text, 'inet6')).toBe(
      'web. -> NODATA',
    );
  });
  it('NXDOMAIN for one type counts more than NODATA for the other', () => {
    expect(lookup('glibc', 'x.', (_, type) => (type === 'A' ? 'nodata' : 'nxdomain'))).toBe('x. -> NONAME');
  });
  it('attempts:0 sends nothing', () => {
    expect(lookup('glibc', 'web', nx, CLUSTER.replace('ndots:5', 'attempts:0'))).toContain('AGAIN');
  });
});
