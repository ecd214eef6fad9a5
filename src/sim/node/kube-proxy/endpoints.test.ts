import { expect, it } from 'vitest';
import type { Endpoint, EndpointSlice } from '../../api/kinds/endpointslice';
import { endpointsOf } from './endpoints';

function slice(name: string, endpoints: unknown, more: Partial<EndpointSlice> = {}): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: endpoints as Endpoint[],
    ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
    ...more,
  };
}

const at = (ip: string, nodeName?: string): object => ({
  addresses: [ip],
  ...(nodeName ? { nodeName } : {}),
});

it.each<[string, EndpointSlice[], string[]]>([
  ['a list that was never made', [slice('a', null), slice('b', [at('10.0.0.1')])], ['10.0.0.1:80']],
  ['an endpoint without address', [slice('a', [{}, { addresses: [] }])], []],
  ['text order', [slice('a', [at('10.0.0.2'), at('10.0.0.10')])], ['10.0.0.10:80', '10.0.0.2:80']],
  [
    'the local one of two',
    [slice('a', [at('10.0.0.1', 'me')]), slice('b', [at('10.0.0.1')])],
    ['10.0.0.1:80*'],
  ],
  [
    'the same, the other way round',
    [slice('a', [at('10.0.0.1')]), slice('b', [at('10.0.0.1', 'me')])],
    ['10.0.0.1:80*'],
  ],
  ['names in place of addresses', [slice('a', [at('10.0.0.1')], { addressType: 'FQDN' })], []],
  ['an IPv4 address in IPv6 dress', [slice('a', [at('::ffff:10.0.0.9')])], ['10.0.0.9:80']],
  [
    'a port without number',
    [slice('a', [at('10.0.0.1')], { ports: [{ name: 'http', protocol: 'TCP' }] })],
    [],
  ],
])('reads %s', (_title, slices, expected) => {
  const query = { portName: 'http', protocol: 'TCP', family: 'IPv4', nodeName: 'me' } as const;
  expect(endpointsOf(slices, query).map(({ text, local }) => `${text}${local ? '*' : ''}`)).toEqual(expected);
});
