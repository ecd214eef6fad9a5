/**
 * Keeps the EndpointSlices of every Service with a selector in step with its pods.
 * Upstream: pkg/controller/endpointslice/endpointslice_controller.go.
 */
import { SECOND } from '../../clock/clock';
import { EventRecorder } from '../../api/events';
import type { Node } from '../../api/kinds/cluster';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import type { Component, WatchEvent } from '../../api/watch';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { matchesLabels } from '../selector';
import { podChanges } from './endpoint';
import { planSlices } from './plan';
import { PodsByLabel } from './pods';
import { CONTROLLER_NAME, MANAGED_BY_LABEL, serviceKeyOf, TRIGGER_TIME_ANNOTATION } from './slice';
import { hintsEnabled, zoneRatios, type ZoneRatios } from './topology';
import { triggerTime, type SeenTimes } from './trigger-time';

/** --max-endpoints-per-slice */
const MAX_ENDPOINTS = 100;

interface Keyframe {
  readonly pods: ReturnType<PodsByLabel['keyframe']>;
  readonly seen: ReadonlyMap<string, SeenTimes>;
  readonly hinted: ReadonlySet<string>;
}

export class EndpointSliceController implements Component {
  readonly name = 'controllers/endpointslice';
  readonly watches = ['Pod', 'Service', 'EndpointSlice', 'Node'];
  private readonly pods = new PodsByLabel();
  private readonly seen = new Map<string, SeenTimes>();
  /** Services whose endpoints have topology hints. */
  private readonly hinted = new Set<string>();
  private readonly events: EventRecorder;

