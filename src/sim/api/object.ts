/** API objects as JSON, the way the API server stores them. Immutable: a write replaces the object. */
import type { Plain } from '../../lib/plain';

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, whole seconds; virtual second 0 is 2026-01-01T00:00:00Z. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** Any object. The files in kinds/ narrow spec and status. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: Plain | object | undefined;
}

/** "Kind/namespace/name"; the namespace is empty for cluster-scoped kinds. This is what Origin.ref holds. */
export function refOf(object: {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): string {
  return `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** The parts of a ref. Names never hold a slash, so the split is exact. */
export function parseRef(ref: string): { kind: string; namespace: string; name: string } {
  const [kind = '', namespace = '', name = ''] = ref.split('/');
  return { kind, namespace, name };
}
