/**
 * The agent on a node that turns bound Pods into sandboxes and running containers, and tells the API server what became of
 * them. Upstream: pkg/kubelet; durations are its defaults (see config.ts).
 *
 * Not simulated: postStart hooks, resource limits and eviction, static pods, ephemeral containers, in-place changes of a
 * running pod's image, activeDeadlineSeconds.
 */
import type { Plain } from '../../../lib/plain';
import { sameValue } from '../../api/equal';
import { EventRecorder } from '../../api/events';
import type { Pod } from '../../api/kinds/pod';
import type { Component, WatchEvent } from '../../api/watch';
import type { SocketEvent } from '../../kernel/machine-api';
import { DEFAULT_TIMINGS, type KubeletDeps, type KubeletTimings } from './config';
import { specOf, type KubeletContext, type TimerData } from './context';
import { Heartbeat } from './heartbeat';
import { NodeClient, type Outcome } from './node-client';
import { PodTable } from './pod-table';
import { PodWorker } from './pod-worker';
import { Prober } from './prober';
import { probeOf } from './probes';
import type { PodRecord, ProbeKind } from './records';
import { Starter } from './starter';
import { Stopper } from './stopper';

interface Keyframe {
  readonly on: boolean;
  readonly boot: number;
  readonly relistSet: boolean;
  readonly dirty: ReadonlySet<string>;
  readonly lastSeen: ReadonlyMap<string, Pod>;
  readonly table: ReturnType<PodTable['keyframe']>;
  readonly images: ReturnType<Starter['keyframe']>;
  readonly prober: ReturnType<Prober['keyframe']>;
  readonly client: ReturnType<NodeClient['keyframe']>;
  readonly heartbeat: ReturnType<Heartbeat['keyframe']>;
  readonly connected: boolean;
}

type TimerHandlers = Readonly<Record<string, (data: TimerData) => void>>;

export class Kubelet implements Component, KubeletContext {
  readonly name: string;
  readonly address: string;
  readonly watches = ['Pod'];
  readonly timings: KubeletTimings;
  readonly table = new PodTable();
  readonly events: EventRecorder;
  private on = false;
  private reachable = true;
  /** Counts starts of the machine; timers of earlier boots are dead. */
  private boot = 0;
  private relistSet = false;
  private dirty = new Set<string>();
  private readonly lastSeen = new Map<string, Pod>();
  private readonly client: NodeClient;
  private readonly prober: Prober;
  private readonly starter: Starter;
  private readonly stopper: Stopper;
  private readonly worker: PodWorker;
  private readonly heartbeat: Heartbeat;
  private readonly handlers: TimerHandlers;

  constructor(readonly deps: KubeletDeps) {
    this.address = this.name = `kubelet/${deps.nodeName}`;
    this.timings = { ...DEFAULT_TIMINGS, ...deps.config.timings };
    this.events = new EventRecorder(deps, { component: 'kubelet', host: deps.nodeName });
    const done = (tag: Plain, outcome: Outcome): void => this.onAnswer(tag, outcome);
    const from = `Node//${deps.nodeName}`;
    this.client = new NodeClient(deps.clock, deps.machine, this.address, from, done, deps.trace);
    this.prober = new Prober(
      this,
      () => this.client,
      (uid, container, kind, ok) => this.onFlip(uid, container, kind, ok),
    );
    this.starter = new Starter(this);
    this.stopper = new Stopper(this, () => this.client);
    this.worker = new PodWorker(this, this.starter, this.stopper, this.prober);
    this.heartbeat = new Heartbeat(deps, this.events);
    this.handlers = this.timerHandlers();
  }

  private timerHandlers(): TimerHandlers {
    return {
      sandbox: (data) => this.worker.onSandbox(data),
      pulled: (data) => this.starter.onPulled(data),
      'pull-backoff': (data) => this.starter.onPullBackoff(data),
      start: (data) => this.starter.onStart(data),
      'crash-backoff': (data) => this.worker.onCrashBackoff(data),
      retry: (data) => this.worker.onRetry(data),
      probe: (data) => this.prober.onTimer(data),
      'exec-timeout': (data) => this.prober.onExecTimeout(Number(data.id), Number(data.seconds)),
      'pre-stop-over': (data) => this.stopper.onHookOver(data),
      kill: (data) => this.stopper.onKill(data),
      remove: (data) => this.worker.onRemove(data),
      relist: () => this.relist(),
      heartbeat: (data) => this.beat(data.first === true),
    };
  }

