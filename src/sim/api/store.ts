/**
 * The store behind the API server (etcd plus the registry's bookkeeping): the objects, their versions, and the watch.
 * A write replaces the object and is told to the listeners before the call returns. What is valid and what is filled in
 * is not decided here: see admission.ts. Ruled by the API concepts page (resourceVersion, generation, finalizers, watch).
 */
import type { Clock } from '../clock/clock';
import type { Taken } from './allocator';
import { mayLeave, markDeleted, type DeleteOptions } from './deletion';
import { sameValue } from './equal';
import { alreadyExists, conflict, invalid, notFound } from './errors';
import { Indexes } from './indexes';
import type { Endpoints, EndpointSlice } from './kinds/endpointslice';
import type { KindOf } from './kinds/kinds';
import type { Pod } from './kinds/pod';
import { kindKey, resourceOf } from './kinds/resources';
import { parseRef, type ApiObject } from './object';
import { Rows } from './rows';
import { toRfc3339 } from './time';
import type { WatchEvent } from './watch';

export type WriteOp = 'create' | 'update';

/** Fills in what the server owns before an object is stored: defaults, derived fields, allocations. May throw ApiError. */
export type Prepare = (object: ApiObject, op: WriteOp, old: ApiObject | undefined) => ApiObject;

export interface WriteOptions {
  /** The caller has run admission on the object itself. */
  readonly prepared?: boolean;
}

export interface StoreKeyframe {
  readonly version: number;
  readonly tables: ReadonlyMap<string, readonly ApiObject[]>;
  readonly revisions: ReadonlyMap<string, number>;
}

interface Listener {
  readonly hear: (event: WatchEvent) => void;
  readonly kinds: ReadonlySet<string> | null;
}

interface Table {
  readonly byKey: Map<string, ApiObject>;
  readonly rows: Rows;
  /** Lists of single namespaces, thrown away at each write of the kind. */
  namespaces: Map<string, readonly ApiObject[]> | null;
}

const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const NAME_BASE_LIMIT = 58;
const EMPTY: readonly never[] = [];

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

export class Store {
  readonly clock: Clock;
  /** Set by the API server: runs before every create and update. Without it objects are stored as given. */
  prepare: Prepare | null = null;
  private version = 0;
  private readonly tables = new Map<string, Table>();
  private readonly revisions = new Map<string, number>();
  private readonly indexes = new Indexes();
  private listeners: readonly Listener[] = [];

  constructor(deps: { readonly clock: Clock }) {
    this.clock = deps.clock;
  }

  /** One object; namespace "" for cluster-scoped kinds. */
  get<K extends string>(kind: K, namespace: string, name: string): KindOf<K> | undefined {
    return this.tables.get(kind)?.byKey.get(keyOf(namespace, name)) as KindOf<K> | undefined;
  }

  /** One object by "Kind/namespace/name". */
  byRef(ref: string): ApiObject | undefined {
    const { kind, namespace, name } = parseRef(ref);
    return this.get(kind, namespace, name);
  }

  /** All objects of a kind by namespace, then name. The list is a snapshot and must not be changed. */
  list<K extends string>(kind: K, namespace?: string): readonly KindOf<K>[] {
    const table = this.tables.get(kind);
    if (table === undefined) return EMPTY;
    if (namespace === undefined) return table.rows.all() as readonly KindOf<K>[];
    table.namespaces ??= new Map();
    let found = table.namespaces.get(namespace);
    if (found === undefined) table.namespaces.set(namespace, (found = table.rows.inNamespace(namespace)));
    return found as readonly KindOf<K>[];
  }

  /** Kinds that hold or have held objects, in code-unit order. */
  kinds(): readonly string[] {
    return [...this.tables.keys()].sort();
  }

  /** Rises with every write of the kind; 0 before the first. Cheap way to ask whether anything changed. */
  revision(kind: string): number {
    return this.revisions.get(kind) ?? 0;
  }

  podsOnNode(node: string): readonly Pod[] {
    return this.indexes.podsOnNode(node) as readonly Pod[];
  }

  /** The slices that carry the Service's name label. */
  slicesOf(namespace: string, service: string): readonly EndpointSlice[] {
    return this.indexes.slicesOf(namespace, service) as readonly EndpointSlice[];
  }

  endpointsOf(namespace: string, service: string): Endpoints | undefined {
    return this.get('Endpoints', namespace, service);
  }

  /** Objects of any kind that name this uid among their owners. */
  ownedBy(uid: string): readonly ApiObject[] {
    return this.indexes.ownedBy(uid);
  }

  /** Who holds which cluster IPs and node ports. */
  get taken(): Taken {
    return this.indexes;
  }

