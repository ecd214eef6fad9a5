/**
 * kubectl apply's three-way merge: what the manifest says now, what it said last time, what is stored. Lists of things
 * with an identity merge by it (strategic merge patch), all other lists are replaced.
 * Ruled by the page "Declarative Management of Kubernetes Objects", section on merging.
 */
import { canonicalJson } from '../../lib/plain';
import { RESOURCES } from './kinds/resources';
import type { ApiObject } from './object';

/** Annotation in which kubectl keeps the manifest as applied. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

// The patchMergeKey of the lists that have one, by field name; container ports and service ports differ.
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey'],
  readinessGates: ['conditionType'],
  schedulingGates: ['name'],
  ownerReferences: ['uid'],
  conditions: ['type'],
  taints: ['key'],
  ports: ['containerPort', 'port'],
};
/**
 * Structs of which exactly one shape is filled: fields that the manifest does not name go, defaulted ones included
 * (patchStrategy retainKeys), so that RollingUpdate can become Recreate.
 */
const RETAIN_KEYS: Readonly<Record<string, readonly string[]>> = { strategy: ['Deployment'] };
/** Lists of plain values that merge as sets. */
const SETS = new Set(['finalizers']);
const BUILT_IN = new Set(
  RESOURCES.filter((resource) => !resource.group.includes('gateway')).map((resource) => resource.kind),
);
/** Kinds whose lists have no merge keys although their names look like it. */
const ATOMIC_PORTS = new Set(['NetworkPolicy', 'EndpointSlice', 'Endpoints']);

type Json = { readonly [key: string]: unknown };

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of the last-applied annotation for a manifest: sorted keys, Go's HTML escapes, a newline at the end. */
export function lastAppliedText(manifest: ApiObject): string {
  const annotations = { ...manifest.metadata.annotations };
  delete annotations[LAST_APPLIED];
  const { status: _, ...rest } = manifest;
  const text = canonicalJson({ ...rest, metadata: { ...manifest.metadata, annotations } });
  const escape = (c: string) => `\\u00${c.charCodeAt(0).toString(16)}`;
  return `${text.replace(/[<>&]/g, escape)}\n`;
}

/** The manifest as the annotation of a stored object tells it, or null. */
export function lastAppliedOf(live: ApiObject): Json | null {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** The stored object as an apply of `manifest` would leave it, the new annotation included. */
export function mergeApply(manifest: ApiObject, live: ApiObject): ApiObject {
  const last = lastAppliedOf(live) ?? {};
  const annotations = { ...manifest.metadata.annotations, [LAST_APPLIED]: lastAppliedText(manifest) };
  const whole: ApiObject = { ...manifest, metadata: { ...manifest.metadata, annotations } };
  const { status: _, ...wanted } = whole;
  // What the server owns is never taken from a manifest (a pasted `kubectl get -o yaml` holds it).
  const {
    uid: _uid,
    resourceVersion: _rv,
    creationTimestamp: _ct,
    generation: _g,
    ...metadata
  } = wanted.metadata;
  const { status: _status, ...lastWanted } = last;
  return mergeRecord({ ...wanted, metadata } as Json, lastWanted, live, live.kind) as unknown as ApiObject;
}

/** A strategic merge patch: fields that it names are changed, null removes, lists with an identity merge by it. */
export function mergePatch(patch: Json, live: ApiObject): ApiObject {
  return mergeRecord(patch, {}, live, live.kind) as unknown as ApiObject;
}

function mergeRecord(wanted: Json, last: Json, live: Json, kind: string): Json {
  const out: Record<string, unknown> = { ...live };
  for (const key of Object.keys(last)) if (wanted[key] === undefined && keeps(key)) delete out[key];
  for (const key of Object.keys(wanted)) {
    if (wanted[key] === null) delete out[key];
    else out[key] = mergeValue(key, wanted[key], last[key], live[key], kind);
  }
  return out;
}

function sameKeys(wanted: Json, last: unknown): boolean {
  return isRecord(last) && canonicalJson(wanted) === canonicalJson(last);
}

/** The annotation itself is not part of what was applied. */
function keeps(key: string): boolean {
  return key !== LAST_APPLIED;
}

function mergeValue(key: string, wanted: unknown, last: unknown, live: unknown, kind: string): unknown {
  if (isRecord(wanted) && isRecord(live) && RETAIN_KEYS[key]?.includes(kind)) {
    const named = Object.fromEntries(Object.entries(live).filter(([field]) => field in wanted));
    return mergeRecord(wanted, isRecord(last) ? last : {}, sameKeys(wanted, last) ? live : named, kind);
  }
  if (isRecord(wanted))
    return isRecord(live) ? mergeRecord(wanted, isRecord(last) ? last : {}, live, kind) : wanted;
  if (!Array.isArray(wanted) || !Array.isArray(live)) return wanted;
  const before: readonly unknown[] = Array.isArray(last) ? last : [];
  if (SETS.has(key)) {
    const extra = live.filter((item) => !wanted.includes(item) && !before.includes(item));
    return [...wanted, ...extra];
  }
  const keys = mergeKeysOf(key, kind);
  return keys === undefined ? wanted : mergeList(keys, wanted, before, live, kind);
}

/** Custom resources have no merge keys: their lists are replaced (JSON merge patch). */
function mergeKeysOf(key: string, kind: string): readonly string[] | undefined {
  if (!BUILT_IN.has(kind) || (key === 'ports' && ATOMIC_PORTS.has(kind))) return undefined;
  return MERGE_KEYS[key];
}

/** The field by which the items of a list are told apart, when they all have it. */
export function mergeKeyOf(key: string, items: readonly unknown[], kind: string): string | undefined {
  const names = mergeKeysOf(key, kind) ?? [];
  return names.find((name) => items.every((item) => isRecord(item) && item[name] !== undefined));
}

/** Items with the same identity merge; items that only the stored list has stay unless an apply had made them. */
function mergeList(
  keys: readonly string[],
  wanted: readonly unknown[],
  last: readonly unknown[],
  live: readonly unknown[],
  kind: string,
): unknown {
  const identity = (item: unknown): string | null => {
    if (!isRecord(item)) return null;
    const key = keys.find((name) => item[name] !== undefined);
    // Container and service ports may share a number over different protocols.
    const protocol = key === 'port' || key === 'containerPort' ? `/${String(item.protocol ?? 'TCP')}` : '';
    return key === undefined ? null : `${String(item[key])}${protocol}`;
  };
  const index = (items: readonly unknown[]) => new Map(items.map((item) => [identity(item), item] as const));
  const ids = wanted.map(identity);
  if (ids.includes(null) || new Set(ids).size !== ids.length) return wanted;
  const stored = index(live);
  const before = index(last);
  const merged = wanted.map((item, i) => {
    const old = stored.get(ids[i]!);
    const was = before.get(ids[i]!);
    return isRecord(old) ? mergeRecord(item as Json, isRecord(was) ? was : {}, old, kind) : item;
  });
  const kept = live.filter((item) => !ids.includes(identity(item)) && !before.has(identity(item)));
  return [...merged, ...kept];
}
