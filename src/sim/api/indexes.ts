/** The store's side tables, kept at every write, so that node agents need not search all objects (informer indexers). */
import { heldBy } from './allocator';
import { SERVICE_NAME_LABEL } from './kinds/endpointslice';
import type { Pod } from './kinds/pod';
import type { Service } from './kinds/service';
import type { ApiObject } from './object';
import { Rows } from './rows';

const EMPTY: readonly ApiObject[] = [];

export class Indexes {
  private readonly podsByNode = new Map<string, Rows>();
  private readonly slicesByService = new Map<string, Rows>();
  private readonly byOwner = new Map<string, Rows>();
  private readonly ips = new Map<string, string>();
  private readonly nodePorts = new Map<string, string>();

  /** "namespace/name" of the Service that holds a cluster IP (canonical text). */
  ip(address: string): string | undefined {
    return this.ips.get(address);
  }

  nodePort(port: number, protocol: string): string | undefined {
    return this.nodePorts.get(`${port}/${protocol}`);
  }

  podsOnNode(node: string): readonly ApiObject[] {
    return this.podsByNode.get(node)?.all() ?? EMPTY;
  }

  slicesOf(namespace: string, service: string): readonly ApiObject[] {
    return this.slicesByService.get(`${namespace}/${service}`)?.all() ?? EMPTY;
  }

  ownedBy(uid: string): readonly ApiObject[] {
    return this.byOwner.get(uid)?.all() ?? EMPTY;
  }

  clear(): void {
    this.podsByNode.clear();
    this.slicesByService.clear();
    this.byOwner.clear();
    this.ips.clear();
    this.nodePorts.clear();
  }

  /** An object came (`old` absent), changed, or went (`now` absent). */
  change(old: ApiObject | undefined, now: ApiObject | undefined): void {
    const kind = (now ?? old)?.kind;
    if (kind === 'Pod') move(this.podsByNode, old, now, nodeOf(old), nodeOf(now));
    if (kind === 'EndpointSlice') move(this.slicesByService, old, now, serviceOf(old), serviceOf(now));
    if (kind === 'Service') this.changeService(old as Service | undefined, now as Service | undefined);
    this.changeOwners(old, now);
  }

  private changeService(old: Service | undefined, now: Service | undefined): void {
    if (old?.spec === now?.spec) return;
    const { namespace, name } = (now ?? old)!.metadata;
    const owner = `${namespace ?? ''}/${name}`;
    const before = old === undefined ? { ips: [], ports: [] } : heldBy(old);
    for (const ip of before.ips) if (this.ips.get(ip) === owner) this.ips.delete(ip);
    for (const port of before.ports) if (this.nodePorts.get(port) === owner) this.nodePorts.delete(port);
    if (now === undefined) return;
    const after = heldBy(now);
    for (const ip of after.ips) this.ips.set(ip, owner);
    for (const port of after.ports) this.nodePorts.set(port, owner);
  }

  private changeOwners(old: ApiObject | undefined, now: ApiObject | undefined): void {
    const before = old?.metadata.ownerReferences;
    const after = now?.metadata.ownerReferences;
    if (before === undefined && after === undefined) return;
    const kept = new Set(after?.map((owner) => owner.uid));
    for (const owner of before ?? []) if (!kept.has(owner.uid)) take(this.byOwner, owner.uid, old!);
    for (const uid of kept) put(this.byOwner, uid, now!);
  }
}

function nodeOf(object: ApiObject | undefined): string {
  return object === undefined ? '' : ((object as Pod).spec?.nodeName ?? '');
}

function serviceOf(object: ApiObject | undefined): string {
  const name = object?.metadata.labels?.[SERVICE_NAME_LABEL];
  return name === undefined ? '' : `${object!.metadata.namespace ?? ''}/${name}`;
}

function put(index: Map<string, Rows>, at: string, object: ApiObject): void {
  let rows = index.get(at);
  if (rows === undefined) index.set(at, (rows = new Rows()));
  rows.set(object);
}

function take(index: Map<string, Rows>, at: string, object: ApiObject): void {
  const rows = index.get(at);
  rows?.remove(object);
  if (rows?.size === 0) index.delete(at);
}

/** Moves an object between buckets; the empty bucket name means that it is in none. */
function move(
  index: Map<string, Rows>,
  old: ApiObject | undefined,
  now: ApiObject | undefined,
  from: string,
  to: string,
): void {
  if (old !== undefined && from !== '' && (now === undefined || from !== to)) take(index, from, old);
  if (now !== undefined && to !== '') put(index, to, now);
}