  /** Stores a new object under a fresh uid and version. Throws ApiError (AlreadyExists, Invalid without a name). */
  create<T extends ApiObject>(given: T, options: WriteOptions = {}): T {
    const { kind, apiVersion } = given;
    let object: ApiObject = given.metadata.name ? given : this.withGeneratedName(given);
    if (options.prepared !== true) object = this.withUid(object);
    if (this.prepare !== null && options.prepared !== true)
      object = this.prepare(object, 'create', undefined);
    const resource = resourceOf(kind, apiVersion);
    const { namespace, name } = object.metadata;
    const key = kindKey(kind, apiVersion);
    if (this.get(key, namespace ?? '', name) !== undefined)
      throw alreadyExists(resource.plural, resource.group, name);
    const metadata = {
      ...object.metadata,
      resourceVersion: this.nextVersion(),
      creationTimestamp: toRfc3339(this.clock.nowNs),
      ...(resource.generation ? { generation: 1 } : {}),
    };
    const stored = { ...object, metadata };
    this.put(key, stored, undefined);
    return stored as ApiObject as T;
  }

  /**
   * Replaces an object as a whole. A resourceVersion in `given` must be the stored one. An unchanged object is not
   * written. Throws ApiError (NotFound, Conflict). Returns what is stored, or the last state of an object this removed.
   */
  update<T extends ApiObject>(given: T, options: WriteOptions = {}): T {
    const key = kindKey(given.kind, given.apiVersion);
    const old = this.current(key, given);
    const object =
      this.prepare === null || options.prepared === true ? given : this.prepare(given, 'update', old);
    return this.write(key, object, old) as T;
  }

  /** Replaces only the status (the status subresource); everything else in `given` is ignored. */
  updateStatus<T extends ApiObject>(given: T): T {
    const key = kindKey(given.kind, given.apiVersion);
    const old = this.current(key, given);
    return this.write(key, { ...old, status: given.status }, old) as T;
  }

  /** Reads, changes and writes in one go, so that no conflict can arise. `fn` gets the stored object. */
  patch<K extends string>(
    kind: K,
    namespace: string,
    name: string,
    fn: (object: KindOf<K>) => KindOf<K>,
  ): KindOf<K> {
    const old = this.get(kind, namespace, name);
    if (old === undefined) throw this.missing(kind, name);
    const changed: ApiObject = fn(old);
    const object = this.prepare === null ? changed : this.prepare(changed, 'update', old);
    return this.write(kind, object, old) as KindOf<K>;
  }

  /**
   * Deletes: pods on a node get a deletionTimestamp and their grace, objects with finalizers wait for them, all others
   * are gone at once. Returns the object as it is now, or as it was when it went. Throws ApiError (NotFound, Conflict).
   */
  delete(kind: string, namespace: string, name: string, options: DeleteOptions = {}): ApiObject {
    const old: ApiObject | undefined = this.get(kind, namespace, name);
    if (old === undefined) throw this.missing(kind, name);
    this.checkPreconditions(old, options);
    const marked = markDeleted(old, options, this.clock.nowNs);
    if (mayLeave(marked)) return this.remove(kind, marked, old);
    return marked === old ? old : this.write(kind, marked, old);
  }

  /**
   * Calls `hear` for every later change, before the write returns; only of `kinds` when given. Returns the way to stop.
   * Listeners are wiring, not state: they are not part of a keyframe and outlive a restore.
   */
  subscribe(hear: (event: WatchEvent) => void, kinds?: readonly string[]): () => void {
    const listener: Listener = { hear, kinds: kinds === undefined ? null : new Set(kinds) };
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  keyframe(): StoreKeyframe {
    const tables = new Map([...this.tables].map(([kind, table]) => [kind, table.rows.all()]));
    return { version: this.version, tables, revisions: new Map(this.revisions) };
  }

  /** Puts back a keyframe. Revisions move on instead of back, so that whoever compares them sees a change. */
  restore(from: StoreKeyframe): void {
    this.version = from.version;
    for (const kind of new Set([...this.tables.keys(), ...from.tables.keys()]))
      this.revisions.set(kind, Math.max(this.revision(kind), from.revisions.get(kind) ?? 0) + 1);
    this.tables.clear();
    this.indexes.clear();
    for (const [kind, objects] of from.tables) {
      const byKey = new Map(objects.map((o) => [keyOf(o.metadata.namespace, o.metadata.name), o]));
      this.tables.set(kind, { byKey, rows: new Rows(objects), namespaces: null });
      for (const object of objects) this.indexes.change(undefined, object);
    }
  }

  private missing(kind: string, name: string): Error {
    const resource = resourceOf(kind);
    return notFound(resource.plural, resource.group, name);
  }

  private current(key: string, given: ApiObject): ApiObject {
    const { namespace, name, resourceVersion, uid } = given.metadata;
    const resource = resourceOf(given.kind, given.apiVersion);
    const old: ApiObject | undefined = this.get(key, namespace ?? '', name);
    if (old === undefined) throw notFound(resource.plural, resource.group, name);
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion)
      throw conflict(resource.plural, resource.group, name);
    if (uid !== undefined && uid !== old.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
      throw conflict(resource.plural, resource.group, name, why);
    }
    return old;
  }

