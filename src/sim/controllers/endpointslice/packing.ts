/**
 * Fits endpoints of one port list into slices with as few writes as possible (upstream reconcileByPortMapping): what is
 * there stays where it is, slices that must be written anyway are filled first, and nothing is merged to save space.
 */
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/kinds/endpointslice';
import type { Service } from '../../api/kinds/service';
import { endpointKey, sameBeyondKey, type AddressType } from './endpoint';
import { newSlice, sliceLabels } from './slice';

export interface SliceChanges {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
  readonly unchanged: readonly EndpointSlice[];
}

interface Work {
  readonly max: number;
  readonly byName: Map<string, EndpointSlice>;
  readonly update: Set<string>;
  readonly unchanged: Set<string>;
  readonly gone: Set<string>;
  /** Endpoints that have no slice yet, in the order in which they came. */
  readonly left: Map<string, Endpoint>;
}

/** Packs `desired` into `existing` slices (all of one port list and family) and new ones. */
export function packSlices(
  service: Service,
  type: AddressType,
  ports: readonly EndpointPort[],
  existing: readonly EndpointSlice[],
  desired: readonly Endpoint[],
  max: number,
): SliceChanges {
  const work: Work = {
    max,
    byName: new Map(),
    update: new Set(),
    unchanged: new Set(),
    gone: new Set(),
    left: new Map(desired.map((row) => [endpointKey(row), row])),
  };
  for (const slice of existing) keepWanted(work, slice, service);
  fillUpdated(work);
  const create = placeRest(work, () => newSlice(service, type, ports));
  const named = (names: ReadonlySet<string>): EndpointSlice[] =>
    [...names].map((name) => work.byName.get(name)!);
  return { create, update: named(work.update), delete: named(work.gone), unchanged: named(work.unchanged) };
}

/** Step 1: drops what is no longer wanted and replaces what changed. */
function keepWanted(work: Work, slice: EndpointSlice, service: Service): void {
  const name = slice.metadata.name;
  const kept: Endpoint[] = [];
  let changed = false;
  const endpoints = slice.endpoints ?? [];
  for (const endpoint of endpoints) {
    const key = endpointKey(endpoint);
    const wanted = work.left.get(key);
    if (wanted === undefined) continue;
    const same = sameBeyondKey(wanted, endpoint);
    changed ||= !same;
    kept.push(same ? endpoint : wanted);
    work.left.delete(key);
  }
  const { labels, changed: labelsChanged } = sliceLabels(slice.metadata.labels, service);
  const written = { ...slice, metadata: { ...slice.metadata, labels }, endpoints: kept };
  if (kept.length === 0 && (changed || endpoints.length > 0)) {
    work.gone.add(name);
    work.byName.set(name, slice);
  } else if (changed || kept.length !== endpoints.length || labelsChanged) {
    work.update.add(name);
    work.byName.set(name, written);
  } else {
    work.unchanged.add(name);
    work.byName.set(name, slice);
  }
}

function take(work: Work, count: number): Endpoint[] {
  const out: Endpoint[] = [];
  for (const [key, endpoint] of work.left) {
    if (out.length >= count) break;
    out.push(endpoint);
    work.left.delete(key);
  }
  return out;
}

function fill(work: Work, slice: EndpointSlice): EndpointSlice {
  const more = take(work, work.max - slice.endpoints.length);
  return { ...slice, endpoints: [...slice.endpoints, ...more] };
}

/** Step 2: fills the slices that are written anyway, fullest first. */
function fillUpdated(work: Work): void {
  const names = [...work.update].sort((a, b) => lengthOf(work, b) - lengthOf(work, a));
  for (const name of names) {
    if (work.left.size === 0) return;
    work.byName.set(name, fill(work, work.byName.get(name)!));
  }
}

function lengthOf(work: Work, name: string): number {
  return work.byName.get(name)?.endpoints.length ?? 0;
}

/** Step 3: a rest below a full slice goes into the untouched slice that ends closest to full; else new slices. */
function placeRest(work: Work, make: () => EndpointSlice): EndpointSlice[] {
  const create: EndpointSlice[] = [];
  while (work.left.size > 0) {
    const name = work.left.size < work.max ? closestToFull(work) : null;
    if (name === null) {
      create.push(fill(work, make()));
      continue;
    }
    work.byName.set(name, fill(work, work.byName.get(name)!));
    work.unchanged.delete(name);
    work.update.add(name);
  }
  return create;
}

function closestToFull(work: Work): string | null {
  let best: string | null = null;
  let bestRoom = work.max;
  for (const name of work.unchanged) {
    const room = work.max - work.left.size - lengthOf(work, name);
    if (room < 0 || room >= bestRoom) continue;
    best = name;
    bestRoom = room;
  }
  return best;
}
