import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock, SECOND } from '../../clock/clock';
import { createNetfilter } from '../netfilter/state';
import { host, load, tcp, forwarded, through } from '../../testing/netfilter-host';
import { parseCommand, parseRestore } from './parse';
import { printRule, printTable } from './print';

/** Written form, and what iptables-save makes of it. */
const RULES: readonly (readonly [written: string, saved: string])[] = [
  ['-m tcp -p tcp -d 10.9.0.1 --dport 80 -j ACCEPT', '-d 10.9.0.1/32 -p tcp -m tcp --dport 80 -j ACCEPT'],
  ['-j MARK --or-mark 0x4000', '-j MARK --set-xmark 0x4000/0x4000'],
  ['-j MARK --xor-mark 0x4000', '-j MARK --set-xmark 0x4000/0x0'],
  ['-j MARK --set-mark 1', '-j MARK --set-xmark 0x1/0xffffffff'],
  ['-j MARK --and-mark 0xff', '-j MARK --set-xmark 0x0/0xffffff00'],
  ['-m mark --mark 1 -j RETURN', '-m mark --mark 0x1 -j RETURN'],
  [
    '-m statistic --mode random --probability 0.3333333333 -j ACCEPT',
    '-m statistic --mode random --probability 0.33333333349 -j ACCEPT',
  ],
  [
    '-m recent --name L --rcheck --seconds 5 --reap -j ACCEPT',
    '-m recent --rcheck --seconds 5 --reap --name L --mask 255.255.255.255 --rsource -j ACCEPT',
  ],
  [
    '-m comment --comment plain -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    '-m comment --comment plain -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ],
  ['-m comment --comment "say \\"it\\"" -j ACCEPT', '-m comment --comment "say \\"it\\"" -j ACCEPT'],
  ['! -s 127.0.0.1/8 ! -o cni0 -j DROP', '! -s 127.0.0.0/8 ! -o cni0 -j DROP'],
  ['-p udp -m multiport --dports 53,60:70 -j ACCEPT', '-p udp -m multiport --dports 53,60:70 -j ACCEPT'],
  ['-p tcp -m tcp --syn -j DROP', '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP'],
  ['-p tcp -m tcp ! --tcp-flags SYN,ACK SYN -j ACCEPT', '-p tcp -m tcp ! --tcp-flags SYN,ACK SYN -j ACCEPT'],
  ['-p tcp -j REJECT --reject-with tcp-reset', '-p tcp -j REJECT --reject-with tcp-reset'],
  ['-p icmp -m icmp --icmp-type 8 -j ACCEPT', '-p icmp -m icmp --icmp-type 8 -j ACCEPT'],
  [
    '-m addrtype ! --src-type LOCAL --dst-type LOCAL -g NEXT',
    '-m addrtype ! --src-type LOCAL --dst-type LOCAL -g NEXT',
  ],
];

function saved(written: string): string {
  const command = parseCommand(`-A FORWARD ${written}`);
  return command.op === 'append' ? printRule('FORWARD', command.rule) : '';
}

describe('rules as text', () => {
  it.each(RULES)('%s', (written, after) => {
    expect(saved(written)).toBe(`-A FORWARD ${after}`);
    expect(saved(after)).toBe(`-A FORWARD ${after}`);
  });

  it('refuses an option that it does not know, by name', () => {
    expect(() => saved('-m tcp -p tcp --dsport 80')).toThrow('--dsport');
  });

  const tools = canRun();
  it.skipIf(!tools)('is what the real tools print (skipped where there is no root or no iptables)', () => {
    const rules = RULES.map(([written]) => `-A FORWARD ${written}`);
    const input = ['*filter', ':NEXT - [0:0]', ...rules, 'COMMIT', ''].join('\n');
    const script = 'iptables-restore && iptables-save';
    const listing = execFileSync('unshare', ['-n', 'sh', '-c', script], { input }).toString().split('\n');
    const { netfilter } = host(input);
    const ours = printTable('filter', netfilter.rules.table('filter'));
    expect(ours).toEqual(listing.filter((line) => line !== '' && !line.startsWith('#')));
  });
});

