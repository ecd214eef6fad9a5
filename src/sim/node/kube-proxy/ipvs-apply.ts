/** Writing IPVS mode's data into a machine: sets, rules, addresses of the dummy device, virtual servers. */
import { ipFamily } from '../../../lib/ip';
import type { Conntrack } from '../../kernel/conntrack';
import type { RealServer, VirtualServer } from '../../kernel/ipvs/ipvs';
import { virtualKey } from '../../kernel/ipvs/ipvs';
import type { NetfilterState } from '../../kernel/netfilter/state';
import { familyNumber, type ProxyConfig } from './config';
import { DUMMY_DEVICE, type IpvsData } from './ipvs';
import { ipvsJumps } from './ipvs-rules';

/** What of a machine IPVS mode needs besides its rules. */
export interface DeviceApi {
  addDummy(netns: string, device: string): void;
  setUp(netns: string, device: string, up: boolean): void;
  addAddress(netns: string, device: string, cidr: string): void;
  deleteAddress(netns: string, device: string, cidr: string): void;
}

export function ensureIpvsBase(netfilter: NetfilterState, config: ProxyConfig): void {
  const family = familyNumber(config.family);
  for (const { table, from, rule } of ipvsJumps()) {
    if (rule.target?.kind === 'jump') netfilter.rules.ensureChain(table, rule.target.chain, family);
    netfilter.rules.ensureRule(table, from, rule, 'front', family);
  }
}

/** Brings the machine in line. `bound` are the addresses that the last sync left on the device. */
export function applyIpvs(
  data: IpvsData,
  config: ProxyConfig,
  netfilter: NetfilterState,
  devices: DeviceApi | undefined,
  bound: readonly string[],
): void {
  const family = familyNumber(config.family);
  for (const set of data.sets) netfilter.sets.put(set);
  netfilter.rules.restore('filter', data.filter, { family, noflush: true });
  netfilter.rules.restore('nat', data.nat, { family, noflush: true });
  const length = family === 4 ? 32 : 128;
  const held = new Set(bound);
  const wanted = new Set(data.addresses);
  for (const ip of data.addresses) {
    if (!held.has(ip)) devices?.addAddress('host', DUMMY_DEVICE, `${ip}/${length}`);
  }
  for (const ip of bound) {
    if (!wanted.has(ip)) devices?.deleteAddress('host', DUMMY_DEVICE, `${ip}/${length}`);
  }
  applyServers(data, family, netfilter);
}

function applyServers(data: IpvsData, family: 4 | 6, { ipvs, conntrack }: NetfilterState): void {
  const wanted = new Set(data.virtualServers.map(keyOf));
  for (const old of ipvs.list())
    if (ipFamily(old.address) === family && !wanted.has(keyOf(old))) ipvs.delete(old);
  for (const server of data.virtualServers) {
    const old = ipvs.get(server.address, server.port, server.protocol);
    const leaving = (old?.realServers ?? [])
      .filter(
        (real) =>
          !server.realServers.some((kept) => kept.address === real.address && kept.port === real.port),
      )
      .filter((real) => server.protocol === 'tcp' && isBusy(conntrack, server, real));
    ipvs.put({
      ...server,
      realServers: [...server.realServers, ...leaving.map((real) => ({ ...real, weight: 0 }))],
    });
  }
}

function keyOf(server: VirtualServer): string {
  return virtualKey(server.address, server.port, server.protocol);
}

/**
 * TCP connections may end in peace: the real server takes no new ones and goes when the last is gone.
 * Not simulated: the check of every minute; it is made at each sync.
 */
function isBusy(conntrack: Conntrack, server: VirtualServer, real: RealServer): boolean {
  return conntrack
    .list()
    .some(
      ({ original, reply }) =>
        original.protocol === 'tcp' &&
        original.dst === server.address &&
        original.dstPort === server.port &&
        reply.src === real.address &&
        reply.srcPort === real.port,
    );
}
