/**
 * Cluster IPs and node ports of Services. Automatic ones come from the upper band of their range, from a random start and
 * then in order; the lower band is left to addresses given by hand (KEP-3070, KEP-3668).
 * Upstream: pkg/registry/core/service/ipallocator, portallocator, storage/alloc.go.
 */
import { addressBytes, canonicalIp, inPrefix, nthAddress, parsePrefix, prefixSize } from '../../lib/ip';
import type { RandomStreams } from '../clock/random';
import { invalidValue } from './field-errors';
import type { FieldError } from './field-error';
import type { Service, ServicePort } from './kinds/service';
import type { Draft } from './rules';

/** What is taken, by whom ("namespace/name"). */
export interface Taken {
  ip(address: string): string | undefined;
  nodePort(port: number, protocol: string): string | undefined;
}

export interface AllocatorConfig {
  readonly serviceCidrs: readonly string[];
  readonly nodePorts: readonly [number, number];
}

export interface FillMode {
  readonly dry?: boolean;
  readonly trusted?: boolean;
}

/** Addresses below this offset are kept for hand-picked ones. */
function staticBand(size: number): number {
  if (size <= 16) return 0;
  return Math.min(Math.max(16, Math.floor(size / 16)), 256);
}

/** The same rule for ports: a 32nd of the range, at least 16, at most 128, none for small ranges. */
function staticPorts(size: number): number {
  const band = Math.min(Math.max(16, Math.floor(size / 32)), 128);
  return size < 16 ? 0 : Math.min(band, size);
}

function offsetIn(cidr: string, address: string): number {
  const prefix = parsePrefix(cidr)!;
  const bytes = addressBytes(address)!;
  let offset = 0;
  for (let i = 0; i < bytes.length; i++) offset = offset * 256 + (bytes[i]! - prefix.bytes[i]!);
  return offset;
}

export class Allocator {
  constructor(
    private readonly config: AllocatorConfig,
    private readonly random: RandomStreams,
    private readonly taken: Taken,
  ) {}

  /**
   * Fills in what the Service still needs. Returns the first thing that cannot be had; the draft is then of no use.
   * With `dry` only what is asked for by number is checked and nothing is drawn; `trusted` takes that as it is.
   */
  fill(service: Draft<Service>, mode: FillMode = {}): FieldError | null {
    const owner = `${service.metadata.namespace ?? ''}/${service.metadata.name}`;
    return this.fillAddresses(service, owner, mode) ?? this.fillPorts(service, owner, mode);
  }

  private fillAddresses(service: Draft<Service>, owner: string, mode: FillMode): FieldError | null {
    const { spec } = service;
    if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return null;
    const families = spec.ipFamilies ?? [];
    const addresses: string[] = [...(spec.clusterIPs ?? [])];
    for (const [i, family] of families.entries()) {
      const cidr = this.config.serviceCidrs.find((one) => (one.includes(':') ? 'IPv6' : 'IPv4') === family);
      if (cidr === undefined) continue;
      const wanted = addresses[i] ?? '';
      if (wanted !== '') {
        const why = mode.trusted ? null : this.checkAddress(cidr, wanted, owner);
        if (why !== null)
          return invalidValue('spec.clusterIPs', addresses, `failed to allocate IP ${wanted}: ${why}`);
        continue;
      }
      if (mode.dry) continue;
      const found = this.freeAddress(cidr);
      if (found === null)
        return invalidValue('spec.clusterIPs', addresses, 'failed to allocate a serviceIP: range is full');
      addresses[i] = found;
    }
    if (addresses.length === 0) return null;
    spec.clusterIPs = addresses;
    spec.clusterIP = addresses[0]!;
    return null;
  }

  private checkAddress(cidr: string, address: string, owner: string): string | null {
    const size = prefixSize(cidr);
    const offset = inPrefix(address, cidr) ? offsetIn(cidr, address) : -1;
    const last = cidr.includes(':') ? size - 1 : size - 2;
    if (offset < 1 || offset > last) return 'the provided network does not match the current range';
    const holder = this.taken.ip(canonicalIp(address));
    return holder !== undefined && holder !== owner ? 'provided IP is already allocated' : null;
  }

