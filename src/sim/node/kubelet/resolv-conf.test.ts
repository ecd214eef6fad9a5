import { expect, it } from 'vitest';
import type { PodSpec } from '../../api/kinds/pod';
import { parseHostResolvConf, podResolvConf } from './resolv-conf';

const SETTINGS = { clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local' };
const HOST = 'nameserver 192.0.2.53\nsearch corp.example cluster.local.\noptions timeout:1\n';

function text(spec: Partial<PodSpec>, host: string | null = HOST): string {
  return podResolvConf(SETTINGS, { containers: [], ...spec }, 'shop', host).text;
}

it.each<[string, Partial<PodSpec>, string]>([
  [
    'ClusterFirst',
    {},
    'search shop.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\noptions ndots:5\n',
  ],
  [
    'Default',
    { dnsPolicy: 'Default' },
    'search corp.example cluster.local\nnameserver 192.0.2.53\noptions timeout:1\n',
  ],
  [
    'host network falls back',
    { hostNetwork: true },
    'search corp.example cluster.local\nnameserver 192.0.2.53\noptions timeout:1\n',
  ],
  [
    'options by name',
    { dnsPolicy: 'ClusterFirst', dnsConfig: { options: [{ name: 'ndots', value: '2' }, { name: 'debug' }] } },
    'search shop.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\noptions ndots:2 debug\n',
  ],
  ['None', { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } }, 'nameserver 1.1.1.1\n'],
])('%s', (_title, spec, expected) => {
  expect(text(spec)).toBe(expected);
});

it('keeps three name servers and tells of the rest', () => {
  const spec = { containers: [], dnsConfig: { nameservers: ['1.1.1.1', '8.8.8.8', '9.9.9.9'] } };
  const dns = podResolvConf(SETTINGS, spec, 'shop', HOST);
  expect(dns.nameservers).toEqual(['10.96.0.10', '1.1.1.1', '8.8.8.8']);
  expect(dns.events).toEqual(['DNSConfigForming']);
});

it('points at the node when there is no resolv.conf', () => {
  expect(text({ dnsPolicy: 'Default' }, null)).toBe('search .\nnameserver 127.0.0.1\n');
});

it.each([
  [' options ndots:1 debug\noptions ndots:5\n', false, ['ndots:5', 'debug']],
  [' options ndots:1 debug\noptions ndots:5\n', true, ['ndots:5']],
])('reads the options of %j (old kubelet: %s)', (file, old, options) => {
  expect(parseHostResolvConf(file, old)?.options).toEqual(options);
});

it('drops a lone dot, which older kubelets made an empty string, and refuses an empty nameserver line', () => {
  expect(parseHostResolvConf('search . foo.\n')?.search).toEqual(['foo']);
  expect(parseHostResolvConf('search . foo.\n', true)?.search).toEqual(['', 'foo']);
  expect(parseHostResolvConf('nameserver\n')).toBeNull();
});

it('counts the searches before it drops the long ones, and tells of servers and searches apart', () => {
  const searches = ['x'.repeat(254), ...Array.from({ length: 32 }, (_, i) => `s${i}`)];
  const spec = {
    containers: [],
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'], searches },
  } as PodSpec;
  const dns = podResolvConf(SETTINGS, spec, 'shop', HOST);
  expect(dns.search).toEqual(searches.slice(1, 32));
  expect(dns.messages.map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
    'Nameserver limits',
    'Search Line',
  ]);
});
