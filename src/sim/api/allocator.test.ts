import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../clock/random';
import { Allocator, type Taken } from './allocator';
import type { Service } from './kinds/service';
import type { Draft } from './rules';

const NOTHING: Taken = { ip: () => undefined, nodePort: () => undefined };

function allocated(cidr: string, seed: number, taken: Taken = NOTHING): string | undefined {
  const allocator = new Allocator(
    { serviceCidrs: [cidr], nodePorts: [30_000, 32_767] },
    new RandomStreams(seed),
    taken,
  );
  const service: Draft<Service> = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'x', namespace: 'default' },
    spec: { type: 'ClusterIP', ipFamilies: [cidr.includes(':') ? 'IPv6' : 'IPv4'], ports: [] },
  };
  expect(allocator.fill(service)).toBeNull();
  return service.spec.clusterIP;
}

const number = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

describe('the dynamic band of the service CIDR', () => {
  // conformance/api/timings.json allocators.service_cluster_ip
  it.each([
    ['10.96.0.0/12', '10.96.1.1', '10.111.255.254'],
    ['10.96.0.0/16', '10.96.1.1', '10.96.255.254'],
    ['10.96.0.0/20', '10.96.1.1', '10.96.15.254'],
    ['10.96.0.0/22', '10.96.0.65', '10.96.3.254'],
    ['10.96.0.0/24', '10.96.0.17', '10.96.0.254'],
    ['10.96.0.0/27', '10.96.0.17', '10.96.0.30'],
    ['10.96.0.0/28', '10.96.0.1', '10.96.0.14'],
  ])('%s is %s to %s', (cidr, first, last) => {
    const seen = Array.from({ length: 300 }, (_, seed) => number(allocated(cidr, seed)!));
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(number(first));
    expect(Math.max(...seen)).toBeLessThanOrEqual(number(last));
  });

  it('falls back to the static band when it is full, and reports a full range', () => {
    const upper: Taken = { ...NOTHING, ip: (ip) => (number(ip) > number('10.96.0.16') ? 'x/y' : undefined) };
    expect(number(allocated('10.96.0.0/24', 1, upper)!)).toBeLessThanOrEqual(number('10.96.0.16'));
    const full: Taken = { ...NOTHING, ip: () => 'x/y' };
    const allocator = new Allocator(
      { serviceCidrs: ['10.96.0.0/28'], nodePorts: [30_000, 30_100] },
      new RandomStreams(1),
      full,
    );
    const error = allocator.fill({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x' },
      spec: { type: 'ClusterIP', ipFamilies: ['IPv4'] },
    });
    expect(error?.message).toContain('range is full');
  });

  it('works for IPv6', () => {
    expect(allocated('fd00:10:96::/112', 5)).toMatch(/^fd00:10:96::/);
  });
});
