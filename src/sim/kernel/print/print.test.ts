import { describe, expect, it } from 'vitest';
import { SECOND } from '../../clock/clock';
import { TwoMachines } from '../../testing/two-machines';
import { ipAddr, ipAddrBrief, ipLink, ipLinkBrief } from './links';
import { bridgeFdb, ipNeigh } from './neighbours';
import { ipRoute, ipRouteGet, ipRouteLocal } from './routes';
import { ss } from './sockets';

// The shape of every golden here was compared with iproute2 6.1 on a netns of the same make.

/** Text without the spaces at line ends, which editors do not keep. */
const trimmed = (text: string) => `\n${text.replace(/ +$/gm, '')}`;

function used(): TwoMachines {
  const t = new TwoMachines();
  t.m2.listen('a', 'tcp', '0.0.0.0', 80, t.owner('s'));
  t.m2.listen('a', 'udp', '10.244.2.2', 53, t.owner('s'));
  t.m1.connect('a', 'tcp', { ip: '10.244.2.2', port: 80 }, t.owner('c'), 1);
  t.run();
  return t;
}

describe('ip addr', () => {
  it('prints a netns behind a bridge', () => {
    expect(trimmed(ipAddr(new TwoMachines().m1, 'a'))).toMatchInlineSnapshot(`
      "
      1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
          link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
          inet 127.0.0.1/8 scope host lo
             valid_lft forever preferred_lft forever
          inet6 ::1/128 scope host
             valid_lft forever preferred_lft forever
      2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP group default qlen 1000
          link/ether 1e:72:89:50:1d:e6 brd ff:ff:ff:ff:ff:ff link-netnsid 0
          inet 10.244.1.2/24 brd 10.244.1.255 scope global eth0
             valid_lft forever preferred_lft forever
      "
    `);
  });

  it('prints a host with bridge, tunnel and veths', () => {
    const t = new TwoMachines();
    t.m1.addDummy('host', 'ipvs0');
    t.m1.addAddress('host', 'ipvs0', '10.96.0.1/32');
    t.m1.addAddress('host', 'cni0', 'fd00::1/64');
    t.m1.addIpip('host', 'tunl0', { local: '0.0.0.0', mtuBytes: 1_480 });
    t.m1.setUp('b', 'eth0', false);
    t.m1.setUp('host', 'ipvs0', false);
    expect(trimmed(ipAddr(t.m1, 'host'))).toMatchInlineSnapshot(`
      "
      1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
          link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
          inet 127.0.0.1/8 scope host lo
             valid_lft forever preferred_lft forever
          inet6 ::1/128 scope host
             valid_lft forever preferred_lft forever
      2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
          link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
          inet 192.168.0.11/24 brd 192.168.0.255 scope global eth0
             valid_lft forever preferred_lft forever
      3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP group default qlen 1000
          link/ether 42:04:cb:63:75:1a brd ff:ff:ff:ff:ff:ff
          inet 10.244.1.1/24 brd 10.244.1.255 scope global cni0
             valid_lft forever preferred_lft forever
          inet6 fd00::1/64 scope global
             valid_lft forever preferred_lft forever
      4: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default
          link/ether 1e:b8:78:8a:cf:8c brd ff:ff:ff:ff:ff:ff
          inet 10.244.1.0/32 scope global flannel.1
             valid_lft forever preferred_lft forever
      5: veth-a@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue master cni0 state UP group default qlen 1000
          link/ether be:c1:b4:2c:4c:1d brd ff:ff:ff:ff:ff:ff link-netns a
      6: veth-b@if2: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1450 qdisc noqueue master cni0 state DOWN group default qlen 1000
          link/ether 46:3b:6d:31:4c:20 brd ff:ff:ff:ff:ff:ff link-netns b
      7: ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default qlen 1000
          link/ether aa:7f:4f:3a:98:3c brd ff:ff:ff:ff:ff:ff
          inet 10.96.0.1/32 scope global ipvs0
             valid_lft forever preferred_lft forever
      8: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN group default qlen 1000
          link/ipip 0.0.0.0 brd 0.0.0.0
      "
    `);
    expect(trimmed(ipAddrBrief(t.m1, 'host'))).toMatchInlineSnapshot(`
      "
      lo               UNKNOWN        127.0.0.1/8 ::1/128
      eth0             UP             192.168.0.11/24
      cni0             UP             10.244.1.1/24 fd00::1/64
      flannel.1        UNKNOWN        10.244.1.0/32
      veth-a@if2       UP
      veth-b@if2       DOWN
      ipvs0            DOWN           10.96.0.1/32
      tunl0@NONE       UNKNOWN
      "
    `);
    expect(trimmed(ipLinkBrief(t.m1, 'a'))).toMatchInlineSnapshot(`
      "
      lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP>
      eth0@if5         UP             1e:72:89:50:1d:e6 <BROADCAST,MULTICAST,UP,LOWER_UP>
      "
    `);
    expect(trimmed(ipLink(t.m1, 'host', 'flannel.1', true))).toMatchInlineSnapshot(`
      "
      4: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
          link/ether 1e:b8:78:8a:cf:8c brd ff:ff:ff:ff:ff:ff
          vxlan id 1 local 192.168.0.11 dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300
      "
    `);
  });
});

