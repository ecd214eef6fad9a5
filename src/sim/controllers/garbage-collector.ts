/**
 * Deletes what has lost its owners, and carries out foreground and orphan deletion. Upstream: pkg/controller/garbagecollector.
 */
import { FOREGROUND, ORPHAN } from '../api/deletion';
import { parseRef, refOf, type ApiObject, type OwnerReference } from '../api/object';
import type { Component, WatchEvent } from '../api/watch';
import { splitKey, type ControllerDeps } from './deps';

/** Kinds that own or are owned; those that a cluster of this size holds. */
const KINDS = [
  'ConfigMap',
  'ControllerRevision',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'EndpointSlice',
  'Endpoints',
  'Gateway',
  'HTTPRoute',
  'Ingress',
  'Job',
  'Lease',
  'Node',
  'PersistentVolumeClaim',
  'Pod',
  'ReplicaSet',
  'Secret',
  'Service',
  'StatefulSet',
];

export class GarbageCollector implements Component {
  readonly name = 'controllers/garbage-collector';
  readonly watches = KINDS;

  constructor(private readonly deps: ControllerDeps) {}

  keysFor(event: WatchEvent): readonly string[] {
    const { object } = event;
    const { uid = '', deletionTimestamp, finalizers, ownerReferences } = object.metadata;
    const keys: string[] = [];
    if (event.type === 'DELETED') {
      for (const child of this.deps.store.ownedBy(uid)) keys.push(`child/${refOf(child)}`);
      // A foreground deletion of the owner may have waited for this one.
      for (const owner of ownerReferences ?? []) keys.push(...this.waitingOwner(object, owner));
    } else if (
      deletionTimestamp !== undefined &&
      (finalizers ?? []).some((row) => row === FOREGROUND || row === ORPHAN)
    )
      keys.push(`owner/${refOf(object)}`);
    else if (event.type === 'ADDED' && (ownerReferences ?? []).length > 0 && !this.hasOwner(object))
      keys.push(`child/${refOf(object)}`);
    return keys;
  }

  private waitingOwner(child: ApiObject, reference: OwnerReference): string[] {
    const owner = this.find(child, reference);
    return owner?.metadata.finalizers?.includes(FOREGROUND) ? [`owner/${refOf(owner)}`] : [];
  }

  private find(child: ApiObject, reference: OwnerReference): ApiObject | undefined {
    const { store } = this.deps;
    const { kind, name, uid } = reference;
    for (const namespace of [child.metadata.namespace ?? '', '']) {
      const found: ApiObject | undefined = store.get(kind, namespace, name);
      if (found?.metadata.uid === uid) return found;
    }
    return undefined;
  }

  private hasOwner(object: ApiObject): boolean {
    return (object.metadata.ownerReferences ?? []).some(
      (reference) => this.find(object, reference) !== undefined,
    );
  }

  reconcile(key: string): void {
    const { namespace: role, name: ref } = splitKey(key);
    const { kind, namespace, name } = parseRef(ref);
    const object = this.deps.store.get(kind, namespace, name) as ApiObject | undefined;
    if (object === undefined) return;
    if (role === 'child') this.collect(object);
    else if (object.metadata.finalizers?.includes(ORPHAN)) this.orphan(object);
    else this.deleteForeground(object);
  }

  /** Deletes an object all of whose owners are gone; with others left only the dead references go. */
  private collect(object: ApiObject): void {
    const { store } = this.deps;
    const references = object.metadata.ownerReferences ?? [];
    const living = references.filter((reference) => this.find(object, reference) !== undefined);
    if (references.length === 0 || living.length === references.length) return;
    const { kind, metadata } = object;
    if (living.length > 0) store.update({ ...object, metadata: { ...metadata, ownerReferences: living } });
    else if (metadata.deletionTimestamp === undefined)
      store.delete(kind, metadata.namespace ?? '', metadata.name, { uid: metadata.uid });
  }

  private orphan(owner: ApiObject): void {
    const { store } = this.deps;
    for (const child of store.ownedBy(owner.metadata.uid ?? '')) {
      const ownerReferences = child.metadata.ownerReferences?.filter((row) => row.uid !== owner.metadata.uid);
      store.update({ ...child, metadata: { ...child.metadata, ownerReferences } });
    }
    this.dropFinalizer(owner, ORPHAN);
  }

  /** The owner stays until the dependents that block it are gone. */
  private deleteForeground(owner: ApiObject): void {
    const { store } = this.deps;
    const children = store.ownedBy(owner.metadata.uid ?? '');
    const blocking = children.filter((child) =>
      child.metadata.ownerReferences?.some(
        (row) => row.uid === owner.metadata.uid && row.blockOwnerDeletion === true,
      ),
    );
    for (const child of children) {
      if (child.metadata.deletionTimestamp !== undefined) continue;
      const { namespace = '', name, uid = '' } = child.metadata;
      const deeper = store.ownedBy(uid).length > 0;
      store.delete(child.kind, namespace, name, {
        uid,
        propagationPolicy: deeper ? 'Foreground' : 'Background',
      });
    }
    const left = store.ownedBy(owner.metadata.uid ?? '').length;
    if (blocking.length === 0 || left === 0) this.dropFinalizer(owner, FOREGROUND);
  }

  private dropFinalizer(owner: ApiObject, finalizer: string): void {
    const { store } = this.deps;
    const now = store.get(owner.kind, owner.metadata.namespace ?? '', owner.metadata.name) as
      ApiObject | undefined;
    if (now === undefined) return;
    const finalizers = (now.metadata.finalizers ?? []).filter((row) => row !== finalizer);
    store.update({ ...now, metadata: { ...now.metadata, finalizers } });
  }
}
