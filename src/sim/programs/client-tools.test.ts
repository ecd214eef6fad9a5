/** Clients of well-known servers as they print and exit, against servers and against nobody. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';
import { hostPort } from './client-target';

let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
  shop.service('db', '10.96.0.42', '10.244.1.5');
  shop.start('db', '10.244.1.5', { image: 'postgres:16' });
  shop.machine.blackholes.add('10.99.99.99');
  shop.run(SECOND);
});

describe('clients of a database', () => {
  it.each([
    ['pg_isready -h db -p 5432', 'db:5432 - accepting connections\n[0]'],
    ['pg_isready -h db -p 5433', 'db:5433 - no response\n[2]'],
    ['pg_isready -q -h db -p 5433', '[2]'],
    ['pg_isready --host=nope', 'nope:5432 - no response\n[2]'],
    ['pg_isready', '/var/run/postgresql:5432 - no response\n[2]'],
    ['pg_isready -d postgres://u:p@db:5432/shop', 'db:5432 - accepting connections\n[0]'],
    ['pg_isready -t 1 -h 10.99.99.99', '10.99.99.99:5432 - no response\n[2]'],
    ["psql -h db -U u -tc 'select 1'", '1\n[0]'],
    [
      'psql -h db -p 5433',
      'psql: error: connection to server at "db" (10.96.0.42), port 5433 failed: Connection refused\n' +
        '\tIs the server running on that host and accepting TCP/IP connections?\n[2]',
    ],
    [
      'mysqladmin ping -h db -u root -psecret',
      "mysqladmin: connect to server at 'db' failed\nerror: 'Can't connect to MySQL server on 'db:3306' (111)'\n" +
        "Check that mysqld is running on db and that the port is 3306.\nYou can check this by doing 'telnet db 3306'\n[1]",
    ],
    ['mysqladmin ping -h db -P5432', 'mysqld is alive\n[0]'],
    ['mysql -hnope -e "SELECT 1"', "ERROR 2005 (HY000): Unknown MySQL server host 'nope' (-2)\n[1]"],
    ['redis-cli -h db ping', 'Could not connect to Redis at db:6379: Connection refused\n[1]'],
    ['redis-cli -u redis://db:6380 ping', 'Could not connect to Redis at db:6380: Connection refused\n[1]'],
    ['/bin/grpc_health_probe -addr=db:5432', 'status: SERVING\n[0]'],
    ['/bin/grpc_health_probe -addr=:8080', 'timeout: failed to connect service ":8080" within 1s\n[2]'],
    ['grpc_health_probe', 'error: -addr not specified\n[1]'],
    ['mongosh --quiet --host db --port 5432 --eval "db.adminCommand(1).ok"', '1\n[0]'],
    ['mongosh mongodb://db:27018/x', 'MongoNetworkError: connect ECONNREFUSED db:27018\n[1]'],
  ])('%s', (line, expected) => {
    expect(shop.exec(shop.client('example.com/anything'), line, 60 * SECOND)).toBe(expected);
  });
});

it('tells how long it took, and leaves open what it cannot know', () => {
  const pod = shop.client('example.com/anything');
  const health = shop.exec(pod, 'etcdctl --endpoints=db:5432 endpoint health', 60 * SECOND);
  const took = /^db:5432 is healthy: .*took = ([\d.]+)ms\n\[0\]$/.exec(health)?.[1];
  // A lookup and a handshake, of which the clock of the cluster knows the length.
  expect(Number(took)).toBeGreaterThan(0);
  const direct = shop.exec(pod, 'etcdctl --endpoints=10.244.1.5:5432 endpoint health', 60 * SECOND);
  expect(Number(/took = ([\d.]+)ms/.exec(direct)?.[1])).toBeLessThan(Number(took));
  expect(shop.exec(pod, 'nodetool -h db -p 5432 status', 60 * SECOND)).not.toContain('KiB');
});

it('talks to the server beside it', () => {
  const redis = shop.start('cache', '10.244.1.9', { image: 'redis:7' });
  shop.run(SECOND);
  expect(shop.exec(redis, 'redis-cli -h 10.244.1.9 ping')).toBe('PONG\n[0]');
  // The database takes the connection and closes it at words that are not its own.
  expect(shop.exec(redis, 'redis-cli -h db -p 5432 ping', 60 * SECOND)).toBe(
    'Error: Server closed the connection\n[1]',
  );
  expect(shop.exec(redis, "sh -c 'redis-cli -h 10.244.1.9 ping | grep -q PONG'")).toBe('[0]');
});

it('is not in images that do not bring it', () => {
  expect(shop.exec(shop.client('nginx'), 'redis-cli -h 10.244.1.9 ping')).toMatch(/not found/);
  expect(shop.exec(shop.client('redis'), 'pg_isready')).toMatch(/not found/);
});

it.each([
  ['redis://:pw@db:6379/0', 'db', 6379],
  [':8080', '', 8080],
  ['[::1]:80', '::1', 80],
  ['http://127.0.0.1:2379', '127.0.0.1', 2379],
  ['a:1,b:2', 'a', 1],
  ['db', 'db', null],
])('reads the address %s', (text, host, port) => {
  expect(hostPort(text)).toEqual({ host, port });
});
