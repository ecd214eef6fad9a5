/**
 * One hop to one sentence (law 5: text first). Caption, inspector, terminal, screen reader and export all read these
 * sentences, so that they never tell different stories. Pure: a hop and a way to name addresses in, words out.
 */
import { describePayload, destinationOf, innermost, sourceOf } from './describe';
import type { Hop, PacketEnd, PacketTrace, RuleStep } from './hop';
import type { Packet } from './packet';

/** Names an address for people ("backend-7c8b…-p6d2s", "Service default/backend"); null when nobody is known there. */
export type NameOf = (ip: string) => string | null;

const nobody: NameOf = () => null;

/** Who stands at this hop, in two or three words: "frontend-…", "cni0", "node-1's rules", "wire". */
export function titleOf(hop: Hop, nameOf: NameOf = nobody): string {
  switch (hop.station) {
    case 'socket':
    case 'local':
      return socketTitle(hop, nameOf);
    case 'chain':
    case 'conntrack':
      return `${hop.place.machine} ${hop.station === 'chain' ? 'rules' : 'conntrack'}`;
    case 'route':
      return 'routes';
    case 'neighbour':
      return 'neighbours';
    case 'wire':
      return 'wire';
    default:
      return hop.name;
  }
}

function socketTitle(hop: Hop, nameOf: NameOf): string {
  const packet = innermost(hop.after);
  const here = hop.action === 'send' ? packet.ip?.src : packet.ip?.dst;
  return (
    (here && nameOf(here)) ?? (hop.place.netns === 'host' ? hop.place.machine : (here ?? hop.place.netns))
  );
}

/** The hop in one sentence, without a full stop. */
export function explain(hop: Hop, nameOf: NameOf = nobody): string {
  if (hop.action === 'drop') return explainDrop(hop);
  if (hop.action === 'reject') return explainReject(hop);
  switch (hop.station) {
    case 'socket':
    case 'local':
      return explainSocket(hop, nameOf);
    case 'device':
      return explainDevice(hop);
    case 'bridge':
      return explainBridge(hop);
    case 'hook':
      return `${hop.name} lets it pass unchanged`;
    case 'chain':
      return explainChain(hop);
    case 'conntrack':
      return explainConntrack(hop);
    case 'route':
      return explainRoute(hop);
    case 'neighbour':
      return explainNeighbour(hop);
    case 'tunnel':
      return explainTunnel(hop);
    case 'wire':
      return `Crosses the wire from ${sourceOf(hop.before)} to ${destinationOf(hop.before)}`;
  }
}

function explainSocket(hop: Hop, nameOf: NameOf): string {
  const packet = innermost(hop.after);
  const what = describePayload(packet);
  if (hop.action === 'send') return `${titleOf(hop, nameOf)} sends ${what} to ${destinationOf(packet)}`;
  if (hop.action === 'deliver') return `${titleOf(hop, nameOf)} receives ${what} from ${sourceOf(packet)}`;
  if (hop.action === 'translate')
    return `${hop.name.includes('connect') ? 'The socket is connected' : 'The datagram goes'} to ${destinationOf(packet)} instead of ${destinationOf(innermost(hop.before))}: ${hop.place.machine}'s BPF map says so`;
  if (hop.action === 'untranslate')
    return `The program sees ${sourceOf(packet)} as the sender instead of ${sourceOf(innermost(hop.before))}: ${hop.place.machine}'s BPF map remembers`;
  return `${hop.place.machine} takes it for itself`;
}

function explainDevice(hop: Hop): string {
  if (hop.facts?.['bpf'] !== undefined) return explainDeviceProgram(hop);
  const peer = hop.facts?.['peer'];
  if (peer) return `Goes through ${hop.name} and comes out of ${peer}`;
  return hop.action === 'send' || hop.action === 'forward'
    ? `Leaves by ${hop.name}`
    : `Comes in by ${hop.name}`;
}

function explainDeviceProgram(hop: Hop): string {
  const from = innermost(hop.before);
  const to = innermost(hop.after);
  const changes = changesOf(from, to);
  return `The BPF program on ${hop.name} rewrites the packet: ${changes.join(' and ')}`;
}

function explainBridge(hop: Hop): string {
  const port = hop.facts?.['port'];
  if (hop.action === 'flood') return `Bridge ${hop.name} sends it out of every port`;
  if (hop.action === 'deliver') return `Bridge ${hop.name} hands it to ${hop.place.machine}`;
  return port ? `Bridge ${hop.name} forwards it to port ${port}` : `Bridge ${hop.name} forwards it`;
}

function explainChain(hop: Hop): string {
  const from = innermost(hop.before);
  const to = innermost(hop.after);
  switch (hop.action) {
    case 'dnat':
      return `${hop.place.machine}'s ${deciderOf(hop)} the destination: ${destinationOf(from)} becomes ${destinationOf(to)}`;
    case 'snat':
    case 'masquerade':
      return `${hop.place.machine}'s rules rewrite the source: ${sourceOf(from)} becomes ${sourceOf(to)}`;
    default:
      return `${hop.name} looks at ${hop.rulesPassed ?? 0} rules and lets it pass`;
  }
}

/** Rules rewrite; IPVS has a table of virtual servers instead. */
function deciderOf(hop: Hop): string {
  return hop.name === 'IPVS' ? 'IPVS table rewrites' : 'rules rewrite';
}