  /** Switches the agent on or off with its machine. The first `setPower(true)` starts it. */
  setPower(on: boolean): void {
    if (on === this.on) return;
    this.on = on;
    this.boot++;
    this.relistSet = false;
    this.dirty = new Set();
    this.client.clear();
    this.prober.clear();
    this.table.clearHandles();
    if (!on) return;
    this.timer(0, 'heartbeat', { first: true });
    this.recover();
  }

  get connected(): boolean {
    return this.reachable;
  }

  /**
   * Cuts the kubelet off from the API server, or puts it back. Cut off, its pods run on, but it hears and reports nothing:
   * after 50 s the node counts as unreachable.
   */
  setConnected(on: boolean): void {
    if (on === this.reachable) return;
    this.reachable = on;
    if (!on || !this.on) return;
    this.heartbeat.beat(true);
    const { store, nodeName } = this.deps;
    const known = this.table.uids().map((uid) => this.table.get(uid)!);
    const keys = new Set(known.map((record) => `${record.namespace}/${record.name}`));
    for (const pod of store.podsOnNode(nodeName)) keys.add(`${pod.metadata.namespace}/${pod.metadata.name}`);
    for (const key of keys) this.reconcile(key);
  }

  /** After a start: what the node held before is begun anew, what was deleted meanwhile is let go. */
  private recover(): void {
    const { store, network, nodeName } = this.deps;
    const before = new Map(this.table.uids().map((uid) => [uid, this.table.get(uid)!]));
    for (const uid of before.keys()) {
      network.detach(uid);
      this.table.delete(uid);
    }
    for (const pod of store.podsOnNode(nodeName)) this.take(pod, before.get(pod.metadata.uid ?? ''));
  }

  keysFor(event: WatchEvent): readonly string[] {
    const pod = event.object as Pod;
    if (pod.spec.nodeName !== this.deps.nodeName) return [];
    const previous = event.previous as Pod | undefined;
    if (event.type === 'MODIFIED' && previous !== undefined && !concernsKubelet(previous, pod)) return [];
    return [`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`];
  }

  reconcile(key: string): void {
    if (!this.on || !this.reachable) return;
    const at = key.indexOf('/');
    const pod = this.deps.store.get('Pod', key.slice(0, at), key.slice(at + 1));
    const mine = pod !== undefined && pod.spec.nodeName === this.deps.nodeName ? pod : undefined;
    for (const uid of this.table.uidsNamed(key)) if (uid !== mine?.metadata.uid) this.letGo(uid);
    if (mine === undefined) return;
    const uid = mine.metadata.uid ?? '';
    const record = this.table.get(uid);
    if (record === undefined) return this.take(mine, undefined);
    this.lastSeen.set(uid, mine);
    if (mine.metadata.deletionTimestamp !== undefined) this.worker.stopPod(uid, mine);
    else this.worker.writeStatus(uid);
  }

  /** A pod this kubelet does not know yet. */
  private take(pod: Pod, before: PodRecord | undefined): void {
    const { uid = '' } = pod.metadata;
    const phase = pod.status?.phase;
    const ended = phase === 'Succeeded' || phase === 'Failed';
    if (ended && pod.metadata.deletionTimestamp === undefined) return;
    if (pod.metadata.deletionTimestamp !== undefined) return this.worker.discard(pod);
    this.lastSeen.set(uid, pod);
    this.worker.admit(pod, before);
  }

  /** The object is gone without asking (forced deletion): what runs is ended. */
  private letGo(uid: string): void {
    this.worker.stopPod(uid, undefined);
  }

  forget(uid: string): void {
    this.table.delete(uid);
    this.lastSeen.delete(uid);
  }

  onTimer(event: { readonly type: string; readonly [key: string]: unknown }): void {
    if (!this.on) return;
    switch (event.type) {
      case 'socket':
        return this.client.onSocket(Number(event.key), event.event as SocketEvent);
      case 'ask-timeout':
        return this.client.onTimeout(Number(event.id));
      case 'container-exited':
        return this.onExit(
          event.handle as string,
          Number(event.exitCode),
          event.reason as string | undefined,
        );
      case 'exec-done':
        return this.onExecDone(event.token as Plain, Number(event.exitCode));
      default:
        if (event.boot === this.boot) this.handlers[event.type]?.(event as TimerData);
    }
  }

  timer(delayNs: number, type: string, data: TimerData): void {
    this.deps.clock.schedule(delayNs, this.address, { type, boot: this.boot, ...data });
  }

