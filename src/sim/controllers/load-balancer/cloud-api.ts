/**
 * The cloud's own books: which balancers its customers have ordered. The service controller writes here, the balancer
 * machine outside of the cluster reads here; in life this is the cloud's REST API.
 */
import type { Protocol } from '../../api/kinds/meta';

/** A node that may get traffic. */
export interface CloudTarget {
  readonly name: string;
  readonly ip: string;
}

/** One balancer as it was ordered; a dual-stack Service has one of each family. */
export interface CloudBalancer {
  /** "namespace/name" of the Service that it is for; the cloud keeps it as a tag. */
  readonly tag: string;
  readonly ref: string;
  readonly ip: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly hostname?: string;
  /** VIP: packets reach the nodes as they are. Proxy: destination and source are rewritten here. */
  readonly mode: 'VIP' | 'Proxy';
  readonly ports: readonly {
    readonly protocol: Protocol;
    readonly port: number;
    /** 0 when none was allocated. */
    readonly nodePort: number;
  }[];
  readonly targets: readonly CloudTarget[];
  /** HTTP GET /healthz on this port of each target. */
  readonly healthPort: number;
  /** Empty: everybody may come. */
  readonly sourceRanges: readonly string[];
  readonly sticky: boolean;
}

export class CloudApi {
  private books: ReadonlyMap<string, CloudBalancer> = new Map();
  /** Set by who carries orders out; called after each change. */
  onChange: (() => void) | null = null;

  get balancers(): readonly CloudBalancer[] {
    return [...this.books.values()];
  }

  /** Balancers of one tag. */
  find(tag: string): readonly CloudBalancer[] {
    return this.balancers.filter((balancer) => balancer.tag === tag);
  }

  /** Makes these the balancers of a tag; none cancels it. */
  order(tag: string, balancers: readonly CloudBalancer[]): void {
    const others = [...this.books].filter(([, known]) => known.tag !== tag);
    if (others.length === this.books.size && balancers.length === 0) return;
    this.books = new Map([...others, ...balancers.map((one) => [`${tag} ${one.family}`, one] as const)]);
    this.onChange?.();
  }

  keyframe(): ReadonlyMap<string, CloudBalancer> {
    return this.books;
  }

  restore(from: ReadonlyMap<string, CloudBalancer>): void {
    this.books = from;
  }
}
