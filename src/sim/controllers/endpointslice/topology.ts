/**
 * Topology-aware hints (KEP-2433, annotation topology-mode: Auto): endpoints are given to zones in proportion to the CPU of
 * their nodes. Upstream: endpointslice/topologycache.
 */
import type { Node } from '../../api/kinds/cluster';
import type { Endpoint, EndpointSlice } from '../../api/kinds/endpointslice';
import { canonicalQuantity } from '../template-hash/quantity';
import { rehint, rehintAll } from './hints';
import type { SliceChanges } from './packing';

/** A zone may carry 20 % more than its share before hints are given up. */
const OVERLOAD = 0.2;
const ZONE_LABEL = 'topology.kubernetes.io/zone';
const EXCLUDED_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

export type ZoneRatios = Readonly<Record<string, number>>;

export interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

/** True when the Service asks for hints; the older annotation wins where both are set. */
export function hintsEnabled(annotations: Readonly<Record<string, string>> | undefined): boolean {
  const value =
    annotations?.['service.kubernetes.io/topology-aware-hints'] ??
    annotations?.['service.kubernetes.io/topology-mode'];
  return value === 'Auto' || value === 'auto';
}

function milliCpu(node: Node): number {
  // YAML may have made a number of it.
  const text = canonicalQuantity(String(node.status?.allocatable?.cpu ?? '0'));
  return text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text.replace('k', '000')) * 1000;
}

/** Share of the CPU per zone, or null when it is not known for every counted node or lies in one zone only. */
export function zoneRatios(nodes: readonly Node[]): ZoneRatios | null {
  const cpu = new Map<string, number>();
  let total = 0;
  for (const node of nodes) {
    if (EXCLUDED_LABELS.some((label) => node.metadata.labels?.[label] !== undefined)) continue;
    const ready = node.status?.conditions?.some((row) => row.type === 'Ready' && row.status === 'True');
    if (!ready) continue;
    const zone = node.metadata.labels?.[ZONE_LABEL];
    const amount = milliCpu(node);
    if (!zone || !(amount > 0)) return null;
    cpu.set(zone, (cpu.get(zone) ?? 0) + amount);
    total += amount;
  }
  if (cpu.size < 2 || total === 0) return null;
  return Object.fromEntries([...cpu].sort().map(([zone, amount]) => [zone, amount / total]));
}

