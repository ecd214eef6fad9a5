/**
 * From a Service, its pods and its slices to the writes that bring the slices in step. Pure; the controller executes it.
 * Upstream: staging/src/k8s.io/endpointslice/reconciler.go.
 */
import type { Node } from '../../api/kinds/cluster';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/kinds/endpointslice';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import { addressTypesOf, podBelongs, podToEndpoint, type AddressType } from './endpoint';
import { applyTrafficDistribution, rehintAll } from './hints';
import { packSlices, type SliceChanges } from './packing';
import { endpointPortsOf, portsKey } from './ports';
import { isOwnedBy, isSamePlaceholder, newSlice } from './slice';
import { addTopologyHints, hintsEnabled, type ZoneRatios } from './topology';

export interface PlanInput {
  readonly service: Service;
  readonly pods: readonly Pod[];
  readonly nodeOf: (name: string) => Node | null;
  readonly slices: readonly EndpointSlice[];
  /** 100 by default in the controller manager. */
  readonly maxEndpoints: number;
  /** Absent: no topology cache. Null: not enough is known about the nodes. */
  readonly ratios?: ZoneRatios | null;
  /** Gate PreferSameTrafficDistribution; on since 1.34. */
  readonly preferSame?: boolean;
  /** The Service has topology hints from an earlier plan. */
  readonly hinted?: boolean;
}

/** What the Service's events shall say of its topology hints. */
export interface HintEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'TopologyAwareHintsEnabled' | 'TopologyAwareHintsDisabled';
  readonly message: string;
}

export interface Plan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
  /** Something could not be resolved (a pod's Node is missing): write this much and come again. */
  readonly retry: boolean;
  readonly hintEvents: readonly HintEvent[];
  /** The Service has topology hints now. */
  readonly hinted: boolean;
}

const NOTHING: SliceChanges = { create: [], update: [], delete: [], unchanged: [] };

interface Group {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
}

/** The writes for a Service that has a selector. */
export function planSlices(input: PlanInput): Plan {
  const types = addressTypesOf(input.service);
  const foreign = input.slices.filter((slice) => !types.includes(slice.addressType as AddressType));
  let total: SliceChanges = { ...NOTHING, delete: foreign };
  let retry = false;
  const hintEvents: HintEvent[] = [];
  let hinted = input.hinted ?? false;
  for (const type of types) {
    const slices = input.slices.filter((slice) => slice.addressType === type);
    const part = planFamily(input, type, slices);
    total = join(total, finalize(part.changes, input.service));
    retry ||= part.retry;
    const event = hintEvent(part.outcome, hinted, type);
    if (event !== null) hintEvents.push(event);
    hinted = part.outcome === 'hinted';
  }
  return { create: total.create, update: total.update, delete: total.delete, retry, hintEvents, hinted };
}

/** What came of topology hints: they were not asked for, written, or impossible for this reason. */
type HintOutcome = 'not asked' | 'hinted' | { readonly refusal: string };

/** A refusal is told every time, a change between with and without once. */
function hintEvent(outcome: HintOutcome, before: boolean, type: AddressType): HintEvent | null {
  const told = (message: string) => `${message}, addressType: ${type}`;
  const disabled = { type: 'Warning', reason: 'TopologyAwareHintsDisabled' } as const;
  if (typeof outcome === 'object') return { ...disabled, message: told(outcome.refusal) };
  if (outcome === 'not asked')
    return before ? { ...disabled, message: told('Topology Aware Hints has been disabled') } : null;
  const message = told('Topology Aware Hints has been enabled');
  return before ? null : { type: 'Normal', reason: 'TopologyAwareHintsEnabled', message };
}

function join(a: SliceChanges, b: SliceChanges): SliceChanges {
  return {
    create: [...a.create, ...b.create],
    update: [...a.update, ...b.update],
    delete: [...a.delete, ...b.delete],
    unchanged: [...a.unchanged, ...b.unchanged],
  };
}

