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

/** One balancer as it was ordered. */
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

  find(tag: string): CloudBalancer | undefined {
    return this.books.get(tag);
  }

  order(balancer: CloudBalancer): void {
    this.books = new Map(this.books).set(balancer.tag, balancer);
    this.onChange?.();
  }

  cancel(tag: string): void {
    if (!this.books.has(tag)) return;
    const books = new Map(this.books);
    books.delete(tag);
    this.books = books;
    this.onChange?.();
  }

  keyframe(): ReadonlyMap<string, CloudBalancer> {
    return this.books;
  }

  restore(from: ReadonlyMap<string, CloudBalancer>): void {
    this.books = from;
  }
}