  constructor(
    private readonly deps: ControllerDeps,
    private readonly maxEndpoints = MAX_ENDPOINTS,
  ) {
    this.events = new EventRecorder(deps, { component: 'endpoint-slice-controller' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    switch (event.object.kind) {
      case 'Service':
        return [keyOf(event.object)];
      case 'Pod':
        this.pods.hear(event);
        return this.keysForPod(event);
      case 'Node':
        return this.keysForNode(event);
      default:
        return this.keysForSlice(event);
    }
  }

  private keysForPod(event: WatchEvent): string[] {
    const pod = event.object as Pod;
    const namespace = pod.metadata.namespace ?? '';
    const previous = event.previous as Pod | undefined;
    const services = this.deps.store.list('Service', namespace);
    return changedServices(
      services,
      event.type === 'DELETED' ? undefined : pod,
      event.type === 'ADDED' ? undefined : (previous ?? pod),
    ).map(keyOf);
  }

  /** A slice that someone else changed or deleted is put right; the own writes come back and change nothing. */
  private keysForSlice(event: WatchEvent): string[] {
    const slice = event.object as EndpointSlice;
    const managed =
      slice.metadata.labels?.[MANAGED_BY_LABEL] ?? event.previous?.metadata.labels?.[MANAGED_BY_LABEL];
    if (managed !== CONTROLLER_NAME || event.type === 'ADDED') return [];
    const source = event.previous === undefined ? slice : (event.previous as EndpointSlice);
    return source.metadata.labels?.['kubernetes.io/service-name'] === undefined ? [] : [serviceKeyOf(source)];
  }

  /** A node's coming, going or moving zone concerns the Services with pods on it; its CPU those with topology hints. */
  private keysForNode(event: WatchEvent): string[] {
    const [node, before] = [event.object as Node, event.previous as Node | undefined];
    if (event.type === 'MODIFIED' && before !== undefined && nodeFacts(node) === nodeFacts(before)) return [];
    const keys = new Set<string>();
    for (const pod of this.deps.store.podsOnNode(node.metadata.name)) {
      const services = this.deps.store.list('Service', pod.metadata.namespace ?? '');
      for (const service of changedServices(services, pod, undefined)) keys.add(keyOf(service));
    }
    for (const service of this.deps.store.list('Service'))
      if (hintsEnabled(service.metadata.annotations)) keys.add(keyOf(service));
    return [...keys];
  }

  reconcile(key: string): void {
    const { store } = this.deps;
    const { namespace, name } = splitKey(key);
    const service = store.get('Service', namespace, name);
    if (service === undefined) {
      this.seen.delete(key);
      this.hinted.delete(key);
      for (const slice of this.managed(namespace, name))
        store.delete('EndpointSlice', namespace, slice.metadata.name);
      return;
    }
    // Without a selector the slices are the user's own business.
    if (service.spec.type === 'ExternalName' || Object.keys(service.spec.selector ?? {}).length === 0) return;
    this.sync(key, service);
  }

  private managed(namespace: string, name: string): EndpointSlice[] {
    return this.deps.store
      .slicesOf(namespace, name)
      .filter(
        (slice) =>
          slice.metadata.labels?.[MANAGED_BY_LABEL] === CONTROLLER_NAME &&
          slice.metadata.deletionTimestamp === undefined,
      );
  }

  private sync(key: string, service: Service): void {
    const { store } = this.deps;
    const { namespace = '', name } = service.metadata;
    const pods = this.pods.select(store, namespace, service.spec.selector ?? {});
    const plan = planSlices({
      service,
      pods,
      nodeOf: (node) => store.get('Node', '', node) ?? null,
      slices: this.managed(namespace, name),
      maxEndpoints: this.maxEndpoints,
      ratios: this.ratios(service),
      hinted: this.hinted.has(key),
    });
    const { trigger, now } = triggerTime(service, pods, this.seen.get(key));
    this.seen.set(key, now);
    for (const slice of plan.create) store.create(stamped(slice, trigger));
    for (const slice of plan.update) store.update(stamped(slice, trigger));
    for (const slice of plan.delete) store.delete('EndpointSlice', namespace, slice.metadata.name);
    for (const { type, reason, message } of plan.hintEvents)
      this.events.record(service, type, reason, message);
    if (plan.hinted) this.hinted.add(key);
    else this.hinted.delete(key);
    if (plan.retry) comeBack(this.deps, this.name, key, SECOND);
  }

  private ratios(service: Service): ZoneRatios | null {
    return hintsEnabled(service.metadata.annotations) ? zoneRatios(this.deps.store.list('Node')) : null;
  }

  keyframe(): Keyframe {
    return { pods: this.pods.keyframe(), seen: new Map(this.seen), hinted: new Set(this.hinted) };
  }

  restore(from: unknown): void {
    const { pods, seen, hinted } = from as Keyframe;
    this.pods.restore(pods);
    this.hinted.clear();
    for (const key of hinted) this.hinted.add(key);
    this.seen.clear();
    for (const [key, times] of seen) this.seen.set(key, times);
  }
}

function nodeFacts(node: Node): string {
  const ready = node.status?.conditions?.find((row) => row.type === 'Ready')?.status;
  return `${node.metadata.labels?.['topology.kubernetes.io/zone']}|${node.status?.allocatable?.cpu}|${ready}`;
}

function stamped(slice: EndpointSlice, trigger: string | null): EndpointSlice {
  const { [TRIGGER_TIME_ANNOTATION]: _old, ...others } = slice.metadata.annotations ?? {};
  const annotations = trigger === null ? others : { ...others, [TRIGGER_TIME_ANNOTATION]: trigger };
  return { ...slice, metadata: { ...slice.metadata, annotations } };
}

/** Services without a selector match no pod. */
function selectsPod(service: Service, pod: Pod): boolean {
  const selector = service.spec.selector ?? {};
  return Object.keys(selector).length > 0 && matchesLabels(selector, pod.metadata.labels);
}

/**
 * The Services that a change of a pod concerns. `before` or `after` is absent for a pod that came or went. When only labels
 * changed, those that select it both before and after need no work.
 */
export function changedServices(
  services: readonly Service[],
  after: Pod | undefined,
  before: Pod | undefined,
): Service[] {
  if (before === undefined || after === undefined) {
    const pod = after ?? before;
    return pod === undefined ? [] : services.filter((service) => selectsPod(service, pod));
  }
  const change = podChanges(before, after);
  if (!change.pod && !change.labels) return [];
  return services.filter((service) => {
    const [was, is] = [selectsPod(service, before), selectsPod(service, after)];
    return change.pod ? was || is : was !== is;
  });
}