function changesOf(from: Packet, to: Packet): string[] {
  const changes: string[] = [];
  if (sourceOf(from) !== sourceOf(to)) changes.push(`source ${sourceOf(from)} becomes ${sourceOf(to)}`);
  if (destinationOf(from) !== destinationOf(to)) {
    changes.push(`destination ${destinationOf(from)} becomes ${destinationOf(to)}`);
  }
  return changes;
}

function explainConntrack(hop: Hop): string {
  const changes = changesOf(innermost(hop.before), innermost(hop.after));
  return changes.length === 0
    ? 'Conntrack knows this connection'
    : `Conntrack knows this connection: ${changes.join(' and ')}`;
}

function explainRoute(hop: Hop): string {
  const route = hop.facts?.['route'];
  const to = hop.after.ip?.dst ?? '?';
  if (hop.facts?.['local'] !== undefined) return `${to} is an address of this machine`;
  return route ? `Route to ${to}: ${route}` : `Looks up the route to ${to}`;
}

function explainNeighbour(hop: Hop): string {
  const ip = hop.facts?.['ip'] ?? hop.after.ip?.dst ?? '?';
  const mac = hop.facts?.['mac'] ?? hop.after.eth?.dst;
  if (hop.action === 'queue') return `Waits until somebody tells the MAC address of ${ip}`;
  return mac ? `${ip} is at ${mac}` : `Looks up the MAC address of ${ip}`;
}

function explainTunnel(hop: Hop): string {
  if (hop.action === 'decapsulate') return `${hop.name} takes the outer header off`;
  const outer = hop.after;
  const way = outer.payload?.type === 'ipip' ? 'IP in IP' : 'UDP 8472, VXLAN';
  return `${hop.name} wraps it (${way}): ${outer.ip?.src ?? '?'} to ${outer.ip?.dst ?? '?'} outside, ${destinationOf(innermost(outer))} inside`;
}

/** The comment that a rule carries, which for generated rules names the object behind it. */
export function ruleComment(step: RuleStep): string | null {
  const match = /--comment (?:"([^"]*)"|(\S+))/.exec(step.rule);
  return match ? (match[1] ?? match[2] ?? null) : null;
}

function lastRule(hop: Hop): RuleStep | undefined {
  return hop.rules?.[hop.rules.length - 1];
}

function explainReject(hop: Hop): string {
  const rule = lastRule(hop);
  const comment = rule && ruleComment(rule);
  if (hop.facts?.['bpf'] !== undefined)
    return `The BPF program on ${hop.name} refuses it: ${hop.facts['frontend'] ?? 'what it asks for'} has no backend`;
  return `${hop.place.machine}'s rules refuse it${comment ? `: ${comment}` : ''}`;
}

function explainDrop(hop: Hop): string {
  const reason = hop.facts?.['reason'];
  const rule = lastRule(hop);
  const comment = rule && ruleComment(rule);
  if (rule) return `${hop.place.machine}'s rules drop it${comment ? `: ${comment}` : ''}`;
  return reason ? (END_WORDS[reason] ?? reason) : `Dropped at ${hop.name}`;
}

const END_WORDS: Readonly<Record<string, string>> = {
  socket: 'Delivered to the program that listens',
  echo: 'Answered by the kernel',
  arp: 'Learned by the neighbour table',
  kernel: 'Taken by the kernel',
  rule: 'Stopped by a rule',
  'no-route': 'No route leads there',
  'no-neighbour': 'Nobody answered for the next hop’s MAC address',
  'no-listener': 'Nobody listens on that port',
  ttl: 'Its time to live ran out',
  mtu: 'Too big for the next link, and it must not be fragmented',
  'conntrack-invalid': 'Belongs to no known connection',
  'device-down': 'The device is down',
  'netns-gone': 'The network namespace it was heading for is gone',
  'wire-loss': 'Lost on the wire',
  'wire-cut': 'The cable is cut',
  'host-down': 'The machine is switched off',
  'not-for-us': 'Not addressed to this machine, and it does not forward',
  martian: 'An address that must not appear here',
  'no-fdb-entry': 'The tunnel does not know which machine has that MAC address',
  'no-hairpin': 'Would leave by the bridge port it came in by, which is not in hairpin mode',
  'no-backend': 'Nobody is there behind the address it asks for',
  'not-routable': 'Asks from outside for an address that is for those inside',
  'source-range': 'Its source is not among those that are let in',
  'buffer-full': 'Too many packets waited for the same neighbour',
};

/** How the packet ended, in one sentence without a full stop. */
export function explainEnd(end: PacketEnd): string {
  return END_WORDS[end.reason] ?? `${end.kind}: ${end.reason}`;
}

/** A packet as numbered lines of text: what the terminal prints and a screen reader reads. */
export function traceText(packet: PacketTrace, nameOf: NameOf = nobody): string[] {
  const lines = packet.hops.map(
    (hop, i) =>
      `${String(i + 1).padStart(3)}  ${formatUs(hop.atNs - packet.bornNs)}  ${hopLocation(hop)}  ${explain(hop, nameOf)}`,
  );
  if (packet.end && packet.end.kind !== 'delivered') {
    lines.push(
      `     ${formatUs(packet.end.atNs - packet.bornNs)}  ${packet.end.kind}: ${explainEnd(packet.end)}`,
    );
  }
  return lines;
}

function hopLocation(hop: Hop): string {
  const where =
    hop.place.netns === 'host' || hop.place.netns === '' ? hop.place.machine : `${hop.place.machine}/pod`;
  return where.padEnd(12);
}

function formatUs(ns: number): string {
  return `${(ns / 1000).toFixed(1).padStart(9)} us`;
}
