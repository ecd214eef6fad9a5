/**
 * The machines beyond the nodes, each with devices, addresses and routes of its own: the router of the nodes' network, a
 * client and web servers on the internet behind it, and the cloud's balancer on the nodes' network.
 *
 *      nodes ─── 192.168.0.0/24 ───┬─── router ─── 203.0.113.0/24 ───┬─── client
 *                                  │     .1     .1                   │     .10
 *                              balancer                          internet
 *                                 .2                             .80 and up
 */
import { canonicalPrefix, inPrefix, parsePrefix } from '../lib/ip';
import type { Clock } from './clock/clock';
import { hostAddress } from './cluster-families';
import { apiServerOf, gatewayOf, type ClusterSpec } from './cluster-spec';
import { nicMac } from './cluster-node';
import { CLOUD_RANGES } from './controllers/load-balancer/addresses';
import { Machine } from './kernel/machine';
import { createNetfilter } from './kernel/netfilter/state';
import { NIC } from './node/host';
import { OUTSIDE_NAMES, OUTSIDE_V6_NAMES } from './programs/outside';
import type { Trace } from './trace/trace';
import type { Underlay } from './underlay';

/** Name of the router in traces; its name server and the API server's address are on it, too. */
export const ROUTER = 'outside';
export const CLIENT = 'client';
export const INTERNET = 'internet';
export const BALANCER = 'balancer';
/** A client on the internet (RFC 5737). */
export const CLIENT_IP = '203.0.113.10';
/** The same client in IPv6 (RFC 3849). */
export const CLIENT_IP6 = '2001:db8:203:113::10';
/** The router's card towards the internet. */
const INTERNET_NIC = 'eth1';

interface InternetPlan {
  readonly cidr: string;
  readonly gateway: string;
  readonly client: string;
}

/** The internet in both families; a cluster without IPv6 has no way into the second. */
const INTERNETS: readonly InternetPlan[] = [
  { cidr: '203.0.113.0/24', gateway: '203.0.113.1', client: CLIENT_IP },
  { cidr: '2001:db8:203:113::/64', gateway: '2001:db8:203:113::1', client: CLIENT_IP6 },
];
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

/** Address of the cloud's balancer on one of the nodes' networks. */
export function balancerOf(underlayCidr: string): string {
  return hostAddress(underlayCidr, 2);
}

/** Private address ranges (RFC 1918, RFC 4193): pod and Service addresses that no rule rewrote end up among them. */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', 'fd00::/8'];

export function createMachines(deps: OutsideDeps, spec: ClusterSpec): OutsideMachines {
  const onNodes = (number: number): string[] =>
    spec.underlayCidrs.map((cidr) => within(cidr, hostAddress(cidr, number)));
  const onInternet = (ipsOf: (plan: InternetPlan) => readonly string[]): string[] =>
    INTERNETS.flatMap((plan) => ipsOf(plan).map((ip, i) => (i === 0 ? within(plan.cidr, ip) : ip)));
  const gateways = INTERNETS.map(({ gateway }) => gateway);
  const router = machine(deps, ROUTER);
  plug(deps, router, NIC, '', [...onNodes(1), apiServerOf(spec)], []);
  plug(
    deps,
    router,
    INTERNET_NIC,
    SEGMENT,
    onInternet(({ gateway }) => [gateway]),
    [],
  );
  const client = machine(deps, CLIENT);
  plug(
    deps,
    client,
    NIC,
    SEGMENT,
    onInternet((plan) => [plan.client]),
    gateways,
  );
  const internet = machine(deps, INTERNET);
  plug(
    deps,
    internet,
    NIC,
    SEGMENT,
    onInternet(({ cidr }) => internetAddresses(cidr)),
    gateways,
  );
  const balancer = machine(deps, BALANCER);
  plug(
    deps,
    balancer,
    NIC,
    '',
    onNodes(2),
    spec.underlayCidrs.map((cidr) => gatewayOf(spec, cidr)),
  );
  for (const prefix of Object.values(CLOUD_RANGES))
    balancer.addRoute('host', { prefix, device: '', type: 'unreachable', proto: 'static' });
  for (const forwarding of [router, balancer]) letForward(forwarding);
  // What is private and unknown goes nowhere, without a word, as at the edge of a provider's network (RFC 6303, BCP 38).
  for (const prefix of PRIVATE_RANGES)
    router.addRoute('host', { prefix, device: '', type: 'blackhole', proto: 'static' });
  return { router, client, internet, balancer };
}

function within(cidr: string, ip: string): string {
  return `${ip}/${parsePrefix(cidr)?.length ?? 24}`;
}

/** Makes a router of a machine; flows of one client are told apart by their ports, too. */
function letForward(router: Machine): void {
  router.setSysctl('host', 'net.ipv4.ip_forward', 1);
  router.setSysctl('host', 'net.ipv6.conf.all.forwarding', 1);
  router.setSysctl('host', 'net.ipv4.fib_multipath_hash_policy', 1);
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
  addresses: readonly string[],
  gateways: readonly string[],
): void {
  const mac = nicMac(device === NIC ? to.name : `${to.name} ${device}`);
  to.addNic('host', device, mac, MTU);
  to.setUp('host', device, true);
  // A further address of a network is given as a host's, so that it brings no second connected route.
  for (const address of addresses)
    to.addAddress('host', device, address.includes('/') ? address : canonicalPrefix(address));
  for (const via of gateways)
    to.addRoute('host', { prefix: via.includes(':') ? '::/0' : '0.0.0.0/0', via, device, proto: 'static' });
  underlay.attach(to, device, mac, segment);
}

/** Addresses behind the names that the outside knows, of one network. */
function internetAddresses(cidr: string): string[] {
  const records = [...OUTSIDE_NAMES, ...OUTSIDE_V6_NAMES];
  const known = records.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ data }) => String(data));
  return [...new Set(known.filter((ip) => inPrefix(ip, cidr)))];
}
