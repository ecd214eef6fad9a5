/**
 * Who controls whom: owner references, and the rule by which a controller takes in matching orphans and lets go of children
 * that no longer match (upstream controller_ref_manager.go).
 */
import type { LabelSelector } from '../api/kinds/meta';
import type { Pod, PodTemplateSpec } from '../api/kinds/pod';
import type { ApiObject, OwnerReference } from '../api/object';
import type { Store } from '../api/store';
import type { WatchEvent } from '../api/watch';
import { keyOf } from './deps';
import { mattersToOwner } from './pod-state';
import { matchesSelector } from './selector';

/** The one owner that manages the object, if any. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((row) => row.controller === true);
}

/** The reference a controller puts on what it makes. */
export function ownerReference(owner: ApiObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** A pod as a template and an owner make it; the store draws the name from `generateName` unless one is given. */
export function podFromTemplate(owner: ApiObject, template: PodTemplateSpec, name?: string): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: name ?? '',
      ...(name === undefined ? { generateName: `${owner.metadata.name}-` } : {}),
      namespace: owner.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [ownerReference(owner)],
    },
    spec: template.spec,
  };
}

/** The names of pods without a controller, so that adoption need not search all pods. Kept from watch events. */
export class Orphans {
  private readonly keys = new Map<string, ReadonlySet<string>>();

  hear(event: WatchEvent): void {
    const { namespace = '', name } = event.object.metadata;
    const known = this.keys.get(namespace);
    const orphan = event.type !== 'DELETED' && controllerOf(event.object) === undefined;
    if (orphan === (known?.has(name) ?? false)) return;
    const next = new Set(known);
    if (orphan) next.add(name);
    else next.delete(name);
    this.keys.set(namespace, next);
  }

  /** Pods of a namespace without a controller, by name. */
  in(store: Store, namespace: string): Pod[] {
    const names = [...(this.keys.get(namespace) ?? [])].sort();
    return names.map((name) => store.get('Pod', namespace, name)).filter((pod) => pod !== undefined);
  }

  keyframe(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map(this.keys);
  }

  restore(from: ReadonlyMap<string, ReadonlySet<string>>): void {
    this.keys.clear();
    for (const [namespace, names] of from) this.keys.set(namespace, names);
  }
}

/** Releases children that no longer match, adopts matching orphans, and returns the owner's pods. */
export function claimPods(
  store: Store,
  owner: ApiObject,
  selector: LabelSelector,
  orphans: Orphans,
  wants: (pod: Pod) => boolean = () => true,
): Pod[] {
  const namespace = owner.metadata.namespace ?? '';
  const uid = owner.metadata.uid ?? '';
  const out: Pod[] = [];
  for (const child of store.ownedBy(uid)) {
    if (child.kind !== 'Pod' || controllerOf(child)?.uid !== uid) continue;
    if (matchesSelector(selector, child.metadata.labels)) out.push(child as Pod);
    else if (owner.metadata.deletionTimestamp === undefined) release(store, child as Pod, uid);
  }
  if (owner.metadata.deletionTimestamp !== undefined) return out;
  for (const orphan of orphans.in(store, namespace)) {
    if (orphan.metadata.deletionTimestamp !== undefined) continue;
    if (!matchesSelector(selector, orphan.metadata.labels) || !wants(orphan)) continue;
    out.push(adopt(store, orphan, owner));
  }
  return out;
}

function release(store: Store, pod: Pod, uid: string): void {
  store.patch('Pod', pod.metadata.namespace ?? '', pod.metadata.name, (now) => {
    const { ownerReferences, ...metadata } = now.metadata;
    const rest = (ownerReferences ?? []).filter((row) => row.uid !== uid);
    return { ...now, metadata: rest.length > 0 ? { ...metadata, ownerReferences: rest } : metadata };
  });
}

function adopt(store: Store, pod: Pod, owner: ApiObject): Pod {
  return store.patch('Pod', pod.metadata.namespace ?? '', pod.metadata.name, (now) => ({
    ...now,
    metadata: {
      ...now.metadata,
      ownerReferences: [...(now.metadata.ownerReferences ?? []), ownerReference(owner)],
    },
  }));
}

interface Selecting extends ApiObject {
  readonly spec: { readonly selector: LabelSelector };
}

/** Keys of the owners of one kind that a pod's change concerns: its controller, the former one, or who could adopt it. */
export function ownersOfPod(
  event: WatchEvent,
  kind: string,
  candidates: () => readonly Selecting[],
): string[] {
  const pod = event.object as Pod;
  const previous = event.previous as Pod | undefined;
  if (event.type === 'MODIFIED' && previous !== undefined && !mattersToOwner(previous, pod)) return [];
  const keys = new Set<string>();
  const namespace = pod.metadata.namespace ?? '';
  const owner = controllerOf(pod);
  const former = previous === undefined ? undefined : controllerOf(previous);
  for (const ref of [former, owner]) if (ref?.kind === kind) keys.add(`${namespace}/${ref.name}`);
  if (owner === undefined && event.type !== 'DELETED') {
    for (const candidate of candidates())
      if (matchesSelector(candidate.spec.selector, pod.metadata.labels)) keys.add(keyOf(candidate));
  }
  return [...keys];
}
