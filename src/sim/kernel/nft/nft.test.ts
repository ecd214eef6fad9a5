import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../clock/clock';
import { addresses, forwarded, host, tcp, through, type TestHost } from '../../testing/netfilter-host';
import { printNftCommands } from './commands';
import { elementOrder } from './order';
import { printNftRule, printNftTable } from './print';
import type { Field, NftChain, NftRule, Statement, Verdict } from './rules';
import type { NftOperation } from './tables';

const KEY: readonly Field[] = ['daddr', 'l4proto', 'dport'];

function rule(...statements: Statement[]): NftRule {
  return { statements };
}

function verdict(kind: 'accept' | 'drop' | 'return'): Statement {
  return { kind: 'verdict', verdict: { kind } };
}

function to(kind: 'jump' | 'goto', chain: string): Verdict {
  return { kind, chain };
}

function write(world: TestHost, chains: readonly NftChain[], more: readonly NftOperation[] = []): void {
  world.netfilter.nft.apply('ip', 't', [
    ...more.filter(({ op }) => op === 'add-set'),
    ...chains.map((chain): NftOperation => ({ op: 'add-chain', chain })),
    ...chains.flatMap(({ name, rules }) =>
      rules.map((r): NftOperation => ({ op: 'add-rule', chain: name, rule: r })),
    ),
    ...more.filter(({ op }) => op !== 'add-set'),
  ]);
}

/** Virtual addresses in a map, spread over two backends, with sticky sources. */
function balanced(): TestHost {
  const world = host('');
  const backend = (n: number): NftChain => ({
    name: `backend-${n}`,
    rules: [
      rule(
        { kind: 'match', field: 'saddr', values: [`10.2.0.${n}`] },
        { kind: 'verdict', verdict: to('jump', 'tag') },
      ),
      rule({ kind: 'update', set: `sticky-${n}` }),
      rule(
        { kind: 'match', field: 'l4proto', values: ['tcp'] },
        { kind: 'dnat', ip: `10.2.0.${n}`, port: 8080 },
      ),
    ],
  });
  const sticky = (n: number): Statement => ({ kind: 'match', field: 'saddr', set: `sticky-${n}` });
  write(
    world,
    [
      backend(1),
      backend(2),
      { name: 'tag', rules: [rule({ kind: 'mark-set', op: 'or', value: 0x4000 })] },
      {
        name: 'web',
        rules: [
          rule(sticky(1), { kind: 'verdict', verdict: to('goto', 'backend-1') }),
          rule(sticky(2), { kind: 'verdict', verdict: to('goto', 'backend-2') }),
          rule({ kind: 'numgen', verdicts: [to('goto', 'backend-1'), to('goto', 'backend-2')] }),
        ],
      },
      { name: 'vips', rules: [rule({ kind: 'vmap', key: KEY, map: 'addresses' })] },
      {
        name: 'pre',
        base: { type: 'nat', hook: 'prerouting', priority: -100 },
        rules: [rule({ kind: 'verdict', verdict: to('jump', 'vips') })],
      },
      {
        name: 'post',
        base: { type: 'nat', hook: 'postrouting', priority: 100 },
        rules: [
          rule({ kind: 'mark-is', mask: 0x4000, value: 0 }, verdict('return')),
          rule({ kind: 'masquerade', fullyRandom: false }),
        ],
      },
      {
        name: 'guard',
        base: { type: 'filter', hook: 'prerouting', priority: -110 },
        rules: [
          rule(
            { kind: 'ct-state', states: ['new'] },
            {
              kind: 'match',
              field: 'saddr',
              not: true,
              values: ['10.0.0.0/8', '203.0.113.0/24'],
              braces: true,
            },
            verdict('drop'),
          ),
        ],
      },
    ],
    [
      { op: 'add-set', set: { name: 'addresses', isMap: true, key: KEY } },
      ...[1, 2].map((n): NftOperation => ({
        op: 'add-set',
        set: { name: `sticky-${n}`, isMap: false, key: ['saddr'], timeoutSeconds: 60 },
      })),
      {
        op: 'add-element',
        set: 'addresses',
        key: '10.9.0.1 . tcp . 80',
        element: { verdict: to('goto', 'web') },
      },
    ],
  );
  return world;
}

