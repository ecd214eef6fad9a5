/** ipsets: named sets of addresses, ports and networks that rules look things up in. Ruled by ipset(8). */
import { canonicalPrefix, inPrefix, parsePrefix } from '../../../lib/ip';
import type { Origin } from '../../trace/hop';
import type { Packet } from '../../trace/packet';

/** What one entry is made of, in order; "ip,port" and so on in ipset(8)'s type names. */
export type SetType =
  | 'hash:ip'
  | 'hash:net'
  | 'hash:ip,port'
  | 'hash:ip,port,ip'
  | 'hash:ip,port,net'
  | 'hash:net,port'
  | 'bitmap:port';

/** A set with its entries as ipset prints them: "10.0.0.1", "10.0.0.1,tcp:80", "10.0.0.0/8", "tcp:80". */
export interface IpSet {
  readonly name: string;
  readonly type: SetType;
  readonly family: 4 | 6;
  readonly entries: ReadonlyMap<string, Origin | null>;
  readonly comment?: string;
}

export type IpSetsKeyframe = ReadonlyMap<string, IpSet>;

export class IpSets {
  private sets = new Map<string, IpSet>();

  get(name: string): IpSet | undefined {
    return this.sets.get(name);
  }

  /** Sets by name. */
  list(): IpSet[] {
    return [...this.sets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Creates a set or replaces it with all its entries (`ipset restore`, swap). */
  put(set: IpSet): void {
    this.sets.set(set.name, set);
  }

  /** Adds an entry; a set that does not exist is an error of the caller. */
  add(name: string, entry: string, origin?: Origin): void {
    const set = this.need(name);
    this.sets.set(name, { ...set, entries: new Map(set.entries).set(entry, origin ?? null) });
  }

  remove(name: string, entry: string): void {
    const set = this.need(name);
    const entries = new Map(set.entries);
    entries.delete(entry);
    this.sets.set(name, { ...set, entries });
  }

  destroy(name: string): void {
    this.sets.delete(name);
  }

  /** Whether the packet's fields, taken as `flags` say, are an entry of the set. An unknown set holds nothing. */
  has(name: string, flags: readonly ('src' | 'dst')[], packet: Packet): boolean {
    const set = this.sets.get(name);
    if (set === undefined || set.entries.size === 0) return false;
    const parts = set.type.split(':')[1]!.split(',');
    const values = parts.map((part, i) => field(part, flags[i] ?? 'dst', packet));
    if (values.includes(null)) return false;
    if (set.type === 'bitmap:port') return set.entries.has(values[0]!.split(':')[1]!);
    if (!parts.includes('net')) return set.entries.has(values.join(','));
    for (const entry of set.entries.keys()) if (entryCovers(entry.split(','), parts, values)) return true;
    return false;
  }

  keyframe(): IpSetsKeyframe {
    return new Map(this.sets);
  }

  restore(from: IpSetsKeyframe): void {
    this.sets = new Map(from);
  }

  private need(name: string): IpSet {
    const set = this.sets.get(name);
    if (set === undefined) throw new Error(`ipset: the set with the given name does not exist: ${name}`);
    return set;
  }
}

function field(part: string, side: 'src' | 'dst', packet: Packet): string | null {
  if (part !== 'port') return packet.ip?.[side] ?? null;
  const l4 = packet.l4;
  if (l4 === undefined || l4.kind === 'icmp') return null;
  return `${l4.kind}:${side === 'src' ? l4.srcPort : l4.dstPort}`;
}

function entryCovers(
  entry: readonly string[],
  parts: readonly string[],
  values: readonly (string | null)[],
): boolean {
  return parts.every((part, i) =>
    part === 'net' ? inPrefix(values[i] ?? '', entry[i] ?? '') : entry[i] === values[i],
  );
}

/** An address or prefix as a hash:net set holds it: whole addresses without their length. */
export function netEntry(text: string): string {
  const prefix = parsePrefix(text);
  const canonical = canonicalPrefix(text);
  const full = prefix !== null && prefix.length === prefix.bytes.length * 8;
  return full ? canonical.split('/')[0]! : canonical;
}