/** How many endpoints each zone must, may and should get; or, as a sentence, why hints are impossible. */
export function allocate(ratios: ZoneRatios | null, endpoints: number): Record<string, Allocation> | string {
  if (ratios === null)
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  const zones = Object.keys(ratios).sort();
  const counted = `(${endpoints} endpoints, ${zones.length} zones)`;
  if (zones.length < 2) return 'Nodes only ready in one zone';
  if (zones.length > endpoints) return `Insufficient number of endpoints ${counted}`;
  const minima = zones.map((zone) => Math.ceil((ratios[zone]! * endpoints) / (1 + OVERLOAD)));
  const total = minima.reduce((sum, value) => sum + value, 0);
  if (total > endpoints)
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${counted}`;
  return Object.fromEntries(
    zones.map((zone, i) => {
      const minimum = minima[i]!;
      const desired = Math.max(ratios[zone]! * endpoints, minimum);
      return [zone, { minimum, maximum: minimum + endpoints - total, desired }];
    }),
  );
}

function most(wants: ReadonlyMap<string, number>): [string, number] {
  let best: [string, number] = ['', 0];
  for (const [zone, amount] of wants) if (amount > best[1]) best = [zone, amount];
  return best;
}

/** Which zones give how many endpoints away and which receive them, one at a time from the richest to the neediest. */
export function rebalance(
  desired: Readonly<Record<string, number>>,
  held: Readonly<Record<string, number>>,
): { giving: Record<string, number>; receiving: Record<string, number> } {
  const surplus = new Map<string, number>();
  const need = new Map<string, number>();
  for (const zone of Object.keys(desired).sort()) {
    const more = (held[zone] ?? 0) - desired[zone]!;
    if (more > 0) surplus.set(zone, more);
    if (more < 0) need.set(zone, -more);
  }
  const giving: Record<string, number> = {};
  const receiving: Record<string, number> = {};
  for (;;) {
    const [from, give] = most(surplus);
    const [to, get] = most(need);
    if (from === '' || to === '' || (give < 1 && get < 1) || give < 0.5 || get < 0.5) break;
    giving[from] = (giving[from] ?? 0) + 1;
    receiving[to] = (receiving[to] ?? 0) + 1;
    surplus.set(from, give - 1);
    need.set(to, get - 1);
  }
  return { giving, receiving };
}

function isReady(endpoint: Endpoint): boolean {
  return endpoint.conditions?.ready === true;
}

/** Hints per zone of a slice whose hints may stay; null when it must be written again. */
function heldHints(
  slice: EndpointSlice,
  allocations: Readonly<Record<string, Allocation>>,
  already: Readonly<Record<string, number>>,
): Record<string, number> | null {
  const held: Record<string, number> = {};
  for (const endpoint of slice.endpoints.filter(isReady)) {
    const zones = endpoint.hints?.forZones ?? [];
    if (zones.length === 0 || zones.some((row) => allocations[row.name] === undefined)) return null;
    const zone = zones[0]!.name;
    held[zone] = (held[zone] ?? 0) + 1;
  }
  for (const zone of Object.keys(held)) {
    if (held[zone]! + (already[zone] ?? 0) > allocations[zone]!.maximum) return null;
  }
  return held;
}

/** Gives endpoints of surplus zones to zones in need; changes the counters as it goes. */
function moveHints(
  slice: EndpointSlice,
  giving: Record<string, number>,
  receiving: Record<string, number>,
): EndpointSlice {
  return rehint(slice, (endpoint) => {
    if (!isReady(endpoint)) return undefined;
    const own = endpoint.zone ?? '';
    const to = Object.keys(receiving).find((zone) => receiving[zone]! > 0);
    if (!((giving[own] ?? 0) > 0) || to === undefined) return { forZones: [{ name: own }] };
    giving[own]!--;
    receiving[to]!--;
    return { forZones: [{ name: to }] };
  });
}

export interface TopologyResult {
  readonly changes: SliceChanges;
  /** Why there are no hints, or null when they were written. */
  readonly refusal: string | null;
}

/** Writes zone hints in proportion to the ratios, or takes all hints away and says why. */
export function addTopologyHints(changes: SliceChanges, ratios: ZoneRatios | null): TopologyResult {
  const all = [...changes.create, ...changes.update, ...changes.unchanged];
  const ready = all.reduce((sum, slice) => sum + slice.endpoints.filter(isReady).length, 0);
  const allocations = allocate(ratios, ready);
  const refuse = (refusal: string): TopologyResult => ({
    changes: rehintAll(changes, () => undefined),
    refusal,
  });
  if (typeof allocations === 'string') return refuse(allocations);
  const held: Record<string, number> = {};
  const unchanged: EndpointSlice[] = [];
  const update = [...changes.update];
  for (const slice of changes.unchanged) {
    const counts = heldHints(slice, allocations, held);
    if (counts === null) update.push(slice);
    else {
      unchanged.push(slice);
      for (const zone of Object.keys(counts)) held[zone] = (held[zone] ?? 0) + counts[zone]!;
    }
  }
  for (const endpoint of [...changes.create, ...update].flatMap((slice) => slice.endpoints).filter(isReady)) {
    if (!endpoint.zone) return refuse('One or more endpoints do not have a zone specified');
    held[endpoint.zone] = (held[endpoint.zone] ?? 0) + 1;
  }
  const desired = Object.fromEntries(
    Object.keys(allocations).map((zone) => [zone, allocations[zone]!.desired]),
  );
  const { giving, receiving } = rebalance(desired, held);
  return {
    changes: {
      create: changes.create.map((slice) => moveHints(slice, giving, receiving)),
      update: update.map((slice) => moveHints(slice, giving, receiving)),
      delete: changes.delete,
      unchanged,
    },
    refusal: null,
  };
}
