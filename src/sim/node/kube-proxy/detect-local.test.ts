/** detectLocalMode: how each mode's rules tell pods from others. */
import { expect, it } from 'vitest';
import { printRule } from '../../kernel/iptables/print';
import { printNftRule } from '../../kernel/nft/print';
import type { LocalDetector } from './config';
import { fromPods, rule } from './iptables-rule';
import { nftFromPods } from './nftables-base';

it.each<[LocalDetector, string, string]>([
  [{ type: 'clusterCIDR', cidr: '10.244.0.0/16' }, '-s 10.244.0.0/16', 'ip saddr 10.244.0.0/16'],
  [{ type: 'nodeCIDR', cidr: '10.244.1.0/24' }, '-s 10.244.1.0/24', 'ip saddr 10.244.1.0/24'],
  [{ type: 'bridgeInterface', device: 'cbr0' }, '-i cbr0', 'iifname "cbr0"'],
  [{ type: 'interfaceNamePrefix', prefix: 'veth' }, '-i veth+', 'iifname "veth*"'],
])('%o', (detector, iptables, nft) => {
  expect(printRule('X', rule({ ...fromPods(detector, false) }))).toBe(`-A X ${iptables}`);
  expect(printRule('X', rule({ ...fromPods(detector, true) }))).toBe(`-A X ! ${iptables}`);
  const statement = (not: boolean) => printNftRule({ statements: [nftFromPods(detector, not)!] }, 'ip');
  expect(statement(false)).toBe(nft);
  expect(statement(true)).toBe(nft.replace(/ (?=[^ ]+$)/, ' != '));
});

it('cannot tell without one', () => {
  expect([fromPods({ type: 'none' }, true), nftFromPods({ type: 'none' }, true)]).toEqual([null, null]);
});
