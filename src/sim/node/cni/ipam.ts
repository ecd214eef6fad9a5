/**
 * Addresses for the pods of one node, as the CNI plugin host-local hands them out: in order from the node's range, starting
 * after the last one given, so that a freed address is not used again until the range has wrapped
 * (containernetworking/plugins, plugins/ipam/host-local).
 */
import { nthAddress, prefixSize } from '../../../lib/ip';

export interface IpamKeyframe {
  readonly byOwner: ReadonlyMap<string, string>;
  readonly lastOffset: number;
}

export class HostLocalIpam {
  /** Owner (pod uid) to address. */
  private byOwner = new Map<string, string>();
  private readonly taken = new Set<string>();
  /** Offset of the address given last; 1 is the gateway. */
  private lastOffset = 1;

  /** `range` is the node's pod CIDR; its first address is the bridge's. */
  constructor(readonly range: string) {}

  /** The bridge's own address, "10.244.1.1". */
  get gateway(): string {
    return nthAddress(this.range, 1);
  }

  /** An address for `owner` (the same one when it has one already), or null when the range is used up. */
  allocate(owner: string): string | null {
    const held = this.byOwner.get(owner);
    if (held !== undefined) return held;
    // The network and (in IPv4) the broadcast address are never given out, the gateway is the bridge's.
    const last = prefixSize(this.range) - (this.range.includes(':') ? 1 : 2);
    for (let step = 1; step <= last; step++) {
      const offset = ((this.lastOffset - 2 + step) % (last - 1)) + 2;
      const ip = nthAddress(this.range, offset);
      if (this.taken.has(ip)) continue;
      this.lastOffset = offset;
      this.byOwner.set(owner, ip);
      this.taken.add(ip);
      return ip;
    }
    return null;
  }

  release(owner: string): void {
    const ip = this.byOwner.get(owner);
    if (ip !== undefined) this.taken.delete(ip);
    this.byOwner.delete(owner);
  }

  keyframe(): IpamKeyframe {
    return { byOwner: new Map(this.byOwner), lastOffset: this.lastOffset };
  }

  restore(from: IpamKeyframe): void {
    this.byOwner = new Map(from.byOwner);
    this.taken.clear();
    for (const ip of this.byOwner.values()) this.taken.add(ip);
    this.lastOffset = from.lastOffset;
  }
}