function planFamily(
  input: PlanInput,
  type: AddressType,
  slices: readonly EndpointSlice[],
): { changes: SliceChanges; retry: boolean; outcome: HintOutcome } {
  const { service } = input;
  const { groups, missingNode } = groupEndpoints(input, type);
  const byPorts = new Map<string, EndpointSlice[]>();
  const owned = slices.filter((slice) => isOwnedBy(slice, service));
  for (const slice of owned) {
    const key = portsKey(slice.ports);
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
  }
  let changes: SliceChanges = { ...NOTHING, delete: slices.filter((slice) => !isOwnedBy(slice, service)) };
  for (const [key, group] of groups) {
    const existing = byPorts.get(key) ?? [];
    changes = join(
      changes,
      packSlices(service, type, group.ports, existing, group.endpoints, input.maxEndpoints),
    );
  }
  for (const [key, stale] of byPorts) {
    if (!groups.has(key)) changes = join(changes, { ...NOTHING, delete: stale });
  }
  changes = withPlaceholder(changes, service, type, slices.length);
  return { ...withHints(input, changes), retry: missingNode };
}

function groupEndpoints(
  input: PlanInput,
  type: AddressType,
): { groups: Map<string, Group>; missingNode: boolean } {
  const groups = new Map<string, Group>();
  let missingNode = false;
  for (const pod of input.pods) {
    if (!podBelongs(pod, true)) continue;
    const ports = endpointPortsOf(input.service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    const node = pod.spec.nodeName ? input.nodeOf(pod.spec.nodeName) : null;
    if (node === null && input.service.spec.publishNotReadyAddresses !== true) {
      missingNode = true;
      continue;
    }
    const endpoint = podToEndpoint(pod, node, input.service, type);
    if (endpoint.addresses.length > 0) group.endpoints.push(endpoint);
  }
  return { groups, missingNode };
}

/** A Service without endpoints keeps one empty slice, so that its readers see it is known. */
function withPlaceholder(
  changes: SliceChanges,
  service: Service,
  type: AddressType,
  existing: number,
): SliceChanges {
  if (existing !== changes.delete.length || changes.create.length > 0) return changes;
  const placeholder = newSlice(service, type, []);
  const [only] = changes.delete;
  if (changes.delete.length === 1 && only !== undefined && isSamePlaceholder(only, placeholder))
    return { ...changes, delete: [], unchanged: [...changes.unchanged, only] };
  return { ...changes, create: [placeholder] };
}

function withHints(input: PlanInput, changes: SliceChanges): { changes: SliceChanges; outcome: HintOutcome } {
  const { service } = input;
  // The annotation beats the field, even where the cache behind it is off.
  const annotated = hintsEnabled(service.metadata.annotations);
  if (input.ratios !== undefined && annotated) {
    const result = addTopologyHints(changes, input.ratios);
    const { refusal } = result;
    return { changes: result.changes, outcome: refusal === null ? 'hinted' : { refusal } };
  }
  if (service.spec.trafficDistribution !== undefined && !annotated)
    return {
      changes: applyTrafficDistribution(changes, service.spec.trafficDistribution, input.preferSame ?? true),
      outcome: 'not asked',
    };
  return { changes: rehintAll(changes, () => undefined), outcome: 'not asked' };
}

/** A planned create takes over a planned delete (one write for two); a dying Service gets no new slices. */
export function finalize(changes: SliceChanges, service: Service): SliceChanges {
  const create = [...changes.create];
  const update = [...changes.update];
  const gone: EndpointSlice[] = [];
  for (const slice of changes.delete) {
    const heir = create[create.length - 1];
    if (heir === undefined || heir.addressType !== slice.addressType || !isOwnedBy(slice, service)) {
      gone.push(slice);
      continue;
    }
    create.pop();
    update.push(takeOver(heir, slice));
  }
  const dying = service.metadata.deletionTimestamp !== undefined;
  return { create: dying ? [] : create, update, delete: gone, unchanged: changes.unchanged };
}

function takeOver(heir: EndpointSlice, slice: EndpointSlice): EndpointSlice {
  const { labels, ownerReferences } = heir.metadata;
  return { ...heir, metadata: { ...slice.metadata, labels, ownerReferences } };
}