  private write(key: string, given: ApiObject, old: ApiObject): ApiObject {
    const resource = resourceOf(given.kind, given.apiVersion);
    const was = old.metadata;
    const deletion =
      was.deletionTimestamp !== undefined && given.metadata.deletionTimestamp === undefined
        ? {
            deletionTimestamp: was.deletionTimestamp,
            deletionGracePeriodSeconds: was.deletionGracePeriodSeconds,
          }
        : {};
    const fixed = {
      uid: was.uid,
      resourceVersion: was.resourceVersion,
      creationTimestamp: was.creationTimestamp,
    };
    const draft = { ...given, metadata: { ...given.metadata, ...fixed, ...deletion } } as ApiObject;
    const generation = resource.generation ? generationAfter(draft, old) : undefined;
    const metadata = generation === undefined ? draft.metadata : { ...draft.metadata, generation };
    const kept = { ...draft, metadata };
    if (mayLeave(kept)) return this.remove(key, kept, old);
    if (sameValue(kept, old)) return old;
    const stored = { ...kept, metadata: { ...metadata, resourceVersion: this.nextVersion() } };
    this.put(key, stored, old);
    return stored;
  }

  private put(key: string, object: ApiObject, old: ApiObject | undefined): void {
    let table = this.tables.get(key);
    if (table === undefined) {
      table = { byKey: new Map(), rows: new Rows(), namespaces: null };
      this.tables.set(key, table);
    }
    table.byKey.set(keyOf(object.metadata.namespace, object.metadata.name), object);
    table.rows.set(object);
    this.changed(key, table, old, object);
    this.tell(
      old === undefined ? { type: 'ADDED', object } : { type: 'MODIFIED', object, previous: old },
      key,
    );
  }

  private remove(key: string, last: ApiObject, old: ApiObject): ApiObject {
    const table = this.tables.get(key)!;
    table.byKey.delete(keyOf(old.metadata.namespace, old.metadata.name));
    table.rows.remove(old);
    // The watch shows the last state under the version of its deletion.
    const object = { ...last, metadata: { ...last.metadata, resourceVersion: this.nextVersion() } };
    this.changed(key, table, old, undefined);
    this.tell({ type: 'DELETED', object, previous: old }, key);
    return object;
  }

  private changed(key: string, table: Table, old: ApiObject | undefined, now: ApiObject | undefined): void {
    table.namespaces = null;
    this.indexes.change(old, now);
    this.revisions.set(key, this.revision(key) + 1);
  }

  private tell(event: WatchEvent, key: string): void {
    for (const { hear, kinds } of this.listeners) if (kinds === null || kinds.has(key)) hear(event);
  }

  private checkPreconditions(old: ApiObject, options: DeleteOptions): void {
    const { uid, resourceVersion } = old.metadata;
    const resource = resourceOf(old.kind, old.apiVersion);
    const fail = (what: string, asked: string, is: string | undefined): never => {
      const why = `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`;
      throw conflict(resource.plural, resource.group, old.metadata.name, why);
    };
    if (options.uid !== undefined && options.uid !== uid) fail('UID', options.uid, uid);
    if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion)
      fail('ResourceVersion', options.resourceVersion, resourceVersion);
  }

  /** generateName plus five letters; a name that is taken is drawn again, up to 8 times as newer servers do. */
  private withGeneratedName(given: ApiObject): ApiObject {
    const { generateName, namespace } = given.metadata;
    if (!generateName) {
      const { group } = resourceOf(given.kind, given.apiVersion);
      const message = 'Required value: name or generateName is required';
      throw invalid(given.kind, group, '', [{ field: 'metadata.name', type: 'FieldValueRequired', message }]);
    }
    const key = kindKey(given.kind, given.apiVersion);
    let name = '';
    for (let tries = 0; tries < 8; tries++) {
      name =
        generateName.slice(0, NAME_BASE_LIMIT) + this.clock.random.text('generated-names', NAME_LETTERS, 5);
      if (this.get(key, namespace ?? '', name) === undefined) break;
    }
    return { ...given, metadata: { ...given.metadata, name } };
  }

  /** The object as it will be known; its uid is there before anything is filled in, because Jobs are found by it. */
  withUid(object: ApiObject): ApiObject {
    return { ...object, metadata: { ...object.metadata, uid: this.newUid() } };
  }

  /** A version 4 UUID (RFC 9562) from its own stream of chance. */
  private newUid(): string {
    const words = [0, 1, 2, 3].map(() => this.clock.random.below('uids', 0x1_0000_0000));
    const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
    const variant = (8 + (parseInt(hex[16]!, 16) & 3)).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  private nextVersion(): string {
    return String(++this.version);
  }
}

const OUTSIDE_SPEC = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** One more when anything but metadata and status differs, or when deletion begins; otherwise as it was. */
function generationAfter(now: ApiObject, old: ApiObject): number {
  const before = old.metadata.generation ?? 1;
  const begun = old.metadata.deletionTimestamp === undefined && now.metadata.deletionTimestamp !== undefined;
  if (begun) return before + 1;
  for (const field of new Set([...Object.keys(now), ...Object.keys(old)]))
    if (!OUTSIDE_SPEC.has(field) && !sameValue(now[field], old[field])) return before + 1;
  return before;
}
