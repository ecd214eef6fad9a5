/**
 * Binds pods to nodes. Upstream: pkg/scheduler; the choice here is simpler than its weighted scores: fewest pods of the same
 * owner first, then fewest pods, then the name, so that a rollout spreads as one expects and repeats exactly.
 *
 * Not simulated: preemption, preferred (soft) affinities, image locality, scheduling gates' events.
 */
import { SECOND } from '../../clock/clock';
import { EventRecorder } from '../../api/events';
import type { Condition } from '../../api/kinds/meta';
import type { Node } from '../../api/kinds/cluster';
import type { Pod } from '../../api/kinds/pod';
import { toRfc3339 } from '../../api/time';
import type { Component, WatchEvent } from '../../api/watch';
import { comeBack, keyOf, splitKey, type ControllerDeps } from '../deps';
import { controllerOf } from '../ownership';
import { isActive } from '../pod-state';
import { failureMessage, refusalsOf, type NodeInfo, type Refusal } from './filters';
import { affinityRefusals } from './inter-pod';
import { sumAmounts } from './resources';

const NAME = 'controllers/scheduler';
/** Waits between tries for a pod that fits nowhere: 1 s doubling to 10 s, but only when something has changed. */
const BACKOFF_FIRST = SECOND;
const BACKOFF_LIMIT = 10 * SECOND;

export class Scheduler implements Component {
  readonly name = NAME;
  readonly watches = ['Pod', 'Node'];
  private readonly events: EventRecorder;
  /** Pods that fitted nowhere, with the number of tries. */
  private readonly waiting = new Map<string, number>();

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'default-scheduler' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'Node') return nodeMatters(event) && this.waiting.size > 0 ? ['retry/'] : [];
    const pod = event.object as Pod;
    if (event.type !== 'DELETED' && !pod.spec.nodeName && isActive(pod)) {
      // A status that was written here is no news.
      return event.type === 'ADDED' || this.waiting.get(keyOf(pod)) === undefined ? [keyOf(pod)] : [];
    }
    if (event.type === 'DELETED' && !pod.spec.nodeName) this.waiting.delete(keyOf(pod));
    const freed =
      event.type === 'DELETED' || (!isActive(pod) && event.previous && isActive(event.previous as Pod));
    return freed && this.waiting.size > 0 ? ['retry/'] : [];
  }

  reconcile(key: string): void {
    if (key === 'retry/') return this.retryAll();
    const { namespace, name } = splitKey(key);
    const pod = this.deps.store.get('Pod', namespace, name);
    if (pod === undefined || pod.spec.nodeName || !isActive(pod)) {
      this.waiting.delete(key);
      return;
    }
    if ((pod.spec.schedulerName ?? 'default-scheduler') !== 'default-scheduler') return;
    if ((pod.spec.schedulingGates ?? []).length > 0) return;
    this.schedule(pod, key);
  }

  keyframe(): unknown {
    return new Map(this.waiting);
  }

  restore(from: unknown): void {
    this.waiting.clear();
    for (const [key, tries] of from as ReadonlyMap<string, number>) this.waiting.set(key, tries);
  }

  private retryAll(): void {
    for (const [key, tries] of this.waiting)
      comeBack(this.deps, NAME, key, Math.min(BACKOFF_LIMIT, BACKOFF_FIRST * 2 ** (tries - 1)));
  }

  private schedule(pod: Pod, key: string): void {
    const infos = this.deps.store.list('Node').map((node) => this.infoOf(node));
    const refusals = infos.map((info) => this.refusals(pod, info, infos));
    const fitting = infos.filter((_, i) => refusals[i]!.length === 0);
    if (fitting.length === 0) return this.fail(pod, key, failureMessage(infos.length, refusals));
    this.waiting.delete(key);
    this.bind(pod, this.best(pod, fitting).node.metadata.name);
  }

  private refusals(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): Refusal[] {
    const own = refusalsOf(pod, info);
    return own.length > 0 ? own : affinityRefusals(pod, info, all);
  }

  private infoOf(node: Node): NodeInfo {
    const pods = this.deps.store.podsOnNode(node.metadata.name).filter((pod) => {
      const phase = pod.status?.phase;
      return phase !== 'Succeeded' && phase !== 'Failed';
    });
    const repelling = pods.filter((pod) => pod.spec.affinity?.podAntiAffinity !== undefined);
    return { node, pods, repelling, used: () => sumAmounts(pods) };
  }

  private best(pod: Pod, fitting: readonly NodeInfo[]): NodeInfo {
    const owner = controllerOf(pod)?.uid;
    const siblings = (info: NodeInfo): number =>
      owner === undefined
        ? 0
        : info.pods.filter((row) => controllerOf(row)?.uid === owner && isActive(row)).length;
    const scored = fitting.map((info) => ({ info, siblings: siblings(info), pods: info.pods.length }));
    return scored.reduce((a, b) => ((a.siblings - b.siblings || a.pods - b.pods) <= 0 ? a : b)).info;
  }

  private bind(pod: Pod, nodeName: string): void {
    const { namespace = '', name } = pod.metadata;
    const bound = this.deps.store.patch('Pod', namespace, name, (now) => ({
      ...now,
      spec: { ...now.spec, nodeName },
      status: {
        ...now.status,
        phase: now.status?.phase ?? 'Pending',
        conditions: this.scheduled(now, 'True'),
      },
    }));
    this.events.record(
      bound,
      'Normal',
      'Scheduled',
      `Successfully assigned ${namespace}/${name} to ${nodeName}`,
    );
  }

  private fail(pod: Pod, key: string, message: string): void {
    const { namespace = '', name } = pod.metadata;
    this.waiting.set(key, (this.waiting.get(key) ?? 0) + 1);
    this.events.record(pod, 'Warning', 'FailedScheduling', message);
    const conditions = this.scheduled(pod, 'False', 'Unschedulable', message);
    this.deps.store.patch('Pod', namespace, name, (now) => ({
      ...now,
      status: { ...now.status, phase: now.status?.phase ?? 'Pending', conditions },
    }));
  }

  private scheduled(pod: Pod, status: 'True' | 'False', reason?: string, message?: string): Condition[] {
    const rows = pod.status?.conditions ?? [];
    const old = rows.find((row) => row.type === 'PodScheduled');
    const now = toRfc3339(this.deps.clock.nowNs);
    const row: Condition = {
      type: 'PodScheduled',
      status,
      lastProbeTime: null,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
      ...(reason === undefined ? {} : { reason, message }),
    };
    return [...rows.filter((entry) => entry.type !== 'PodScheduled'), row];
  }
}

/** Heartbeats come every few seconds and change nothing for a waiting pod. */
function nodeMatters(event: WatchEvent): boolean {
  const [now, before] = [event.object as Node, event.previous as Node | undefined];
  if (event.type !== 'MODIFIED' || before === undefined) return event.type === 'ADDED';
  return (
    now.spec !== before.spec ||
    now.metadata.labels !== before.metadata.labels ||
    now.status?.allocatable !== before.status?.allocatable
  );
}
