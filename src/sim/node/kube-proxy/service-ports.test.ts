import { expect, it } from 'vitest';
import type { Service } from '../../api/kinds/service';
import { servicePortsOf } from './service-ports';

const read = (spec: Partial<Service['spec']>, family: 'IPv4' | 'IPv6' = 'IPv4') => {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  };
  return servicePortsOf(service, [], family, 'me')[0]?.info;
};

it.each<[string, string[], string[], string[]]>([
  ['leading zeros', ['192.0.2.007'], ['192.0.2.7'], []],
  ['an IPv4 address in IPv6 dress', ['::ffff:192.0.2.7'], ['192.0.2.7'], []],
  ['an IPv6 address written at length', ['2001:DB8:0::1'], [], ['2001:db8::1']],
  ['what is no address', [' 192.0.2.7', '192.0.2.7/32', 'gate.example'], [], []],
])('external addresses: %s', (_title, externalIPs, four, six) => {
  expect(read({ externalIPs })?.externalIps).toEqual(four);
  expect(read({ externalIPs, clusterIP: 'fd00::9' }, 'IPv6')?.externalIps).toEqual(six);
});

it.each<[string, string[], string[]]>([
  ['blanks around', [' 192.0.2.0/24 '], ['192.0.2.0/24']],
  ['host bits', ['192.0.2.77/24'], ['192.0.2.0/24']],
  ['a bare address', ['192.0.2.7', '198.51.100.0/24'], ['198.51.100.0/24']],
  ['everything', ['192.0.2.0/24', '0.0.0.0/0'], []],
  ['the other family', ['2001:db8::/32'], []],
])('source ranges: %s', (_title, loadBalancerSourceRanges, ranges) => {
  expect(read({ loadBalancerSourceRanges })?.sourceRanges).toEqual(ranges);
});

it('is for one family only', () => {
  expect(read({}, 'IPv6')).toBeUndefined();
  expect(read({ clusterIPs: ['fd00::9', '10.96.0.9'] }, 'IPv6')?.clusterIp).toBe('fd00::9');
  expect(read({ clusterIP: 'None' })).toBeUndefined();
});
