/**
 * Watches over the nodes' heartbeats: a silent node becomes Unknown and tainted, its pods not ready, and after their
 * toleration they are deleted. Upstream: pkg/controller/nodelifecycle, tainteviction, podgc.
 *
 * Not simulated: zones and their eviction rates; every node is judged alone.
 */
import { SECOND, type Ns } from '../../clock/clock';
import { EventRecorder } from '../../api/events';
import type { Node, Taint } from '../../api/kinds/cluster';
import type { Condition } from '../../api/kinds/meta';
import type { Pod } from '../../api/kinds/pod';
import { fromRfc3339, toRfc3339 } from '../../api/time';
import type { Component, WatchEvent } from '../../api/watch';
import type { ControllerDeps } from '../deps';
import { tolerates } from '../scheduler/filters';

/** --node-monitor-period, --node-monitor-grace-period, --node-startup-grace-period. */
const MONITOR_NS: Ns = 5 * SECOND;
const GRACE_NS: Ns = 50 * SECOND;
const STARTUP_GRACE_NS: Ns = 60 * SECOND;
/** Toleration of pods that name none (DefaultTolerationSeconds). */
const DEFAULT_TOLERATION_SECONDS = 300;

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];

interface Seen {
  /** What the last heartbeat looked like; only that it changes matters. */
  readonly stamp: string;
  readonly atNs: Ns;
}

interface Keyframe {
  readonly running: boolean;
  readonly seen: ReadonlyMap<string, Seen>;
}

