/**
 * The world beyond the nodes: one machine that is the router and name server of the nodes' network, the place where the API
 * server would answer, and a few hosts of the internet.
 */
import { parsePrefix } from '../lib/ip';
import type { Clock } from './clock/clock';
import { apiServerOf, gatewayOf, type ClusterSpec } from './cluster-spec';
import { nicMac } from './cluster-node';
import { Machine } from './kernel/machine';
import { createNetfilter } from './kernel/netfilter/state';
import { NIC } from './node/host';
import { OUTSIDE_NAMES } from './programs/outside';
import type { Processes } from './programs/processes';
import type { Trace } from './trace/trace';
import type { Underlay } from './underlay';

/** Name of the machine in traces. */
export const OUTSIDE = 'outside';
/** A client on the internet (RFC 5737). */
export const CLIENT_IP = '203.0.113.10';

export function createOutside(
  deps: { clock: Clock; trace: Trace; underlay: Underlay },
  spec: ClusterSpec,
): Machine {
  const { clock, trace, underlay } = deps;
  const machine = new Machine(OUTSIDE, {
    clock,
    trace,
    wire: underlay,
    netfilterFor: (facts) => createNetfilter(facts, { clock }),
  });
  const mac = nicMac(OUTSIDE);
  const length = parsePrefix(spec.underlayCidr)?.length ?? 24;
  machine.addNic('host', NIC, mac, 1500);
  machine.setUp('host', NIC, true);
  machine.addAddress('host', NIC, `${gatewayOf(spec)}/${length}`);
  machine.addAddress('host', NIC, `${apiServerOf(spec)}/${length}`);
  machine.addDummy('host', 'internet');
  machine.setUp('host', 'internet', true);
  for (const ip of outsideAddresses()) machine.addAddress('host', 'internet', `${ip}/32`);
  underlay.attach(machine, NIC, mac);
  return machine;
}

function outsideAddresses(): string[] {
  const known = OUTSIDE_NAMES.filter((record) => record.type === 'A').map((record) => String(record.data));
  return [...new Set([CLIENT_IP, ...known])];
}

/** Starts what answers out there: the name server and a web server. */
export function startOutside(processes: Processes): void {
  const place = { machine: OUTSIDE, netns: 'host', owner: `Outside//${OUTSIDE}` };
  processes.spawn({ ...place, argv: ['outside-dns'], program: 'outside-dns' });
  processes.spawn({ ...place, argv: ['outside-http'], program: 'outside-http' });
}
