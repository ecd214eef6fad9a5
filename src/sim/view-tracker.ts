/**
 * Keeps account of what changed since the page last heard, and makes the patch. Listens to the store and drains the trace;
 * a record is sent again only when it really differs.
 */
import { canonicalJson } from '../lib/plain';
import type { Event, Node } from './api/kinds/cluster';
import { SERVICE_NAME_LABEL } from './api/kinds/endpointslice';
import type { Pod } from './api/kinds/pod';
import type { Service } from './api/kinds/service';
import { refOf, type ApiObject } from './api/object';
import type { Store } from './api/store';
import { fromRfc3339 } from './api/time';
import type { WatchEvent } from './api/watch';
import type { Clock } from './clock/clock';
import type { Trace } from './trace/trace';
import type { PacketTrace } from './trace/hop';
import { changeOf } from './view-changes';
import { PacketsTold } from './view-packets';
import { podView, topOwner, workloadView } from './view-pods';
import { serviceView } from './view-services';
import type {
  ChangeView,
  ClusterFacts,
  EventView,
  NodeView,
  ObjectView,
  TablePatch,
  ViewPatch,
  ViewTableName,
} from './view';

export interface TrackerDeps {
  readonly clock: Clock;
  readonly store: Store;
  readonly trace: Trace;
  readonly clusterDomain: string;
  facts(): ClusterFacts;
  settled(): boolean;
  /** A node's row; it needs the machine as well as the object. */
  nodeView(node: Node): NodeView;
  /** Where an object came from. */
  sourceOf(ref: string): ObjectView['from'];
}

/** Kinds whose objects do something here; all others are only stored. */
const SIMULATED = new Set([
  'Namespace',
  'Node',
  'Pod',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Service',
  'EndpointSlice',
  'ConfigMap',
  'Event',
  'Lease',
]);
const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
/** Kinds that would drown the list of objects. */
const UNLISTED = new Set(['Event', 'Lease', 'ControllerRevision']);
const KEEP_CHANGES = 400;

export class ViewTracker {
  private readonly dirty = new Map<ViewTableName, Set<string>>();
  /** Canonical text of each record as it was last sent, by table and key. */
  private readonly sent = new Map<ViewTableName, Map<string, string>>();
  private lastChange = 0;
  private newChanges: ChangeView[] = [];
  private changes: readonly ChangeView[] = [];
  private goneChanges: string[] = [];

  private readonly packets: PacketsTold;

  constructor(private readonly deps: TrackerDeps) {
    this.packets = new PacketsTold(deps.trace);
    deps.store.subscribe((event) => this.hear(event));
  }

  /** Adds a line that no object's change tells, such as a rule sync of a node. */
  note(ref: string, kind: ChangeView['kind'], text: string): void {
    this.newChanges.push({ id: ++this.lastChange, atNs: this.deps.clock.nowNs, ref, kind, text });
  }

  /** Everything counts as changed: after boot and after a restore. */
  markAll(): void {
    this.packets.clear();
    for (const [table, records] of this.sent) {
      for (const ref of records.keys()) {
        records.set(ref, '');
        this.markRef(table, ref);
      }
    }
    for (const kind of this.deps.store.kinds())
      for (const object of this.deps.store.list(kind)) this.mark(object);
    const { nowNs } = this.deps.clock;
    this.newChanges = [];
    this.goneChanges = this.changes
      .filter((change) => change.atNs > nowNs)
      .map((change) => String(change.id));
    this.changes = this.changes.filter((change) => change.atNs <= nowNs);
  }

  /** What changed since the last call. `withHops` false leaves a packet's hops out, "untold" all of it. */
  patch(withHops: (packet: PacketTrace) => boolean | 'untold' = () => true): ViewPatch {
    const { clock, trace, store } = this.deps;
    for (const node of store.list('Node')) this.markRef('nodes', refOf(node));
    const drained = trace.drain();
    return {
      nowNs: clock.nowNs,
      settled: this.deps.settled(),
      facts: this.deps.facts(),
      ...this.objectTables(),
      ...this.changesTable(),
      ...this.packets.patch(drained.packets, withHops),
      requests: tracePatch(drained.requests, (id) => trace.requests.get(id)),
    };
  }

  private hear(event: WatchEvent): void {
    this.mark(event.object);
    const change = changeOf(event);
    if (change) this.note(refOf(event.object), change.kind, change.text);
  }

