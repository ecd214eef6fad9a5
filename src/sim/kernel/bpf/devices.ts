/**
 * Programs at the traffic control hooks of devices in the host netns. A packet from the wire that asks for a frontend is sent
 * on to a backend; if that is on another machine its source becomes this machine's, so that the answer comes back here. The
 * answer is turned round wherever it first meets a device. What was rewritten is redirected by the routing table straight to
 * its device: netfilter, and the check for own addresses as a source, are passed by.
 * Documents: tc-bpf(8), bpf-helpers(7) (bpf_fib_lookup, bpf_redirect).
 * Not simulated: ICMP errors about balanced flows, direct server return, Maglev, XDP (it would do the same a little earlier).
 */
import { inPrefix } from '../../../lib/ip';
import type { Origin } from '../../trace/hop';
import type { Packet } from '../../trace/packet';
import { sendIcmpError } from '../icmp-error';
import type { PeerAddress } from '../machine-api';
import type { Device } from '../netns';
import { formatPeer } from '../socket';
import { lookup, selectSource } from '../route';
import { finish, hop, type Kernel, type Walk } from '../walk';
import { chooseBackend, findFrontend } from './choose';
import { endsOfPacket, flowOf, flowOfReply, isTaken, keepFlow, type Ends } from './flows';
import type { BpfProgram, Flow, Frontend } from './maps';

/** Running a program over a packet: maps looked up, headers written, checksums mended. */
const PROGRAM_NS = 600;

/** What becomes of a packet: nothing, a new packet that is sent on by the routing table, or its end. */
export type DeviceVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'redirect'; readonly packet: Packet }
  | { readonly kind: 'ended' };

const PASS: DeviceVerdict = { kind: 'pass' };
const ENDED: DeviceVerdict = { kind: 'ended' };

/** The program that sees what comes in by a device. */
export function deviceInput(kernel: Kernel, walk: Walk, device: Device, packet: Packet): DeviceVerdict {
  const program = programAt(kernel, walk, device, 'in');
  const ends = program && endsOfPacket(packet);
  if (program === undefined || ends == null) return PASS;
  const back = turnedRound(kernel, walk, device, program, packet, ends);
  if (back !== null) return { kind: 'redirect', packet: back };
  return program.kind === 'from-wire' ? balance(kernel, walk, device, program, packet, ends) : PASS;
}

/** The program that sees what leaves by a device: answers of backends in the host netns become the frontend's. */
export function deviceOutput(kernel: Kernel, walk: Walk, device: Device, packet: Packet): Packet {
  const program = programAt(kernel, walk, device, 'out');
  const ends = program && endsOfPacket(packet);
  if (program === undefined || ends == null) return packet;
  return turnedRound(kernel, walk, device, program, packet, ends) ?? packet;
}

function programAt(kernel: Kernel, walk: Walk, { name }: Device, way: 'in' | 'out'): BpfProgram | undefined {
  if (kernel.bpf.idle || walk.netns.id !== 'host') return undefined;
  return kernel.bpf.tables.programs.get(`${name}/${way}`);
}

function turnedRound(
  kernel: Kernel,
  walk: Walk,
  device: Device,
  program: BpfProgram,
  packet: Packet,
  ends: Ends,
): Packet | null {
  const flow = flowOfReply(kernel.bpf, ends, walk.atNs);
  if (flow === undefined) return null;
  const after = rewritten(packet, flow.frontend, flow.client);
  keepFlow(kernel.bpf, flow, packet, walk.atNs);
  tell(kernel, walk, device, program, 'untranslate', packet, after, {
    frontend: formatPeer(flow.frontend),
    backend: formatPeer(flow.backend),
  });
  return after;
}

