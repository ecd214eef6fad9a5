/** What commands do in images that we know and in those that we do not, and how programs end whose container is there to end. */
import { beforeEach, expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';

const UNKNOWN = 'example.com/acme/thing:1';
let shop: Shop;

beforeEach(() => {
  shop = new Shop();
  shop.boot();
});

/** Exit code of a probe's command. */
function probe(image: string, command: readonly string[]): number {
  const handle = shop.start('c', '10.244.1.7', { image, command: ['sleep', 'infinity'] });
  shop.processes.exec(handle, command, 'kubelet', 1);
  shop.run(10 * SECOND);
  const done = shop.notices.find((notice) => notice.type === 'exec-done');
  return Number(done?.exitCode);
}

it.each([
  [UNKNOWN, ['/app/healthcheck', '--deep'], 0],
  [UNKNOWN, ['sh', '-c', '/app/healthcheck && test -f /none'], 1],
  [UNKNOWN, ['sh', '-c', '[ "$(app-status)" = "" ]'], 0],
  [UNKNOWN, ['cat', '/none'], 1],
  ['nginx', ['/app/healthcheck'], 126],
  ['busybox', ['sh', '-c', 'app-status'], 127],
])('as a probe in %s: %s', (image, command, code) => {
  expect(probe(image, command)).toBe(code);
});

it('knows no such command at a terminal', () => {
  expect(shop.exec(shop.client(UNKNOWN), '/app/healthcheck')).toMatch(/no such file or directory/);
});

/** How a container's own program has ended after a while. */
function ending(more: Parameters<Shop['start']>[2]): unknown {
  shop.start('c', '10.244.1.7', more);
  shop.run(20 * SECOND);
  return shop.notices.find((notice) => notice.type === 'container-exited')?.exitCode ?? 'runs';
}

it.each([
  ['an unknown image of an init container or a Job ends', { isTask: true }, 0],
  [
    'so does its script, command by command',
    { isTask: true, command: ['sh', '-ec', 'migrate up; seed --all'] },
    0,
  ],
  [
    'a server of a Job that names its port goes on',
    { isTask: true, ports: [{ containerPort: 80, protocol: 'TCP' }] },
    'runs',
  ],
  ['any other goes on', {}, 'runs'],
  [
    'its script becomes the server',
    { command: ['sh', '-c', 'X=$(vault read x) exec thing --serve'] },
    'runs',
  ],
  ['a known image has no such command', { image: 'nginx', command: ['sh', '-c', 'migrate up'] }, 127],
] as const)('%s', (_what, more, expected) => {
  expect(ending({ image: UNKNOWN, ...more })).toBe(expected);
});

it('runs scripts that are mounted, by what their first line says', () => {
  const files = {
    '/scripts/go.sh': '#!/bin/sh\nset -e\necho "on $1"\n',
    '/scripts/none.py': '#!/usr/bin/env python3\n',
  };
  const handle = shop.start('c', '10.244.1.7', { image: 'busybox', command: ['sleep', 'infinity'], files });
  expect(shop.exec(handle, "sh -c '/scripts/go.sh stage'")).toBe('on stage\n[0]');
  expect(shop.exec(handle, '/scripts/none.py')).toMatch(/no such file or directory/);
});
