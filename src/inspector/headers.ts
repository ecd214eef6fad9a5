/**
 * A packet's headers as rows for a table, before and after a hop. Outermost header first, as on the wire; an inner packet
 * is matched with the packet it was before it was wrapped, so that a row shows one field's fate.
 */
import { inOrder } from '../sim/trace/describe';
import type { Hop } from '../sim/trace/hop';
import type { IcmpHeader, L4Header, Packet } from '../sim/trace/packet';

export interface HeaderRow {
  /** Which header: "Ethernet", "IP", "TCP", "VXLAN"; "Outer IP" for one that is only round a packet for the way. */
  readonly section: string;
  readonly field: string;
  /** Null where the header does not exist. */
  readonly before: string | null;
  readonly after: string | null;
  readonly changed: boolean;
  /** Among the few rows that are shown at first. */
  readonly brief: boolean;
}

interface Field {
  readonly section: string;
  readonly field: string;
  readonly value: string;
}

const BRIEF = new Set([
  'IP source',
  'IP destination',
  'Source port',
  'Destination port',
  'TTL',
  'Flags',
  'ICMP type',
]);

/** Of the header round it only the two machines count at first. */
const BRIEF_OUTER = new Set(['IP source', 'IP destination']);

/** All rows of a hop's headers. */
export function headerRows(before: Packet, after: Packet): HeaderRow[] {
  const [old, now] = [levelsOf(before), levelsOf(after)];
  const depth = Math.max(old.length, now.length);
  const rows: HeaderRow[] = [];
  for (let level = depth - 1; level >= 0; level--) {
    // Counted from the inside: 0 is the innermost packet, which both sides have.
    const a = old[old.length - 1 - level];
    const b = now[now.length - 1 - level];
    rows.push(...mergeFields(a ? fieldsOf(a) : [], b ? fieldsOf(b) : [], level > 0));
  }
  return rows;
}

/**
 * The packet as it leaves a hop. Linux takes one off the TTL between routing and FORWARD (net/ipv4/ip_forward.c), which
 * no hop of its own tells: it belongs to the route by which the machine forwards.
 */
export function leavingOf(hop: Hop, next: Hop | undefined): Packet {
  const { after, station, place } = hop;
  const then = hop.details?.[0] ?? next;
  const ttl = then?.before.ip?.ttl;
  if (station !== 'route' || then?.place.machine !== place.machine || then.place.netns !== place.netns)
    return after;
  if (after.ip === undefined || ttl === undefined || ttl >= after.ip.ttl) return after;
  return { ...after, ip: { ...after.ip, ttl } };
}

/** The packet and what it carries inside, outermost first. */
function levelsOf(packet: Packet): Packet[] {
  const levels = [packet];
  let inner = packet;
  while (inner.payload?.type === 'vxlan' || inner.payload?.type === 'ipip') {
    inner = inner.payload.inner;
    levels.push(inner);
  }
  return levels;
}

function mergeFields(old: readonly Field[], now: readonly Field[], outer: boolean): HeaderRow[] {
  const key = (one: Field): string => `${one.section}/${one.field}`;
  const before = new Map(old.map((one) => [key(one), one.value]));
  const after = new Map(now.map((one) => [key(one), one.value]));
  const order = new Map([...now, ...old].map((one) => [key(one), one]));
  return [...order].map(([id, { section, field }]) => {
    const a = before.get(id) ?? null;
    const b = after.get(id) ?? null;
    return {
      section: outer ? `Outer ${section}` : section,
      // There is one VXLAN header only, and it is always outside.
      field: outer && section !== 'VXLAN' ? `Outer ${lowered(field)}` : field,
      before: a,
      after: b,
      changed: a !== b,
      brief: outer ? BRIEF_OUTER.has(field) : BRIEF.has(field),
    };
  });
}

/** "Source port" to "source port", but "TTL" and "IP source" as they are. */
function lowered(field: string): string {
  return /^[A-Z]{2}|^Ether/.test(field) ? field : field.charAt(0).toLowerCase() + field.slice(1);
}

function fieldsOf(packet: Packet): Field[] {
  const fields: Field[] = [];
  const add = (section: string, field: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined) fields.push({ section, field, value: String(value) });
  };
  if (packet.eth) {
    add('Ethernet', 'MAC source', packet.eth.src);
    add('Ethernet', 'MAC destination', packet.eth.dst);
    add('Ethernet', 'EtherType', packet.eth.type);
  }
  if (packet.arp) {
    add('ARP', 'Operation', packet.arp.operation);
    add('ARP', 'Sender', `${packet.arp.senderIp} at ${packet.arp.senderMac}`);
    add('ARP', 'Target', packet.arp.targetIp);
  }
  if (packet.ip) {
    add('IP', 'IP source', packet.ip.src);
    add('IP', 'IP destination', packet.ip.dst);
    add('IP', 'Protocol', packet.ip.protocol);
    add('IP', 'TTL', packet.ip.ttl);
    add('IP', 'Don’t fragment', packet.ip.df ? 'yes' : 'no');
  }
  if (packet.l4) addTransport(packet.l4, add);
  addPayload(packet, add);
  return fields;
}

type Add = (section: string, field: string, value: string | number | undefined) => void;

function addTransport(l4: L4Header, add: Add): void {
  if (l4.kind === 'icmp') return addIcmp(l4, add);
  const section = l4.kind.toUpperCase();
  add(section, 'Source port', l4.srcPort);
  add(section, 'Destination port', l4.dstPort);
  if (l4.kind === 'sctp') add(section, 'Chunk', l4.chunk);
  if (l4.kind !== 'tcp') return;
  add(section, 'Flags', inOrder(l4.flags).join(' ') || 'none');
  add(section, 'Sequence', l4.seq);
  add(section, 'Acknowledges', l4.ack);
  add(section, 'Segment size', l4.mssBytes);
}

function addIcmp(icmp: IcmpHeader, add: Add): void {
  add('ICMP', 'ICMP type', icmp.type.replaceAll('-', ' '));
  add('ICMP', 'Identifier', icmp.id);
  add('ICMP', 'Echo number', icmp.seq);
  add('ICMP', 'Next MTU', icmp.mtuBytes);
  const quoted = icmp.quoted;
  if (quoted?.ip === undefined) return;
  add('ICMP', 'About', `${endOf(quoted, 'src')} → ${endOf(quoted, 'dst')}`);
}

function endOf(packet: Packet, side: 'src' | 'dst'): string {
  const l4 = packet.l4;
  const port = l4 === undefined || l4.kind === 'icmp' ? '' : `:${side === 'src' ? l4.srcPort : l4.dstPort}`;
  return `${packet.ip?.[side] ?? '?'}${port}`;
}

const SECTIONS = { dns: 'DNS', http: 'HTTP', tls: 'TLS', data: 'Data' } as const;

function addPayload(packet: Packet, add: Add): void {
  const payload = packet.payload;
  if (payload === undefined) return;
  if (payload.type === 'vxlan') add('VXLAN', 'VXLAN VNI', payload.vni);
  if (payload.type !== 'app') return;
  const section = SECTIONS[payload.protocol];
  add(section, section === 'Data' ? 'Content' : section, payload.summary);
  add(section, 'Length', `${payload.bytes} bytes`);
}
