import { expect, it } from 'vitest';
import { nodePortTargets, type ProxyConfig } from './config';

const CONFIG: ProxyConfig = {
  family: 'IPv4',
  nodeName: 'a',
  nodeIp: '192.168.0.2',
  nodeIps: ['192.168.0.2', '192.168.1.2', '2001:db8::1'],
  localDetector: { type: 'none' },
  masqueradeAll: false,
  masqueradeBit: 14,
  nodePortAddresses: null,
  localhostNodePorts: true,
  nfacct: false,
  dropInvalid: true,
  randomFully: false,
};

it.each<[string, readonly string[] | null, 'IPv4' | 'IPv6', 'all' | readonly string[]]>([
  ['unset', null, 'IPv4', 'all'],
  ['primary', ['primary'], 'IPv4', ['192.168.0.2']],
  ['primary of the other family', ['primary'], 'IPv6', ['2001:db8::1']],
  ['a range', ['192.168.1.0/24'], 'IPv4', ['192.168.1.2']],
  ['loopback too', ['192.168.0.0/24', '127.0.0.0/8'], 'IPv4', ['192.168.0.2', '127.0.0.1']],
  ['only ranges of the other family', ['192.168.1.0/24'], 'IPv6', 'all'],
  ['everything among others', ['192.168.1.0/24', '0.0.0.0/0'], 'IPv4', 'all'],
  ['nobody here', ['10.0.0.0/8'], 'IPv4', []],
])('node ports are accepted: %s', (_title, nodePortAddresses, family, targets) => {
  const nodeIp = family === 'IPv4' ? CONFIG.nodeIp : '2001:db8::1';
  expect(nodePortTargets({ ...CONFIG, family, nodeIp, nodePortAddresses })).toEqual(targets);
});
