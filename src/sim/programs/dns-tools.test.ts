/** What host, getent, nslookup and dig print, word for word as BIND 9.18, glibc and busybox do against the same answers. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';

let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
  shop.service('backend', '10.96.0.42', '10.244.1.5');
  shop.start('backend', '10.244.1.5', { image: 'nginx:1.27.4' });
  shop.machine.blackholes.add('10.99.99.99');
  shop.run(SECOND);
});

function rows(image: string, table: readonly (readonly [string, string | RegExp])[]): void {
  it.each(table)('%s', (line, expected) => {
    const got = shop.exec(shop.client(image), line, 60 * SECOND);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });
}

describe('full tools', () => {
  const server = 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n';
  rows('nicolaka/netshoot', [
    ['host backend', 'backend.default.svc.cluster.local has address 10.96.0.42\n[0]'],
    [
      'host 10.96.0.42',
      '42.0.96.10.in-addr.arpa domain name pointer backend.default.svc.cluster.local.\n[0]',
    ],
    ['host nope', 'Host nope not found: 3(NXDOMAIN)\n[1]'],
    ['host 10.9.9.9', 'Host 9.9.9.10.in-addr.arpa. not found: 3(NXDOMAIN)\n[1]'],
    ['host -t AAAA backend', 'backend.default.svc.cluster.local has no AAAA record\n[0]'],
    [
      'host backend 10.96.0.10',
      'Using domain server:\nName: 10.96.0.10\nAddress: 10.96.0.10#53\nAliases: \n\nbackend.default.svc.cluster.local has address 10.96.0.42\n[0]',
    ],
    [
      'host -W 1 backend 10.99.99.99',
      ';; communications error to 10.99.99.99#53: timed out\n;; communications error to 10.99.99.99#53: timed out\n;; no servers could be reached\n[1]',
    ],
    ['host', /^Usage: host \[-aCdilrTvVw\]/],
    ['nslookup 10.96.0.42', '42.0.96.10.in-addr.arpa\tname = backend.default.svc.cluster.local.\n\n[0]'],
    ['nslookup 10.9.9.9', "** server can't find 9.9.9.10.in-addr.arpa: NXDOMAIN\n\n[1]"],
    ['nslookup -type=AAAA backend', `${server}*** Can't find backend: No answer\n\n[0]`],
    ['nslookup a.b.c.d.e.nope', `${server}** server can't find a.b.c.d.e.nope: NXDOMAIN\n\n[1]`],
    ['nslookup -bogus nope', /^\*\*\* Invalid option: bogus\nServer:/],
    ['nslookup -type=bogus nope', /^unknown query type: bogus\nServer:/],
    [
      'nslookup backend 10.99.99.99',
      `${';; communications error to 10.99.99.99#53: timed out\n'.repeat(3)};; no servers could be reached\n\n[1]`,
    ],
    [
      'dig @10.244.1.5 backend',
      `${';; communications error to 10.244.1.5#53: connection refused\n'.repeat(3)}\n; <<>> DiG 9.18.33 <<>> @10.244.1.5 backend\n; (1 server found)\n;; global options: +cmd\n;; no servers could be reached\n[9]`,
    ],
    ['dig @nosuch backend', "dig: couldn't get address for 'nosuch': not found\n[1]"],
    ['dig +bogus backend', /^Invalid option: \+bogus\nUsage: {2}dig \[@global-server\][^]*\[1\]$/],
    ['dig +search +short backend AAAA', '[0]'],
    ['dig backend @10.96.0.10', /^\n; <<>> DiG \S+ <<>> backend @10\.96\.0\.10\n;; global options: \+cmd\n/],
  ]);
});

describe('busybox', () => {
  rows('busybox', [
    ['nslookup', /^BusyBox v[^]*\n\nUsage: nslookup \[-type=QUERY_TYPE\][^]*\[1\]$/],
    ['nslookup -type=bogus x', 'nslookup: invalid query type "bogus"\n[1]'],
    ['nslookup backend nosuch', "nslookup: bad address 'nosuch'\n[1]"],
    [
      'nslookup -type=a backend.default 10.244.1.5',
      "nslookup: write to '10.244.1.5': Connection refused\n;; connection timed out; no servers could be reached\n\n[1]",
    ],
    ['sleep', /^BusyBox v[^]*Usage: sleep \[N\]/],
    ['sleep 1x', "sleep: invalid number '1x'\n[1]"],
    ['sleep 0.5s', '[0]'],
  ]);
});

describe('glibc', () => {
  rows('debian', [
    ['getent hosts backend', '10.96.0.42      backend.default.svc.cluster.local\n[0]'],
    ['getent hosts 10.96.0.42', '10.96.0.42      backend.default.svc.cluster.local\n[0]'],
    ['getent hosts 10.9.9.9', '[2]'],
    ['getent hosts 127.0.0.1', /^127\.0\.0\.1 {7}localhost\n\[0\]$/],
    ['getent passwd root', 'root:x:0:0:root:/root:/bin/bash\n[0]'],
    ['getent', /^getent: wrong number of arguments\nTry `getent --help'/],
    ['getent foo x', /^Unknown database: foo\nTry `getent --help'/],
    ['sleep 0.1 0.2', '[0]'],
    ['sleep', "sleep: missing operand\nTry 'sleep --help' for more information.\n[1]"],
    ['sleep 1x', "sleep: invalid time interval ‘1x’\nTry 'sleep --help' for more information.\n[1]"],
  ]);
});