  private mark(object: ApiObject): void {
    const ref = refOf(object);
    if (object.kind === 'Pod') this.markRef('pods', ref);
    if (object.kind === 'Service') this.markRef('services', ref);
    if (WORKLOADS.has(object.kind)) this.markRef('workloads', ref);
    if (object.kind === 'Event') this.markRef('events', ref);
    if (object.kind === 'Node') this.markRef('nodes', ref);
    if (object.kind === 'ReplicaSet')
      for (const pod of this.deps.store.ownedBy(object.metadata.uid ?? '')) this.mark(pod);
    if (object.kind === 'EndpointSlice') {
      const service = object.metadata.labels?.[SERVICE_NAME_LABEL];
      if (service) this.markRef('services', `Service/${object.metadata.namespace ?? ''}/${service}`);
    }
    if (!UNLISTED.has(object.kind)) this.markRef('objects', ref);
  }

  private markRef(table: ViewTableName, ref: string): void {
    const refs = this.dirty.get(table);
    if (refs) refs.add(ref);
    else this.dirty.set(table, new Set([ref]));
  }

  private objectTables(): Partial<ViewPatch> {
    const { store, clusterDomain } = this.deps;
    const tables = {
      nodes: this.table('nodes', (o) => this.deps.nodeView(o as Node)),
      pods: this.table('pods', (o) => podView(store, o as Pod)),
      services: this.table('services', (o) => serviceView(store, o as Service, clusterDomain)),
      workloads: this.table('workloads', workloadView),
      objects: this.table('objects', (o) => this.objectView(o)),
      events: this.table('events', eventView),
    };
    this.dirty.clear();
    return tables;
  }

  private table<V>(name: ViewTableName, view: (object: ApiObject) => V): TablePatch<V> | undefined {
    const refs = this.dirty.get(name);
    if (refs === undefined) return undefined;
    let records = this.sent.get(name);
    if (records === undefined) this.sent.set(name, (records = new Map()));
    const set: [string, V][] = [];
    const gone: string[] = [];
    for (const ref of refs) {
      const object = this.deps.store.byRef(ref);
      if (object === undefined) {
        if (records.delete(ref)) gone.push(ref);
        continue;
      }
      const record = view(object);
      const text = canonicalJson(record);
      if (records.get(ref) === text) continue;
      records.set(ref, text);
      set.push([ref, record]);
    }
    return set.length + gone.length === 0 ? undefined : { set, gone };
  }

  private changesTable(): Partial<ViewPatch> {
    if (this.newChanges.length + this.goneChanges.length === 0) return {};
    const set = this.newChanges.map((change) => [String(change.id), change] as const);
    const all = [...this.changes, ...this.newChanges];
    const surplus = all.slice(0, Math.max(0, all.length - KEEP_CHANGES));
    const gone = [...this.goneChanges, ...surplus.map((change) => String(change.id))];
    this.changes = all.slice(surplus.length);
    this.newChanges = [];
    this.goneChanges = [];
    return { changes: { set, gone } };
  }

  private objectView(object: ApiObject): ObjectView {
    const ref = refOf(object);
    const owned = object.metadata.ownerReferences?.some((owner) => owner.controller) ?? false;
    return {
      ref,
      apiVersion: object.apiVersion,
      kind: object.kind,
      name: object.metadata.name,
      namespace: object.metadata.namespace ?? '',
      simulated: SIMULATED.has(object.kind),
      from: owned || topOwner(this.deps.store, object) !== ref ? 'controller' : this.deps.sourceOf(ref),
    };
  }
}

function eventView(object: ApiObject): EventView {
  const event = object as Event;
  const involved = event.involvedObject;
  return {
    id: Number(event.metadata.resourceVersion ?? 0),
    lastNs: fromRfc3339(event.lastTimestamp ?? event.metadata.creationTimestamp ?? '') ?? 0,
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    object: `${involved.kind ?? ''}/${involved.namespace ?? ''}/${involved.name ?? ''}`,
    message: event.message ?? '',
    count: event.count ?? 1,
  };
}

function tracePatch<V>(
  ids: readonly number[],
  record: (id: number) => V | undefined,
): TablePatch<V> | undefined {
  if (ids.length === 0) return undefined;
  const set: [string, V][] = [];
  const gone: string[] = [];
  for (const id of ids) {
    const value = record(id);
    if (value === undefined) gone.push(String(id));
    else set.push([String(id), value]);
  }
  return { set, gone };
}