  /** Where there is no pod any more, the last one seen stands in. */
  podOf(record: PodRecord): Pod {
    const stored = this.deps.store.get('Pod', record.namespace, record.name);
    return stored?.metadata.uid === record.uid ? stored : this.lastSeen.get(record.uid)!;
  }

  soon(uid: string): void {
    this.dirty.add(uid);
    if (this.relistSet) return;
    this.relistSet = true;
    // Each node looks at its own second mark, so that a burst on many nodes does not come as one blow.
    const { clock } = this.deps;
    const period = this.timings.relistNs;
    const phase = Math.floor(clock.random.next(`relist/${this.address}`) * period);
    this.timer(Math.max(1, phase), 'relist', {});
  }

  now(uid: string): void {
    this.worker.sync(uid, false);
  }

  private relist(): void {
    const dirty = this.dirty;
    this.dirty = new Set();
    this.relistSet = false;
    for (const uid of dirty) this.worker.sync(uid, true);
  }

  private beat(first: boolean): void {
    const jitter = 1 + 0.04 * this.deps.clock.random.next(this.address);
    this.timer(this.timings.heartbeatNs * jitter, 'heartbeat', {});
    if (this.reachable) this.heartbeat.beat(first);
  }

  private onExit(handle: string, code: number, reason: string | undefined): void {
    const where = this.table.byHandle(handle);
    const found = where && this.table.find(where.uid, where.container);
    if (where === undefined || found === undefined || found.row.exit !== null) return;
    const why = reason !== undefined && reason !== '' ? reason : code === 0 ? 'Completed' : 'Error';
    this.table.change(where.uid, where.container, {
      exit: { code, reason: why, atNs: this.deps.clock.nowNs },
    });
    if (found.row.stopping !== null) this.now(where.uid);
    else this.soon(where.uid);
  }

  private onExecDone(token: Plain, exitCode: number): void {
    const { use, id } = token as { readonly use: string; readonly id?: number };
    if (use === 'probe') this.prober.onExecDone(id ?? 0, exitCode);
    else this.stopper.onHookDone(token, { ok: exitCode === 0, message: '' });
  }

  private onAnswer(tag: Plain, outcome: Outcome): void {
    const { use } = tag as { readonly use: string };
    if (use === 'probe') this.prober.onOutcome(tag, outcome);
    else this.stopper.onHookDone(tag, outcome);
  }

  /** A probe's verdict changed: readiness shows at once, a failed liveness or startup probe ends the container. */
  private onFlip(uid: string, container: string, kind: ProbeKind, ok: boolean): void {
    const record = this.table.get(uid);
    if (record === undefined) return;
    if (!ok && kind !== 'readiness') {
      const spec = specOf(this.podOf(record), container);
      const probe = spec && probeOf(spec, kind);
      const seconds =
        probe?.terminationGracePeriodSeconds ?? this.podOf(record).spec.terminationGracePeriodSeconds ?? 30;
      const text = `Container ${container} failed ${kind} probe, will be restarted`;
      this.stopper.stop(uid, container, seconds * 1e9, text);
    }
    this.now(uid);
  }

  keyframe(): Keyframe {
    return {
      on: this.on,
      boot: this.boot,
      relistSet: this.relistSet,
      dirty: new Set(this.dirty),
      lastSeen: new Map(this.lastSeen),
      table: this.table.keyframe(),
      images: this.starter.keyframe(),
      prober: this.prober.keyframe(),
      client: this.client.keyframe(),
      heartbeat: this.heartbeat.keyframe(),
      connected: this.reachable,
    };
  }

  restore(from: unknown): void {
    const frame = from as Keyframe;
    this.on = frame.on;
    this.boot = frame.boot;
    this.relistSet = frame.relistSet;
    this.dirty = new Set(frame.dirty);
    this.lastSeen.clear();
    for (const [uid, pod] of frame.lastSeen) this.lastSeen.set(uid, pod);
    this.table.restore(frame.table);
    this.starter.restore(frame.images);
    this.prober.restore(frame.prober);
    this.client.restore(frame.client);
    this.heartbeat.restore(frame.heartbeat);
    this.reachable = frame.connected;
  }
}

/** Status changes are the kubelet's own words; the rest is news to it. */
function concernsKubelet(before: Pod, after: Pod): boolean {
  return (
    before.spec.nodeName !== after.spec.nodeName ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.metadata.deletionGracePeriodSeconds !== after.metadata.deletionGracePeriodSeconds ||
    !sameValue(before.metadata.annotations, after.metadata.annotations) ||
    (after.spec.readinessGates ?? []).length > 0
  );
}