describe('a packet through nf_tables', () => {
  it('is looked up in one step and translated', () => {
    const world = balanced();
    const skb = { packet: tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'), mark: 0 };
    const { steps } = world.netfilter.run('prerouting', skb);
    expect(steps).toMatchObject([{ station: 'chain', name: 'vips', action: 'dnat' }]);
    expect(steps[0]!.rules.map(({ chain, rule: text }) => `${chain}: ${text}`).slice(0, 2)).toEqual([
      'pre: jump vips',
      'vips: ip daddr . meta l4proto . th dport vmap @addresses  # 10.9.0.1 . tcp . 80 : goto web',
    ]);
    expect(addresses(steps[0]!.after)).toMatch(/^10\.1\.0\.4:4000 > 10\.2\.0\.[12]:8080$/);
  });

  it('goes back by its connection, whatever the maps say by then', () => {
    const world = balanced();
    const sent = forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN')).skb.packet;
    world.netfilter.nft.apply('ip', 't', [
      { op: 'delete-element', set: 'addresses', key: '10.9.0.1 . tcp . 80' },
    ]);
    const back = forwarded(world, tcp(`${sent.ip!.dst}:8080`, '10.1.0.4:4000', 'SYN', 'ACK'));
    expect(addresses(back.skb.packet)).toBe('10.9.0.1:80 > 10.1.0.4:4000');
  });

  it('meets filter chains before the translation when their priority says so', () => {
    const outside = through(balanced().netfilter, tcp('198.51.100.1:4000', '10.9.0.1:80', 'SYN'), [
      'prerouting',
    ]);
    expect(outside).toMatchObject({ verdict: 'drop', reason: 'rule' });
    const known = through(balanced().netfilter, tcp('203.0.113.1:4000', '10.9.0.1:80', 'SYN'), [
      'prerouting',
    ]);
    expect(known.verdict).toBe('accept');
  });

  it('is masqueraded when it comes back to its own sender', () => {
    const world = balanced();
    for (let port = 1000; port < 1040; port++) {
      const { skb } = forwarded(world, tcp(`10.2.0.1:${port}`, '10.9.0.1:80', 'SYN'));
      const own = skb.packet.ip!.dst === '10.2.0.1';
      expect(skb.packet.ip!.src).toBe(own ? '192.168.0.2' : '10.2.0.1');
    }
  });

  it('stays with the backend it had for as long as the set remembers', () => {
    const world = balanced();
    const ask = (port: number) =>
      forwarded(world, tcp(`10.1.0.4:${port}`, '10.9.0.1:80', 'SYN')).skb.packet.ip!.dst;
    const first = ask(1000);
    for (let port = 1001; port < 1030; port++) expect(ask(port)).toBe(first);
    const seen = new Set<string>();
    for (let port = 2000; port < 2030; port++) {
      world.clock.advanceTo(world.clock.nowNs + 61 * SECOND);
      seen.add(ask(port));
    }
    expect(seen.size).toBe(2);
  });

  it('survives an accept only until a later chain of the hook drops it', () => {
    const world = host('');
    const base = (priority: number) => ({ type: 'filter', hook: 'forward', priority }) as const;
    write(world, [
      { name: 'late', base: base(10), rules: [rule(verdict('drop'))] },
      { name: 'early', base: base(0), rules: [rule(verdict('accept')), rule({ kind: 'reject' })] },
    ]);
    expect(through(world.netfilter, tcp('10.1.0.4:1', '10.2.0.1:2', 'SYN'), ['forward']).verdict).toBe(
      'drop',
    );
  });

  it('is told by the beginning of its device’s name', () => {
    const world = host('');
    const base = { type: 'filter', hook: 'forward', priority: 0 } as const;
    const fromVeth: Statement = { kind: 'match', field: 'iifname', values: ['veth*'] };
    write(world, [{ name: 'c', base, rules: [rule(fromVeth, verdict('drop'))] }]);
    const of = (inDevice: string) =>
      world.netfilter.run('forward', { packet: tcp('10.1.0.4:1', '10.2.0.1:2', 'SYN'), mark: 0, inDevice })
        .verdict;
    expect([of('veth12'), of('eth0')]).toEqual(['drop', 'accept']);
  });

  it('is restored with its table and its memory by a keyframe', () => {
    const world = balanced();
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'));
    const frame = world.netfilter.keyframe();
    world.netfilter.nft.flush();
    expect(world.netfilter.nft.isEmpty).toBe(true);
    world.netfilter.restore(frame);
    const table = world.netfilter.nft.table('ip', 't')!;
    const known = ['sticky-1', 'sticky-2'].filter((set) =>
      world.netfilter.nft.holds(table, set, '10.1.0.4', 0),
    );
    expect(known).toHaveLength(1);
  });
});

describe('a transaction', () => {
  it('takes what rules added to a set away with it', () => {
    const world = balanced();
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'));
    const names = ['sticky-1', 'sticky-2'];
    world.netfilter.nft.apply('ip', 't', [
      ...names.map((name): NftOperation => ({ op: 'delete-set', name })),
      ...names.map((name): NftOperation => ({
        op: 'add-set',
        set: { name, isMap: false, key: ['saddr'], timeoutSeconds: 60 },
      })),
    ]);
    const table = world.netfilter.nft.table('ip', 't')!;
    expect(names.filter((set) => world.netfilter.nft.holds(table, set, '10.1.0.4', 0))).toEqual([]);
  });

  it('gives a set that is there the new timeout, and leaves it its elements', () => {
    const world = balanced();
    forwarded(world, tcp('10.1.0.4:4000', '10.9.0.1:80', 'SYN'));
    const sets = ['sticky-1', 'sticky-2'].map((name) => ({ name, isMap: false, key: ['saddr'] as const }));
    world.netfilter.nft.apply(
      'ip',
      't',
      sets.map((set) => ({ op: 'add-set', set: { ...set, timeoutSeconds: 5 } })),
    );
    const table = world.netfilter.nft.table('ip', 't')!;
    expect(table.sets.get('sticky-1')?.timeoutSeconds).toBe(5);
    expect(sets.filter(({ name }) => world.netfilter.nft.holds(table, name, '10.1.0.4', 0))).toHaveLength(1);
  });

  it('changes nothing when one of its operations fails', () => {
    const world = balanced();
    const before = printNftTable(world.netfilter.nft.table('ip', 't')!);
    expect(() =>
      world.netfilter.nft.apply('ip', 't', [
        {
          op: 'add-element',
          set: 'addresses',
          key: '10.9.0.9 . tcp . 80',
          element: { verdict: to('goto', 'web') },
        },
        { op: 'add-rule', chain: 'nowhere', rule: rule(verdict('drop')) },
      ]),
    ).toThrow('nowhere');
    expect(printNftTable(world.netfilter.nft.table('ip', 't')!)).toEqual(before);
  });
});

describe('listings', () => {
  it('order concatenations as the real nft was seen to', () => {
    const seen = [
      'tcp . 256',
      'sctp . 5',
      'tcp . 31000',
      'tcp . 30000',
      'udp . 30000',
      'tcp . 30001',
      'udp . 255',
    ];
    expect([...seen].sort((a, b) => (elementOrder(a) < elementOrder(b) ? -1 : 1))).toEqual(seen);
  });

  it.skipIf(!canRun())('are what the real nft prints (skipped where there is no root or no nft)', () => {
    const table = balanced().netfilter.nft.table('ip', 't')!;
    const input = `${printNftCommands(table).join('\n')}\n`;
    const listing = execFileSync('unshare', ['-n', 'sh', '-c', 'nft -f - && nft list ruleset'], { input });
    expect(printNftTable(table)).toEqual(listing.toString().trimEnd().split('\n'));
  });
});

function canRun(): boolean {
  try {
    execFileSync('unshare', ['-n', 'nft', 'list', 'ruleset'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it('lists one rule in each family in its own words', () => {
  const known: NftRule = { statements: [{ kind: 'match', field: 'saddr', set: 'clients' }] };
  expect([printNftRule(known, 'ip'), printNftRule(known, 'ip6')]).toEqual([
    'ip saddr @clients',
    'ip6 saddr @clients',
  ]);
});

/** What nft 1.0.6 lists for an anonymous set with these members. */
it.each<[string, string]>([
  ['10.0.0.7, 10.0.0.6, 10.0.0.5', '{ 10.0.0.5, 10.0.0.6, 10.0.0.7 }'],
  ['10.0.0.1/32', '10.0.0.1'],
  ['10.0.0.1/32, 10.96.0.80, 10.96.0.81', '{ 10.0.0.1, 10.96.0.80/31 }'],
  ['10.0.0.0/24, 10.0.0.7', '{ 10.0.0.0/24 }'],
  ['10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24', '{ 10.0.0.0-10.0.2.255 }'],
  ['10.0.0.5, 10.0.0.6, 10.0.0.8/29', '{ 10.0.0.5-10.0.0.6, 10.0.0.8/29 }'],
  ['0.0.0.0/1, 128.0.0.0/1', '{ 0.0.0.0/0 }'],
  ['255.255.255.255, 255.255.255.254/32, 1.0.0.0/8', '{ 1.0.0.0/8, 255.255.255.254/31 }'],
  ['fd00::/128, fd00::1, fd00::2, 2001:db8::/32', '{ 2001:db8::/32, fd00::-fd00::2 }'],
])('lists { %s } as %s', (given, listed) => {
  const family = given.includes(':') ? 'ip6' : 'ip';
  const match: Statement = { kind: 'match', field: 'saddr', values: given.split(', '), braces: true };
  expect(printNftRule({ statements: [match] }, family)).toBe(`${family} saddr ${listed}`);
});
