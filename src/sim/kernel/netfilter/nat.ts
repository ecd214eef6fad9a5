/**
 * What NAT targets do to a new connection: which address and port it gets (net/netfilter/nf_nat_core.c,
 * nf_nat_masquerade.c). The packet itself is rewritten from the entry afterwards.
 */
import type { Clock } from '../../clock/clock';
import type { Conntrack } from '../conntrack';
import type { Connection } from '../conntrack-states';
import type { NatTo, Target } from '../iptables/rules';
import type { NetnsFacts, Skb } from './netfilter';

export interface NatWorld {
  readonly conntrack: Conntrack;
  readonly clock: Clock;
  readonly facts: NetnsFacts;
}

function draw(world: NatWorld, purpose: string, bound: number): number {
  return world.clock.random.below(`${world.facts.label}/${purpose}`, bound);
}

/** Destination NAT of a new connection; with a range of ports one is drawn. */
export function bindDestination(world: NatWorld, entry: Connection, to: NatTo): Connection {
  const span = to.ports ? to.ports.to - to.ports.from + 1 : 0;
  const port =
    to.ports === undefined
      ? entry.original.dstPort
      : to.ports.from + (span > 1 ? draw(world, 'dnat-port', span) : 0);
  return world.conntrack.translate(entry, 'dst', to.ip ?? entry.reply.src, port);
}

/** Source NAT of a new connection to an address; the port stays unless it is taken, or is to be random. */
export function bindSource(world: NatWorld, entry: Connection, to: NatTo, randomFully: boolean): Connection {
  const kept = entry.original.srcPort;
  const ip = to.ip ?? entry.reply.dst;
  const fits = to.ports === undefined || (kept >= to.ports.from && kept <= to.ports.to);
  const first = fits ? kept : to.ports.from;
  const asIs = world.conntrack.translate(entry, 'src', ip, first);
  if (!randomFully && !world.conntrack.replyTaken(asIs)) return asIs;
  return anotherPort(world, asIs, ip, to.ports ?? portRange(kept));
}

/** Masquerade: the source becomes an address of the device the packet leaves by; null when that has none. */
export function masquerade(
  world: NatWorld,
  entry: Connection,
  skb: Skb,
  target: Extract<Target, { kind: 'MASQUERADE' }>,
): Connection | null {
  const ip = world.facts.masqueradeAddress(skb.outDevice ?? '', skb.packet.ip?.dst ?? '');
  const to = target.ports === undefined ? {} : { ports: target.ports };
  return ip === null ? null : bindSource(world, entry, { ip, ...to }, target.randomFully ?? false);
}

/** A connection that no rule wanted to translate still may not look like another one to its peer. */
export function nullBinding(world: NatWorld, entry: Connection): Connection {
  if (!world.conntrack.replyTaken(entry)) return entry;
  return anotherPort(world, entry, entry.reply.dst, portRange(entry.original.srcPort));
}

/** Privileged ports are exchanged for privileged ones only. */
function portRange(port: number): { from: number; to: number } {
  if (port < 512) return { from: 1, to: 511 };
  return port < 1024 ? { from: 600, to: 1023 } : { from: 1024, to: 65_535 };
}

/** A free port from a random place on; when every port is taken the last one tried stands and confirm will drop. */
function anotherPort(
  world: NatWorld,
  entry: Connection,
  ip: string,
  range: { readonly from: number; readonly to: number },
): Connection {
  const span = range.to - range.from + 1;
  const start = draw(world, 'nat-port', span);
  let tried = entry;
  for (let i = 0; i < span; i++) {
    tried = world.conntrack.translate(entry, 'src', ip, range.from + ((start + i) % span));
    if (!world.conntrack.replyTaken(tried)) return tried;
  }
  return tried;
}
