/** Empties namespaces that are being deleted, then lets them go. Upstream: pkg/controller/namespace/deletion. */
import { SECOND } from '../clock/clock';
import type { ApiObject } from '../api/object';
import type { Component, WatchEvent } from '../api/watch';
import { comeBack, type ControllerDeps } from './deps';

/** The finalizer in spec.finalizers that this controller takes off. */
const FINALIZER = 'kubernetes';

export class NamespaceController implements Component {
  readonly name = 'controllers/namespace';
  readonly watches = ['Namespace', 'Pod'];

  constructor(private readonly deps: ControllerDeps) {}

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'Namespace') return [event.object.metadata.name];
    // The last pod to go is what a dying namespace mostly waits for.
    const namespace = event.object.metadata.namespace ?? '';
    if (event.type !== 'DELETED') return [];
    const home = this.deps.store.get('Namespace', '', namespace);
    return home?.metadata.deletionTimestamp === undefined ? [] : [namespace];
  }

  reconcile(key: string): void {
    const { store } = this.deps;
    const namespace = store.get('Namespace', '', key);
    if (namespace !== undefined && namespace.metadata.deletionTimestamp === undefined) return;
    const left = this.content(key);
    for (const object of left) this.remove(object);
    if (namespace === undefined) return;
    if (this.content(key).length > 0) return comeBack(this.deps, this.name, key, SECOND);
    store.patch('Namespace', '', key, (now) => ({
      ...now,
      spec: { ...now.spec, finalizers: (now.spec?.finalizers ?? []).filter((row) => row !== FINALIZER) },
    }));
  }

  private content(namespace: string): ApiObject[] {
    const { store } = this.deps;
    return store.kinds().flatMap((kind) => [...(store.list(kind, namespace) as readonly ApiObject[])]);
  }

  private remove(object: ApiObject): void {
    const { namespace = '', name, deletionTimestamp } = object.metadata;
    // Deleting one object may have taken others along.
    if (deletionTimestamp !== undefined || this.deps.store.get(object.kind, namespace, name) === undefined)
      return;
    this.deps.store.delete(object.kind, namespace, name);
  }
}
