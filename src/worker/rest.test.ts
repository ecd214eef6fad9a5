import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../sim/cluster';
import { readAhead, remember } from '../sim/manifests/parse';
import { Host } from './host';
import type { Command, Report } from './protocol';
import { Rest, isPlain } from './rest';

const text = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');
const files = [{ name: 'manifests.yaml', text }];
const boot: Extract<Command, { type: 'boot' }> = { type: 'boot', seed: 3, files };
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

afterEach(() => vi.restoreAllMocks());

describe('those who wait for the rest', () => {
  it('go on in order when it comes, and at once from then on', async () => {
    const done: string[] = [];
    const rest = new Rest(
      () => Promise.resolve(),
      () => undefined,
    );
    rest.then(() => done.push('a'));
    rest.then(() => done.push('b'));
    rest.first(() => done.push('first'));
    expect(done).toEqual([]);
    await turn();
    rest.then(() => done.push('c'));
    expect(done).toEqual(['first', 'a', 'b', 'c']);
  });

  it('hear of a failure, and the next one tries again', async () => {
    let fails = true;
    const failures: unknown[] = [];
    const rest = new Rest(
      () => (fails ? Promise.reject(new Error('offline')) : Promise.resolve()),
      (error) => failures.push(error),
    );
    rest.then(() => undefined);
    await turn();
    expect(failures).toHaveLength(1);
    fails = false;
    rest.load();
    await turn();
    expect(rest.isHere).toBe(true);
  });
});

describe('a host whose rest is on its way', () => {
  beforeAll(() => remember(readAhead(text)));

  it('builds the first example and keeps commands until the rest is here', async () => {
    const reports: Report[] = [];
    let arrive = (): void => undefined;
    const later = (): Promise<void> => new Promise((resolve) => (arrive = resolve));
    const host = new Host({ post: (report) => reports.push(report), nowMs: () => 0, later });
    host.receive(boot);
    expect(reports.map((report) => report.type)).toContain('ready');
    host.receive({ type: 'exec', id: 1, line: 'echo here' });
    expect(reports.some((report) => report.type === 'output')).toBe(false);
    arrive();
    await turn();
    expect(reports.find((report) => report.type === 'output')).toMatchObject({ text: 'here\n' });
  });

  it('builds the cluster again when it came to something that was missing', async () => {
    const apply = vi.spyOn(Cluster.prototype, 'apply').mockImplementationOnce(() => {
      throw Object.assign(new Error('x'), { name: 'PartMissing' });
    });
    const reports: Report[] = [];
    const host = new Host({
      post: (report) => reports.push(report),
      nowMs: () => 0,
      later: () => Promise.resolve(),
    });
    host.receive(boot);
    expect(reports).toEqual([]);
    await turn();
    expect(apply).toHaveBeenCalledTimes(2);
    expect(reports.map((report) => report.type)).toEqual(['ready', 'patch', 'applied']);
  });
});

it('takes for plain what was read ahead of time', () => {
  remember(readAhead(text));
  expect(isPlain(boot)).toBe(true);
  expect(isPlain({ ...boot, files: [{ name: 'a.yaml', text: text.replace('replicas', 'Replicas') }] })).toBe(
    false,
  );
  expect(isPlain({ ...boot, settings: { proxyMode: 'nftables' } })).toBe(false);
});
