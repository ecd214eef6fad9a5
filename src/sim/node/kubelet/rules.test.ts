import { describe, expect, it } from 'vitest';
import { SECOND } from '../../clock/clock';
import { goDuration, raise, retryAt, type Backoff } from './backoff';
import { expand, serviceLinks } from './env';
import { hostsFile, podHostname } from './hosts-file';
import { fullImageName, pullOutcome, pullPolicy } from './images';
import { afterOutcome } from './probes';
import type { ProbeRecord } from './records';

describe('back-off', () => {
  it('restarts at once, then waits 10, 20, 40 … 300 s', () => {
    let entry: Backoff | null = null;
    let nowNs = 0;
    const waits: string[] = [];
    for (let i = 0; i < 8; i++) {
      const atNs = retryAt(entry, nowNs);
      waits.push(goDuration(atNs - nowNs));
      entry = raise(entry, nowNs, atNs);
      nowNs = atNs;
    }
    expect(waits).toEqual(['0s', '10s', '20s', '40s', '1m20s', '2m40s', '5m0s', '5m0s']);
  });

  it('starts over when the container ran long enough', () => {
    const entry = { delayNs: 300 * SECOND, updatedNs: 0 };
    expect(retryAt(entry, 601 * SECOND)).toBe(601 * SECOND);
    expect(raise(entry, 601 * SECOND, 601 * SECOND).delayNs).toBe(10 * SECOND);
  });
});

describe('images', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest', 'Always'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27', 'IfNotPresent'],
    ['me/app', 'docker.io/me/app:latest', 'Always'],
    ['ghcr.io/me/app:v1', 'ghcr.io/me/app:v1', 'IfNotPresent'],
    ['localhost:5000/app', 'localhost:5000/app:latest', 'Always'],
  ])('%s is %s, pulled %s', (image, full, policy) => {
    expect(fullImageName(image)).toBe(full);
    expect(pullPolicy(image, undefined)).toBe(policy);
    expect(pullOutcome(image).kind).toBe('ok');
  });

  it.each([
    ['Nginx', 'invalid'],
    ['nginx:', 'invalid'],
    ['nginx::1', 'invalid'],
    ['', 'invalid'],
    ['nginx:notfound', 'missing'],
    ['doesnotexist:1', 'missing'],
    ['registry.invalid/app:1', 'missing'],
  ])('%s is %s', (image, kind) => {
    expect(pullOutcome(image).kind).toBe(kind);
  });
});

describe('probes', () => {
  const start: ProbeRecord = { result: 'success', last: null, inARow: 0, resting: false };
  const outcomes = (kind: 'liveness' | 'readiness', list: string): string => {
    let record = start;
    const probe = { failureThreshold: 3, successThreshold: kind === 'readiness' ? 2 : 1 };
    return [...list]
      .map((letter) => {
        const after = afterOutcome(record, probe, kind, letter === '+');
        record = after.record;
        return after.flipped ? (record.result === 'success' ? 'U' : 'D') : '.';
      })
      .join('');
  };

  it('flips only after enough equal outcomes in a row', () => {
    expect(outcomes('readiness', '--+---++-')).toBe('.....D.U.');
  });

  it('rests after a deadly failure', () => {
    expect(outcomes('liveness', '---')).toBe('..D');
    const { record } = afterOutcome({ ...start, last: 'failure', inARow: 2 }, {}, 'liveness', false);
    expect(record).toMatchObject({ resting: true, inARow: 0, result: 'failure' });
  });
});

describe('configuration', () => {
  it('expands known variables only', () => {
    expect(expand('$(A)-$(B)-$$(A)-$', { A: 'x' })).toBe('x-$(B)-$(A)-$');
  });

  it('links services', () => {
    const spec = { clusterIP: '10.96.3.4', ports: [{ name: 'http', port: 80, protocol: 'TCP' as const }] };
    const service = {
      apiVersion: 'v1' as const,
      kind: 'Service' as const,
      metadata: { name: 'web-api' },
      spec,
    };
    expect(serviceLinks([service])).toEqual({
      WEB_API_SERVICE_HOST: '10.96.3.4',
      WEB_API_SERVICE_PORT: '80',
      WEB_API_SERVICE_PORT_HTTP: '80',
      WEB_API_PORT: 'tcp://10.96.3.4:80',
      WEB_API_PORT_80_TCP: 'tcp://10.96.3.4:80',
      WEB_API_PORT_80_TCP_PROTO: 'tcp',
      WEB_API_PORT_80_TCP_PORT: '80',
      WEB_API_PORT_80_TCP_ADDR: '10.96.3.4',
    });
  });

  it('writes the hosts file of a pod with a subdomain', () => {
    const spec = {
      containers: [],
      subdomain: 'db',
      hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }],
    };
    expect(podHostname('db-0', spec, 'node-1')).toBe('db-0');
    const text = hostsFile(['10.244.1.5'], 'db-0', 'db-0.db.shop.svc.cluster.local', spec);
    expect(text.split('\n').slice(-5)).toEqual([
      '10.244.1.5\tdb-0.db.shop.svc.cluster.local\tdb-0',
      '',
      '# Entries added by HostAliases.',
      '1.2.3.4\tfoo\tbar',
      '',
    ]);
  });
});
