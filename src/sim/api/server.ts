/** The API server as its clients see it: requests in, stored objects or a refusal out. */
import { Admission, DEFAULT_CONFIG, type AdmissionConfig } from './admission';
import type { DeleteOptions } from './deletion';
import { sameValue } from './equal';
import { ApiError, alreadyExists, forbidden, notFound } from './errors';
import type { Namespace } from './kinds/cluster';
import type { KindOf } from './kinds/kinds';
import { rulesOf } from './kinds/registry';
import { kindKey, resourceOf, RESOURCES } from './kinds/resources';
import { warningsOf } from './kinds/warnings';
import { LAST_APPLIED, lastAppliedText, mergeApply } from './merge';
import type { ApiObject } from './object';
import { asPatchError } from './patch-text';
import type { Store } from './store';

export interface RequestOptions {
  /** Everything is checked and nothing is stored. */
  readonly dryRun?: boolean;
  /** Is told of each field that the kind does not have, which is then dropped; without it such fields are refused. */
  readonly unknown?: (message: string) => void;
  /**
   * Values of the wrong type are told in the words of the patch that kubectl sends; without it as in a create, which
   * say where the value is.
   */
  readonly patchWords?: boolean;
  /** With a dry run: namespaces that would exist by then. */
  readonly namespacesToCome?: ReadonlySet<string>;
}

export interface Applied {
  readonly result: 'created' | 'configured' | 'unchanged';
  readonly object: ApiObject;
  /** Warnings of kubectl or the server, one line each, without "Warning: ". */
  readonly warnings: readonly string[];
}

export class ApiServer {
  private readonly admission: Admission;
  // A pure memo: the stored object that a manifest (by identity; parsed documents are kept) has changed nothing of.
  private readonly settled = new WeakMap<ApiObject, ApiObject>();

  /** Also sees to it that what components write to the store directly is defaulted and allocated. */
  constructor(
    readonly store: Store,
    config: AdmissionConfig = DEFAULT_CONFIG,
  ) {
    this.admission = new Admission(store, config);
    store.prepare = (object, op, old) => {
      // Components write back what they have read, which is defaulted; only Services may need something allocated.
      if (op === 'update' && object.kind !== 'Service') return object;
      if (old !== undefined && object.spec === old.spec) return object;
      return this.admission.admit(object, op, old, { validate: false });
    };
  }

  /** Throws ApiError: BadRequest, NotFound (namespace), Forbidden, AlreadyExists, Invalid. */
  create(given: ApiObject, options: RequestOptions = {}): ApiObject {
    const resource = resourceOf(given.kind, given.apiVersion);
    checkSpelling(given);
    this.checkNamespace(given, options.namespacesToCome);
    const clean = withoutServerFields(given);
    const start =
      rulesOf(given.kind, given.apiVersion).statusSubresource === false ? clean : withoutStatus(clean);
    const { namespace, name } = start.metadata;
    if (name && this.find(start) !== undefined) {
      this.admission.admit(start, 'create', undefined, { ...options, dryRun: true });
      throw alreadyExists(resource.plural, resource.group, name);
    }
    const known = options.dryRun ? start : this.store.withUid(start);
    const admitted = this.admission.admit(known, 'create', undefined, options);
    if (namespace === undefined && resource.namespaced)
      throw new ApiError('BadRequest', 400, 'an empty namespace may not be set during creation');
    return options.dryRun ? admitted : this.store.create(admitted, { prepared: true });
  }

  /** Replaces an object (PUT); its status stays as stored. Throws ApiError: NotFound, Conflict, Invalid. */
  update(given: ApiObject, options: RequestOptions = {}): ApiObject {
    const old = this.find(given);
    const resource = resourceOf(given.kind, given.apiVersion);
    if (old === undefined) throw notFound(resource.plural, resource.group, given.metadata.name);
    const hasStatus = rulesOf(given.kind, given.apiVersion).statusSubresource !== false;
    const kept = hasStatus ? { ...given, status: old.status } : given;
    const admitted = this.admission.admit(kept, 'update', old, options);
    return options.dryRun ? admitted : this.store.update(admitted, { prepared: true });
  }

  updateStatus<T extends ApiObject>(given: T): T {
    return this.store.updateStatus(given);
  }

  /** Reads, changes, admits and writes. Throws ApiError as `update` does. */
  patch<K extends string>(
    kind: K,
    namespace: string,
    name: string,
    fn: (object: KindOf<K>) => ApiObject,
  ): ApiObject {
    const old = this.store.get(kind, namespace, name);
    if (old === undefined) throw this.missing(kind, name);
    return this.update(fn(old));
  }