  private freeAddress(cidr: string): string | null {
    const size = prefixSize(cidr);
    const last = cidr.includes(':') ? Math.min(size - 1, 2 ** 32) : size - 2;
    const band = staticBand(size);
    const free = (offset: number) => this.taken.ip(nthAddress(cidr, offset)) === undefined;
    const found = this.scan('cluster-ips', band + 1, last, free) ?? this.scan('cluster-ips', 1, band, free);
    return found === null ? null : canonicalIp(nthAddress(cidr, found));
  }

  /** First free number of [from, to], from a random start and around. */
  private scan(stream: string, from: number, to: number, free: (n: number) => boolean): number | null {
    const count = to - from + 1;
    if (count <= 0) return null;
    const start = this.random.below(stream, count);
    for (let i = 0; i < count; i++) {
      const n = from + ((start + i) % count);
      if (free(n)) return n;
    }
    return null;
  }

  private fillPorts(service: Draft<Service>, owner: string, mode: FillMode): FieldError | null {
    const { spec } = service;
    const wants =
      spec.type === 'NodePort' ||
      (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
    const ports = spec.ports ?? [];
    for (const [i, port] of ports.entries()) {
      if (!port.nodePort) continue;
      const why = mode.trusted ? null : this.checkPort(port.nodePort, port.protocol, owner);
      if (why !== null) return invalidValue(`spec.ports[${i}].nodePort`, port.nodePort, why);
    }
    const asked = spec.healthCheckNodePort ?? 0;
    if (asked !== 0) {
      const why = mode.trusted ? null : this.checkPort(asked, 'TCP', owner);
      if (why !== null) return invalidValue('spec.healthCheckNodePort', asked, why);
    }
    if (mode.dry) return null;
    const held = new Map<string, number>();
    for (const port of ports) if (port.nodePort) held.set(`${port.nodePort}/${port.protocol}`, port.port);
    for (const [i, port] of ports.entries()) {
      if (!wants || port.nodePort) continue;
      const found = this.shared(ports, port, held) ?? this.freePort(port.protocol, held);
      if (found === null)
        return invalidValue(`spec.ports[${i}].nodePort`, 0, 'failed to allocate a nodePort: range is full');
      port.nodePort = found;
      held.set(`${found}/${port.protocol}`, port.port);
    }
    if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && asked === 0)
      spec.healthCheckNodePort = this.freePort('TCP', held) ?? 0;
    return null;
  }

  /** The same port number over another protocol uses the same node port. */
  private shared(
    ports: readonly ServicePort[],
    port: ServicePort,
    held: ReadonlyMap<string, number>,
  ): number | null {
    for (const other of ports)
      if (other !== port && other.port === port.port && other.nodePort && other.protocol !== port.protocol)
        if (!held.has(`${other.nodePort}/${port.protocol}`)) return other.nodePort;
    return null;
  }

  private checkPort(port: number, protocol: string, owner: string): string | null {
    const [first, last] = this.config.nodePorts;
    if (port < first || port > last)
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    const holder = this.taken.nodePort(port, protocol);
    return holder !== undefined && holder !== owner ? 'provided port is already allocated' : null;
  }

  private freePort(protocol: string, held: ReadonlyMap<string, number>): number | null {
    const [first, last] = this.config.nodePorts;
    const band = staticPorts(last - first + 1);
    const free = (port: number) =>
      this.taken.nodePort(port, protocol) === undefined &&
      !['TCP', 'UDP', 'SCTP'].some((one) => held.has(`${port}/${one}`));
    return (
      this.scan('node-ports', first + band, last, free) ??
      this.scan('node-ports', first, first + band - 1, free)
    );
  }
}

/** Canonical addresses and node ports that a stored Service holds, for the store's index. */
export function heldBy(service: Service): { ips: string[]; ports: string[] } {
  const { spec } = service;
  const addresses = (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).filter((ip) => ip !== '' && ip !== 'None');
  const ports = (spec?.ports ?? []).flatMap((port) =>
    port.nodePort ? [`${port.nodePort}/${port.protocol}`] : [],
  );
  if (spec?.healthCheckNodePort) ports.push(`${spec.healthCheckNodePort}/TCP`);
  const ips = addresses.map((ip) => (addressBytes(ip) === null ? ip : canonicalIp(ip)));
  return { ips, ports };
}