function balance(
  kernel: Kernel,
  walk: Walk,
  device: Device,
  program: BpfProgram,
  packet: Packet,
  ends: Ends,
): DeviceVerdict {
  const { bpf } = kernel;
  const { ip: address, port } = ends.to;
  const question = { address, port, protocol: ends.protocol, inside: false, inHost: false };
  const frontend = findFrontend(bpf, question);
  if (frontend === undefined) return PASS;
  const known = flowOf(bpf, ends, walk.atNs);
  const live = known !== undefined && bpf.tables.backends.has(known.backendId) ? known : undefined;
  const refusal = live === undefined ? refusalOf(frontend, ends.from.ip) : null;
  if (refusal !== null) return refuse(kernel, walk, device, program, packet, frontend, refusal);
  const flow = live ?? newFlow(kernel, walk, frontend, ends);
  if (flow === null) return refuse(kernel, walk, device, program, packet, frontend, 'no-backend');
  keepFlow(bpf, flow, packet, walk.atNs);
  const after = rewritten(packet, flow.seenAs, flow.backend);
  const origin = bpf.tables.backends.get(flow.backendId)?.origin ?? frontend.origin;
  const facts = {
    frontend: formatPeer(ends.to),
    backend: formatPeer(flow.backend),
    backends: String(frontend.slots.length),
  };
  tell(kernel, walk, device, program, 'dnat', packet, after, facts, origin);
  return { kind: 'redirect', packet: after };
}

function refusalOf(frontend: Frontend, source: string): string | null {
  if (!frontend.routable) return 'not-routable';
  const { ranges } = frontend;
  return ranges.length > 0 && !ranges.some((range) => inPrefix(source, range)) ? 'source-range' : null;
}

function newFlow(kernel: Kernel, walk: Walk, frontend: Frontend, ends: Ends): Omit<Flow, 'untilNs'> | null {
  const { bpf, clock, name } = kernel;
  const draw = (bound: number) => clock.random.below(`bpf/${name}`, bound);
  const chosen = chooseBackend(bpf, frontend, `ip ${ends.from.ip}`, walk.atNs, draw);
  if (chosen === null) return null;
  const backend = { ip: chosen.address, port: chosen.port };
  return {
    protocol: ends.protocol,
    client: ends.from,
    frontend: ends.to,
    backend,
    backendId: chosen.id,
    frontendId: frontend.id,
    seenAs: chosen.local ? ends.from : ownSource(kernel, walk, ends, backend),
  };
}

/** This machine's address towards the backend, and the client's port as long as nobody else has it there. */
function ownSource(kernel: Kernel, walk: Walk, { protocol, from }: Ends, backend: PeerAddress): PeerAddress {
  const { netns } = walk;
  const route = lookup(netns, backend.ip)?.route;
  const ip =
    route === undefined ? null : (route.src ?? selectSource(netns, route.device, route.via ?? backend.ip));
  if (ip === null) return from;
  let port = from.port;
  for (let tries = 0; tries < 64 && isTaken(kernel.bpf, protocol, backend, { ip, port }); tries++)
    port = 1_024 + kernel.clock.random.below(`bpf-port/${kernel.name}`, 64_512);
  return { ip, port };
}

function rewritten(packet: Packet, src: PeerAddress, dst: PeerAddress): Packet {
  const { ip, l4 } = packet;
  const header = { ...l4!, srcPort: src.port, dstPort: dst.port } as Packet['l4'];
  return { ...packet, ip: { ...ip!, src: src.ip, dst: dst.ip }, l4: header };
}

/**
 * The end of a packet that a program does not let through. A frontend without backends answers that its port cannot be
 * reached, as Cilium does unless told to drop it (cilium/cilium#28157).
 * Not simulated: that answer's source is this machine, where Cilium's has the address that was asked for.
 */
function refuse(
  kernel: Kernel,
  walk: Walk,
  device: Device,
  program: BpfProgram,
  packet: Packet,
  frontend: Frontend,
  reason: string,
): DeviceVerdict {
  const rejects = reason === 'no-backend';
  const asked = formatPeer({ ip: packet.ip!.dst, port: frontend.port });
  const facts = { reason, frontend: asked };
  tell(kernel, walk, device, program, rejects ? 'reject' : 'drop', packet, packet, facts, frontend.origin);
  finish(kernel, walk, rejects ? 'rejected' : 'dropped', reason);
  if (rejects) sendIcmpError(kernel, walk, packet, 'port-unreachable');
  return ENDED;
}

function tell(
  kernel: Kernel,
  walk: Walk,
  device: Device,
  program: BpfProgram,
  action: 'dnat' | 'untranslate' | 'drop' | 'reject',
  before: Packet,
  after: Packet,
  about: Readonly<Record<string, string>>,
  origin?: Origin,
): void {
  const facts = { bpf: program.hook, program: program.name, ...about };
  hop(kernel, walk, device.place, 'device', device.name, action, PROGRAM_NS, before, after, {
    facts,
    origin,
  });
}