describe('ip route', () => {
  it('prints the main table in order of destinations', () => {
    const { m1 } = new TwoMachines();
    m1.addRoute('host', { prefix: '10.9.0.0/16', device: '', type: 'blackhole', proto: 'bird' });
    m1.addRoute('host', { prefix: '10.8.0.0/16', device: '', type: 'unreachable' });
    m1.addRoute('host', { prefix: '10.7.0.5/32', device: 'cni0' });
    m1.addRoute('host', {
      prefix: '0.0.0.0/0',
      via: '192.168.0.1',
      device: 'eth0',
      proto: 'static',
      metric: 100,
    });
    m1.addRoute('host', { prefix: '10.244.0.0/16', via: '192.168.0.9', device: 'eth0' });
    m1.addAddress('host', 'cni0', 'fd00::1/64');
    m1.addRoute('host', { prefix: 'fd01::/64', via: 'fd00::2', device: 'cni0' });
    expect(ipRoute(m1, 'host')).toBe(
      [
        'default via 192.168.0.1 dev eth0 proto static metric 100 ',
        '10.7.0.5 dev cni0 scope link ',
        'unreachable 10.8.0.0/16 ',
        'blackhole 10.9.0.0/16 proto bird ',
        '10.244.0.0/16 via 192.168.0.9 dev eth0 ',
        '10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1 ',
        '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink ',
        '192.168.0.0/24 dev eth0 proto kernel scope link src 192.168.0.11 ',
        '',
      ].join('\n'),
    );
    expect(ipRoute(m1, 'host', 6)).toBe(
      [
        'fd00::/64 dev cni0 proto kernel metric 256 pref medium',
        'fd01::/64 via fd00::2 dev cni0 metric 1024 pref medium',
        '',
      ].join('\n'),
    );
    expect(ipRoute(m1, 'a')).toBe(
      'default via 10.244.1.1 dev eth0 \n10.244.1.0/24 dev eth0 proto kernel scope link src 10.244.1.2 \n',
    );
    expect(ipRouteLocal(m1, 'a')).toBe(
      [
        'local 10.244.1.2 dev eth0 proto kernel scope host src 10.244.1.2 ',
        'broadcast 10.244.1.255 dev eth0 proto kernel scope link src 10.244.1.2 ',
        'local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1 ',
        'local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1 ',
        'broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1 ',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['10.244.2.3', '10.244.2.3 via 10.244.1.1 dev eth0 src 10.244.1.2 uid 0 \n    cache \n'],
    ['10.244.1.3', '10.244.1.3 dev eth0 src 10.244.1.2 uid 0 \n    cache \n'],
    ['10.244.1.2', 'local 10.244.1.2 dev lo src 10.244.1.2 uid 0 \n    cache <local> \n'],
    ['fd00::1', 'RTNETLINK answers: Network is unreachable\n'],
    ['web', 'Error: any valid prefix is expected rather than "web".\n'],
  ])('get %s', (address, expected) => {
    expect(ipRouteGet(new TwoMachines().m1, 'a', address)).toBe(expected);
  });
});

describe('ip neigh and bridge fdb', () => {
  it('print what was learned and what an agent wrote', () => {
    const t = used();
    expect(trimmed(ipNeigh(t.m1, 'host'))).toMatchInlineSnapshot(`
      "
      10.244.2.0 dev flannel.1 lladdr 26:00:03:85:56:5b PERMANENT
      10.244.1.2 dev cni0 lladdr 1e:72:89:50:1d:e6 REACHABLE
      192.168.0.12 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE
      "
    `);
    expect(trimmed(bridgeFdb(t.m1, 'host'))).toMatchInlineSnapshot(`
      "
      1e:72:89:50:1d:e6 dev veth-a master cni0
      42:04:cb:63:75:1a dev cni0 master cni0 permanent
      be:c1:b4:2c:4c:1d dev veth-a master cni0 permanent
      46:3b:6d:31:4c:20 dev veth-b master cni0 permanent
      26:00:03:85:56:5b dev flannel.1 dst 192.168.0.12 self permanent
      "
    `);
    t.m1.openPing('a', t.owner('p'), 0);
    t.run(40 * SECOND);
    expect(ipNeigh(t.m1, 'host', 'cni0')).toBe(`10.244.1.2 lladdr ${t.m1.macOf('a', 'eth0')} STALE \n`);
  });
});

describe('ss', () => {
  it('prints listeners and connections', () => {
    const t = used();
    expect(trimmed(ss(t.m2, 'a', { tcp: true, all: true }))).toMatchInlineSnapshot(`
      "
      State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
      LISTEN 0      4096               *:80              *:*
      ESTAB  0      0         10.244.2.2:80     10.244.1.2:46963
      "
    `);
    expect(trimmed(ss(t.m2, 'a', { tcp: true, udp: true, listening: true }))).toMatchInlineSnapshot(`
      "
      Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
      udp   UNCONN 0      0         10.244.2.2:53              *:*
      tcp   LISTEN 0      4096               *:80              *:*
      "
    `);
  });
});