  /** Client-side apply as kubectl does it: create with the annotation, or a three-way merge. */
  apply(given: ApiObject, options: RequestOptions = {}): Applied {
    const live = this.find(given);
    const seen = this.settled.get(given);
    if (live !== undefined && seen !== undefined && sameButStatus(seen, live))
      return { result: 'unchanged', object: live, warnings: [] };
    const manifest = withoutServerFields(given);
    if (live === undefined) {
      const annotations = { ...manifest.metadata.annotations, [LAST_APPLIED]: lastAppliedText(manifest) };
      const annotated = { ...manifest, metadata: { ...manifest.metadata, annotations } };
      const object = this.create(annotated, options);
      return { result: 'created', object, warnings: remarks(object) };
    }
    const merged = mergeApply(manifest, live);
    const missing = live.metadata.annotations?.[LAST_APPLIED] === undefined;
    const warnings = missing ? [missingAnnotation(live)] : [];
    if (sameValue(merged, live)) {
      if (!options.dryRun) this.settled.set(given, live);
      return { result: 'unchanged', object: live, warnings };
    }
    const object = this.updateByPatch(merged, live, options);
    const same = object.metadata.resourceVersion === live.metadata.resourceVersion && !options.dryRun;
    return { result: same ? 'unchanged' : 'configured', object, warnings: [...warnings, ...remarks(object)] };
  }

  private updateByPatch(merged: ApiObject, live: ApiObject, options: RequestOptions): ApiObject {
    try {
      return this.update(merged, options);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw asPatchError(error, merged, live, options.patchWords === true);
    }
  }

  /** Throws ApiError: NotFound, Conflict, Forbidden for the namespaces that must stay. */
  delete(kind: string, namespace: string, name: string, options: DeleteOptions = {}): ApiObject {
    if (kind === 'Namespace' && ['default', 'kube-system', 'kube-public'].includes(name))
      throw forbidden('namespaces', '', name, 'this namespace may not be deleted');
    return this.store.delete(kind, namespace, name, options);
  }

  /** Sets spec.replicas (the scale subresource). Throws ApiError: NotFound, Invalid. */
  scale(kind: string, namespace: string, name: string, replicas: number): ApiObject {
    return this.patch(kind, namespace, name, (object) => ({
      ...object,
      spec: { ...(object.spec as object | undefined), replicas },
    }));
  }

  private find(object: ApiObject): ApiObject | undefined {
    const { namespace, name } = object.metadata;
    return this.store.get(kindKey(object.kind, object.apiVersion), namespace ?? '', name);
  }

  private missing(kind: string, name: string): ApiError {
    const resource = resourceOf(kind);
    return notFound(resource.plural, resource.group, name);
  }

  /** The NamespaceLifecycle plugin: the namespace must be there, and must not be on its way out. */
  private checkNamespace(object: ApiObject, coming?: ReadonlySet<string>): void {
    const resource = resourceOf(object.kind, object.apiVersion);
    const { namespace, name } = object.metadata;
    if (!resource.namespaced || namespace === undefined) return;
    const found: Namespace | undefined = this.store.get('Namespace', '', namespace);
    if (found === undefined && coming?.has(namespace)) return;
    if (found === undefined) throw notFound('namespaces', '', namespace);
    if (found.metadata.deletionTimestamp === undefined) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw forbidden(resource.plural, resource.group, name, why);
  }
}

/** kubectl finds a kind whatever its case, the server does not. */
function checkSpelling({ kind, apiVersion }: ApiObject): void {
  const resource = resourceOf(kind, apiVersion);
  if (resource.known) return;
  const lower = kind.toLowerCase();
  const meant = RESOURCES.find((one) => one.singular === lower && one.apiVersion === apiVersion);
  if (meant === undefined) return;
  const why = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  throw new ApiError(
    'BadRequest',
    400,
    `${kind} in version "${resource.version}" cannot be handled as a ${meant.kind}: ${why}`,
  );
}

/** True when nothing but status and version lies between two states, told by identity: writes carry the rest over. */
function sameButStatus(a: ApiObject, b: ApiObject): boolean {
  if (a === b) return true;
  const { labels, annotations, finalizers, ownerReferences, uid, deletionTimestamp } = a.metadata;
  const other = b.metadata;
  if (uid !== other.uid || labels !== other.labels || annotations !== other.annotations) return false;
  if (finalizers !== other.finalizers || ownerReferences !== other.ownerReferences) return false;
  if (deletionTimestamp !== other.deletionTimestamp) return false;
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...fields].every((field) => field === 'status' || field === 'metadata' || a[field] === b[field]);
}

function withoutStatus(object: ApiObject): ApiObject {
  if (object.status === undefined) return object;
  const { status: _, ...rest } = object;
  return rest as ApiObject;
}

/** A manifest that was read from a cluster carries fields that are the server's; it must not stumble over them. */
function withoutServerFields(object: ApiObject): ApiObject {
  const { uid, resourceVersion, creationTimestamp, generation, ...metadata } = object.metadata;
  if (uid ?? resourceVersion ?? creationTimestamp ?? generation) return { ...object, metadata };
  return creationTimestamp === undefined ? object : { ...object, metadata };
}

function remarks(object: ApiObject): string[] {
  return warningsOf(object).map((warning) => warning.message);
}

function missingAnnotation(live: ApiObject): string {
  const { plural } = resourceOf(live.kind, live.apiVersion);
  return (
    `resource ${plural}/${live.metadata.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. ` +
    'kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or ' +
    'kubectl apply. The missing annotation will be patched automatically.'
  );
}