export class NodeLifecycleController implements Component {
  readonly name = 'controllers/node-lifecycle';
  readonly watches = ['Node', 'Pod'];
  private running = false;
  private readonly seen = new Map<string, Seen>();
  private readonly events: EventRecorder;
  private readonly evictions: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'node-controller' });
    this.evictions = new EventRecorder(deps, { component: 'taint-eviction-controller' });
  }

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'Node') {
      if (event.type === 'ADDED' && !this.running) this.schedule();
      return [event.object.metadata.name];
    }
    // A pod that lands on a tainted node is judged at once.
    const node = (event.object as Pod).spec.nodeName;
    const before = (event.previous as Pod | undefined)?.spec.nodeName;
    return event.type !== 'DELETED' && node && node !== before ? [node] : [];
  }

  private schedule(): void {
    this.running = true;
    this.deps.clock.schedule(MONITOR_NS, this.name, { type: 'monitor' });
  }

  onTimer(event: { readonly type: string }): void {
    if (event.type !== 'monitor') return;
    this.schedule();
    for (const node of this.deps.store.list('Node')) this.check(node.metadata.name);
  }

  reconcile(key: string): void {
    if (this.deps.store.get('Node', '', key) !== undefined) return this.check(key);
    this.seen.delete(key);
    // Pods of a node that no longer exists have nobody to end them (pod garbage collector).
    for (const pod of this.deps.store.podsOnNode(key))
      this.deps.store.delete('Pod', pod.metadata.namespace ?? '', pod.metadata.name, {
        gracePeriodSeconds: 0,
      });
  }

  private check(name: string): void {
    this.judge(name);
    this.syncTaints(name);
    this.evict(name);
  }

  private stampOf(node: Node): string {
    const lease = this.deps.store.get('Lease', 'kube-node-lease', node.metadata.name);
    const ready = node.status?.conditions?.find((row) => row.type === 'Ready');
    // What this controller wrote itself is no sign of life.
    const own = ready?.status === 'Unknown' ? '' : ready?.lastHeartbeatTime;
    return `${lease?.spec?.renewTime ?? ''}|${own ?? ''}`;
  }

  /** A node whose heartbeats have stopped becomes Unknown. */
  private judge(name: string): void {
    const { store, clock } = this.deps;
    const node = store.get('Node', '', name);
    if (node === undefined) return;
    const stamp = this.stampOf(node);
    const seen = this.seen.get(name);
    const first = stamp.split('|').every((part) => part === '');
    if (seen === undefined) {
      const text = `Node ${name} event: Registered Node ${name} in Controller`;
      this.events.record(node, 'Normal', 'RegisteredNode', text);
    }
    if (seen === undefined || (seen.stamp !== stamp && !first)) {
      this.seen.set(name, { stamp, atNs: clock.nowNs });
      return;
    }
    const ready = node.status?.conditions?.find((row) => row.type === 'Ready');
    const limit = first && ready === undefined ? STARTUP_GRACE_NS : GRACE_NS;
    if (clock.nowNs - seen.atNs < limit || ready?.status === 'Unknown') return;
    this.markUnknown(node, ready === undefined);
  }

  private markUnknown(node: Node, never: boolean): void {
    const { store, clock } = this.deps;
    const now = toRfc3339(clock.nowNs);
    const why = never
      ? { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' }
      : { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
    const old = node.status?.conditions ?? [];
    const unknown = CONDITIONS.map((type): Condition => {
      const lastHeartbeatTime =
        old.find((row) => row.type === type)?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
      return { type, status: 'Unknown', ...why, lastHeartbeatTime, lastTransitionTime: now };
    });
    const others = old.filter((row) => !CONDITIONS.includes(row.type));
    const written = store.updateStatus({
      ...node,
      status: { ...node.status, conditions: [...others, ...unknown] },
    });
    const { name } = node.metadata;
    this.events.record(written, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    for (const pod of store.podsOnNode(name)) this.markPod(pod, now);
  }

  /** The kubelet cannot say so itself: its pods are not ready, which takes them out of the endpoints. */
  private markPod(pod: Pod, now: string): void {
    const ready = pod.status?.conditions?.find((row) => row.type === 'Ready');
    if (ready?.status !== 'True') return;
    const conditions = (pod.status?.conditions ?? []).map((row): Condition =>
      row.type === 'Ready'
        ? { ...row, status: 'False', lastTransitionTime: now, reason: 'NodeNotReady' }
        : row,
    );
    const written = this.deps.store.updateStatus({ ...pod, status: { ...pod.status, conditions } });
    this.events.record(written, 'Warning', 'NodeNotReady', 'Node is not ready');
  }

  private wantedTaints(node: Node): Taint[] {
    const status = node.status?.conditions?.find((row) => row.type === 'Ready')?.status;
    const key = status === 'Unknown' ? UNREACHABLE : status === 'False' ? NOT_READY : null;
    const out: Taint[] = [];
    if (key !== null) out.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' });
    if (node.spec?.unschedulable === true) out.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
    return out;
  }

  private syncTaints(name: string): void {
    const { store, clock } = this.deps;
    const node = store.get('Node', '', name);
    if (node === undefined) return;
    const wanted = this.wantedTaints(node);
    const old = node.spec?.taints ?? [];
    const own = (row: Taint): boolean => [NOT_READY, UNREACHABLE, UNSCHEDULABLE].includes(row.key);
    const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
    const kept = old.filter((row) => !own(row) || wanted.some((want) => same(want, row)));
    const added = wanted.filter((want) => !old.some((row) => same(want, row)));
    if (kept.length === old.length && added.length === 0) return;
    const timeAdded = toRfc3339(clock.nowNs);
    const taints = [...kept, ...added.map((row) => ({ ...row, timeAdded }))];
    const { taints: _old, ...spec } = node.spec ?? {};
    store.update({ ...node, spec: taints.length > 0 ? { ...spec, taints } : spec });
  }

  /** Pods that do not tolerate a NoExecute taint, or no longer, are deleted; the kubelet must confirm it when it is back. */
  private evict(name: string): void {
    const { store } = this.deps;
    const taints = (store.get('Node', '', name)?.spec?.taints ?? []).filter(
      (row) => row.effect === 'NoExecute',
    );
    if (taints.length === 0) return;
    for (const pod of store.podsOnNode(name)) {
      if (pod.metadata.deletionTimestamp !== undefined || !taints.some((taint) => this.isOverdue(pod, taint)))
        continue;
      const { namespace = '', name: podName } = pod.metadata;
      this.evictions.record(
        pod,
        'Normal',
        'TaintManagerEviction',
        `Marking for deletion Pod ${namespace}/${podName}`,
      );
      store.delete('Pod', namespace, podName, { uid: pod.metadata.uid });
    }
  }

  private isOverdue(pod: Pod, taint: Taint): boolean {
    const all = pod.spec.tolerations ?? [];
    const matching = all.filter((row) => tolerates([row], taint));
    const own = taint.key === NOT_READY || taint.key === UNREACHABLE;
    if (matching.length === 0 && !own) return true;
    const seconds =
      matching.length === 0
        ? [DEFAULT_TOLERATION_SECONDS]
        : matching.map((row) => row.tolerationSeconds ?? Infinity);
    const since = fromRfc3339(taint.timeAdded ?? '') ?? this.deps.clock.nowNs;
    return this.deps.clock.nowNs >= since + Math.min(...seconds) * SECOND;
  }

  keyframe(): Keyframe {
    return { running: this.running, seen: new Map(this.seen) };
  }

  restore(from: unknown): void {
    const frame = from as Keyframe;
    this.running = frame.running;
    this.seen.clear();
    for (const [name, seen] of frame.seen) this.seen.set(name, seen);
  }
}
