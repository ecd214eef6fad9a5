/**
 * The machines beyond the nodes, each with devices, addresses and routes of its own: the router of the nodes' network, a
 * client and web servers on the internet behind it, and the cloud's balancer on the nodes' network.
 *
 *      nodes ─── 192.168.0.0/24 ───┬─── router ─── 203.0.113.0/24 ───┬─── client
 *                                  │     .1     .1                   │     .10
 *                              balancer                          internet
 *                                 .2                             .80 and up
 */
import { nthAddress, parsePrefix } from '../lib/ip';
import type { Clock } from './clock/clock';
import { apiServerOf, gatewayOf, type ClusterSpec } from './cluster-spec';
import { nicMac } from './cluster-node';
import { CLOUD_RANGE } from './controllers/load-balancer/provider';
import { Machine } from './kernel/machine';
import { createNetfilter } from './kernel/netfilter/state';
import { NIC } from './node/host';
import { OUTSIDE_NAMES } from './programs/outside';
import type { Trace } from './trace/trace';
import type { Underlay } from './underlay';

/** Name of the router in traces; its name server and the API server's address are on it, too. */
export const ROUTER = 'outside';
export const CLIENT = 'client';
export const INTERNET = 'internet';
export const BALANCER = 'balancer';
/** A client on the internet (RFC 5737). */
export const CLIENT_IP = '203.0.113.10';
/** The router's card towards the internet. */
export const INTERNET_NIC = 'eth1';
const INTERNET_GATEWAY = '203.0.113.1';
const INTERNET_LENGTH = 24;
const SEGMENT = 'internet';
const MTU = 1500;

export interface OutsideDeps {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly underlay: Underlay;
}

export interface OutsideMachines {
  readonly router: Machine;
  readonly client: Machine;
  readonly internet: Machine;
  readonly balancer: Machine;
}

/** Address of the cloud's balancer on the nodes' network. */
export function balancerOf(spec: ClusterSpec): string {
  return nthAddress(spec.underlayCidr, 2);
}

export function createMachines(deps: OutsideDeps, spec: ClusterSpec): OutsideMachines {
  const length = parsePrefix(spec.underlayCidr)?.length ?? 24;
  const router = machine(deps, ROUTER);
  plug(deps, router, NIC, '', [gatewayOf(spec), apiServerOf(spec)], length);
  plug(deps, router, INTERNET_NIC, SEGMENT, [INTERNET_GATEWAY], INTERNET_LENGTH);
  // Flows of one client are told apart by their ports, too.
  router.setSysctl('host', 'net.ipv4.ip_forward', 1);
  router.setSysctl('host', 'net.ipv4.fib_multipath_hash_policy', 1);
  const client = machine(deps, CLIENT);
  plug(deps, client, NIC, SEGMENT, [CLIENT_IP], INTERNET_LENGTH, INTERNET_GATEWAY);
  const internet = machine(deps, INTERNET);
  plug(deps, internet, NIC, SEGMENT, internetAddresses(), INTERNET_LENGTH, INTERNET_GATEWAY);
  const balancer = machine(deps, BALANCER);
  plug(deps, balancer, NIC, '', [balancerOf(spec)], length, gatewayOf(spec));
  balancer.setSysctl('host', 'net.ipv4.ip_forward', 1);
  balancer.addRoute('host', { prefix: CLOUD_RANGE, device: '', type: 'unreachable', proto: 'static' });
  return { router, client, internet, balancer };
}

function machine({ clock, trace, underlay }: OutsideDeps, name: string): Machine {
  const netfilterFor = (facts: Parameters<typeof createNetfilter>[0]) => createNetfilter(facts, { clock });
  return new Machine(name, { clock, trace, wire: underlay, netfilterFor });
}

function plug(
  { underlay }: OutsideDeps,
  to: Machine,
  device: string,
  segment: string,
  ips: readonly string[],
  length: number,
  gateway?: string,
): void {
  const mac = nicMac(device === NIC ? to.name : `${to.name} ${device}`);
  to.addNic('host', device, mac, MTU);
  to.setUp('host', device, true);
  for (const ip of ips) to.addAddress('host', device, `${ip}/${length}`);
  if (gateway !== undefined)
    to.addRoute('host', { prefix: '0.0.0.0/0', via: gateway, device, proto: 'static' });
  underlay.attach(to, device, mac, segment);
}

/** Addresses behind the names that the outside knows. */
function internetAddresses(): string[] {
  return [...new Set(OUTSIDE_NAMES.filter(({ type }) => type === 'A').map(({ data }) => String(data)))];
}