function canRun(): boolean {
  try {
    execFileSync('unshare', ['-n', 'iptables-save'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('tables', () => {
  it('keep the counters of chains that a restore without flush does not name', () => {
    const world = host(
      '*filter\n:A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A FORWARD -j B\n-A A\n-A B\nCOMMIT',
    );
    forwarded(world, tcp('10.1.0.4:1', '10.2.0.9:2', 'SYN'));
    const { rules } = world.netfilter;
    load(world.netfilter, '*filter\n:A - [0:0]\n-A A\nCOMMIT');
    expect(rules.countersOf(4, 'filter', 'A', 0)).toEqual([0, 0]);
    expect(rules.countersOf(4, 'filter', 'B', 0)).toEqual([1, 40]);
    rules.restore('filter', []);
    expect([...rules.table('filter').keys()]).toEqual(['INPUT', 'FORWARD', 'OUTPUT']);
    expect(rules.countersOf(4, 'filter', 'B', 0)).toEqual([0, 0]);
  });

  it('ensure, insert and delete rules by their text, counters moving with them', () => {
    const world = host('*filter\n-A FORWARD -p tcp -j ACCEPT\nCOMMIT');
    const { rules } = world.netfilter;
    forwarded(world, tcp('10.1.0.4:1', '10.2.0.9:2', 'SYN'));
    const udp = parseRestore(['*filter', '-A FORWARD -p udp -j DROP'])[0]!.commands[0]!;
    if (udp.op !== 'append') throw new Error('not a rule');
    expect(rules.ensureRule('filter', 'FORWARD', udp.rule, 'front')).toBe(false);
    expect(rules.ensureRule('filter', 'FORWARD', { ...udp.rule }, 'front')).toBe(true);
    expect(rules.chain('filter', 'FORWARD')!.rules.map((rule) => printRule('FORWARD', rule))).toEqual([
      '-A FORWARD -p udp -j DROP',
      '-A FORWARD -p tcp -j ACCEPT',
    ]);
    expect(rules.countersOf(4, 'filter', 'FORWARD', 1)).toEqual([1, 40]);
    expect(rules.deleteRule('filter', 'FORWARD', { ...udp.rule })).toBe(true);
    expect(rules.countersOf(4, 'filter', 'FORWARD', 0)).toEqual([1, 40]);
  });
});

describe('the walk', () => {
  it('goes into chains, returns from them, and leaves them by goto', () => {
    const world = host(`*filter
:ONE - [0:0]
:TWO - [0:0]
-A FORWARD -j ONE
-A FORWARD -j DROP
-A ONE -p udp -j DROP
-A ONE -s 10.1.0.0/16 -g TWO
-A ONE -j ACCEPT
-A TWO -s 10.1.0.4/32 -j ACCEPT
COMMIT`);
    expect(forwarded(world, tcp('10.1.0.4:1', '10.2.0.9:2', 'SYN')).verdict).toBe('accept');
    expect(forwarded(world, tcp('10.1.0.5:1', '10.2.0.9:2', 'SYN')).verdict).toBe('drop');
    expect(forwarded(world, tcp('10.3.0.5:1', '10.2.0.9:2', 'SYN')).verdict).toBe('accept');
  });

  it('counts rules alike with and without its index', () => {
    const many = Array.from(
      { length: 60 },
      (_, i) => `-A VIPS -d 10.9.0.${i}/32 -p tcp -m tcp --dport 80 -j HIT`,
    );
    const text = `*filter\n:VIPS - [0:0]\n:HIT - [0:0]\n-A FORWARD -j VIPS\n${many.join('\n')}\n-A VIPS -j DROP\nCOMMIT`;
    const step = forwarded(host(text), tcp('10.1.0.4:1', '10.9.0.41:80', 'SYN')).steps[0]!;
    expect(step.rules.map((met) => met.number)).toEqual([1, 42, 61]);
    expect(step.rulesPassed).toBe(62);
  });

  it('prints one rule in each family in its own words', () => {
    const ping = parseCommand('-A X -p icmp -m icmp --icmp-type 8');
    if (ping.op !== 'append') throw new Error('not a rule');
    const texts = ([4, 6] as const).map((family) => printRule('X', ping.rule, family));
    expect(new Set(texts).size).toBe(2);
    expect(([4, 6] as const).map((family) => printRule('X', ping.rule, family))).toEqual(texts);
  });

  it('remembers sources while a rule names the list (recent)', () => {
    const world = host('');
    const remember = parseCommand('-A X -m recent --name L --set -j ACCEPT');
    if (remember.op !== 'append') throw new Error('not a rule');
    const { rules, recent } = world.netfilter;
    const write = (...own: (typeof remember.rule)[]): void =>
      rules.restore('filter', [{ name: 'FORWARD', rules: own }], { noflush: true });
    write(remember.rule);
    through(world.netfilter, tcp('10.1.0.4:1', '10.2.0.1:2', 'SYN'), ['forward']);
    write(remember.rule);
    expect(recent.entries('L').map(([address]) => address)).toEqual(['10.1.0.4']);
    write();
    write(remember.rule);
    expect(recent.entries('L')).toEqual([]);
  });

  it('remembers a source for as long as the rule says (recent)', () => {
    const world = host(`*filter
:SEEN - [0:0]
-A FORWARD -m recent --name L --rcheck --seconds 10 --reap -j ACCEPT
-A FORWARD -d 10.2.0.9/32 -m recent --name L --set -j ACCEPT
-A FORWARD -j DROP
COMMIT`);
    const other = () => forwarded(world, tcp('10.1.0.4:1', '10.2.0.8:2', 'SYN')).verdict;
    expect(other()).toBe('drop');
    forwarded(world, tcp('10.1.0.4:1', '10.2.0.9:2', 'SYN'));
    world.clock.advanceTo(10 * SECOND);
    expect(other()).toBe('accept');
    world.clock.advanceTo(10 * SECOND + 1);
    expect(other()).toBe('drop');
    expect(world.netfilter.recent.entries('L')).toEqual([]);
  });

  it('looks fields up in sets', () => {
    const world = host(
      '*filter\n-A FORWARD -m set --match-set ok src,dst -j ACCEPT\n-A FORWARD -j DROP\nCOMMIT',
    );
    world.netfilter.sets.put({
      name: 'ok',
      type: 'hash:net,port',
      family: 4,
      entries: new Map([['10.1.0.0/16,tcp:80', null]]),
    });
    expect(forwarded(world, tcp('10.1.0.4:1', '10.2.0.8:80', 'SYN')).verdict).toBe('accept');
    expect(forwarded(world, tcp('10.1.0.4:1', '10.2.0.8:81', 'SYN')).verdict).toBe('drop');
    expect(forwarded(world, tcp('10.3.0.4:1', '10.2.0.8:80', 'SYN')).verdict).toBe('drop');
  });

  it('exempts from tracking what raw says', () => {
    const world = host(
      '*raw\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT\n*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT',
    );
    const { skb } = forwarded(world, tcp('10.1.0.4:1', '10.2.0.8:80', 'SYN'));
    expect(skb.connection?.state).toBe('UNTRACKED');
    expect(skb.packet.ip?.src).toBe('10.1.0.4');
  });

  it('keeps the two families apart', () => {
    const clock = new Clock(1);
    const facts = { label: 'x', isLocalAddress: () => false, masqueradeAddress: () => null, sysctl: () => 0 };
    const netfilter = createNetfilter(facts, { clock });
    netfilter.rules.restore('filter', [{ name: 'FORWARD', policy: 'DROP', rules: [] }], { family: 6 });
    expect(through(netfilter, tcp('10.1.0.4:1', '10.2.0.8:80', 'SYN'), ['forward']).verdict).toBe('accept');
    const six = {
      ip: { version: 6, src: 'fd00::1', dst: 'fd00::2', ttl: 64, protocol: 'tcp', df: true },
    } as const;
    expect(through(netfilter, six, ['forward'])).toMatchObject({ verdict: 'drop', reason: 'rule' });
  });

  it('spreads evenly by 1/n, 1/(n-1) … 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), (n) => {
        const rules = Array.from({ length: n }, (_, i) => {
          const chance =
            i === n - 1 ? '' : `-m statistic --mode random --probability ${(1 / (n - i)).toFixed(10)} `;
          return `-A PREROUTING ${chance}-p tcp -j DNAT --to-destination 10.2.0.${i}:80`;
        });
        const world = host(`*nat\n${rules.join('\n')}\nCOMMIT`);
        const hits = new Map<string, number>();
        for (let port = 1; port <= 600; port++) {
          const { dst } = through(world.netfilter, tcp(`10.1.0.4:${port}`, '10.9.0.1:80', 'SYN'), [
            'prerouting',
          ]).skb.packet.ip!;
          hits.set(dst, (hits.get(dst) ?? 0) + 1);
        }
        expect(hits.size).toBe(n);
        for (const count of hits.values()) expect(Math.abs(count - 600 / n)).toBeLessThan(90);
      }),
      { numRuns: 6 },
    );
  });
});
