/** One pod's life on a node, step by step: sandbox, init containers, containers, restarts, end. Upstream: pkg/kubelet/pod_workers.go. */
import { MS, SECOND, type Ns } from '../../clock/clock';
import type { Pod } from '../../api/kinds/pod';
import { sameValue } from '../../api/equal';
import { fromRfc3339, toRfc3339 } from '../../api/time';
import { goDuration, raise, retryAt } from './backoff';
import { fieldPath, jittered, type KubeletContext, type TimerData } from './context';
import { podStatus } from './pod-status';
import { hasStarted } from './probes';
import { containerOf, type ContainerRecord, type PodRecord } from './records';
import type { Prober } from './prober';
import type { Starter } from './starter';
import type { Stopper } from './stopper';
import { mountError } from './volumes';

const DEFAULT_GRACE_SECONDS = 30;
/** A crash shows as Error or Completed for a moment before CrashLoopBackOff takes its place. */
const CRASH_SHOWN_NS = SECOND;
/** Volumes and cgroups are cleaned up before the object goes. */
const CLEANUP_NS = 100 * MS;

export class PodWorker {
  constructor(
    private readonly context: KubeletContext,
    private readonly starter: Starter,
    private readonly stopper: Stopper,
    private readonly prober: Prober,
  ) {}

  /** A pod is bound to this node. `before` is what a node that lost power remembers of it. */
  admit(pod: Pod, before?: PodRecord): void {
    const { deps, table } = this.context;
    const { uid = '', namespace = '', name } = pod.metadata;
    const fresh = [
      ...(pod.spec.initContainers ?? []).map((row) =>
        blank(row.name, row.restartPolicy === 'Always' ? 'sidecar' : 'init', pod),
      ),
      ...pod.spec.containers.map((row) => blank(row.name, 'app', pod)),
    ];
    const containers = fresh.map((row) => afterPowerLoss(row, before && containerOf(before, row.name)));
    const startTime = pod.status?.startTime ?? toRfc3339(deps.clock.nowNs);
    table.set({
      ...{ uid, namespace, name, startTime, containers },
      ...{ stage: 'sandbox', netns: '', ips: [], graceNs: 0, mountTries: 0 },
    });
    this.context.timer(jittered(this.context, this.context.timings.sandboxNs), 'sandbox', { uid });
    this.writeStatus(uid);
  }

  /** Volumes and network; on failure again later. */
  onSandbox({ uid = '' }: TimerData): void {
    const { table, deps, events, timings } = this.context;
    const record = table.get(uid);
    if (record === undefined || record.stage !== 'sandbox') return;
    const pod = this.context.podOf(record);
    const unmounted = mountError(deps.store, pod);
    if (unmounted !== null) {
      events.record(pod, 'Warning', 'FailedMount', unmounted);
      table.set({ ...record, mountTries: record.mountTries + 1 });
      // Volume operations back off by themselves: 0.5 s doubling to about 2 minutes.
      this.context.timer(Math.min(122 * SECOND, 500 * MS * 2 ** record.mountTries), 'sandbox', { uid });
      return;
    }
    const ref = `Pod/${record.namespace}/${record.name}`;
    const attached = deps.network.attach(ref, uid, pod.spec.hostNetwork === true);
    if ('error' in attached) {
      const text = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${uid.replace(/-/g, '')}": ${attached.error}`;
      events.record(pod, 'Warning', 'FailedCreatePodSandBox', text);
      this.context.timer(timings.retryNs, 'sandbox', { uid });
      return;
    }
    table.set({ ...record, stage: 'running', netns: attached.netns, ips: attached.ips });
    this.context.soon(uid);
    this.advance(uid);
  }

  /** Notices exits and does what is next. `relist` is false when called for other reasons than a look at the runtime. */
  sync(uid: string, relist: boolean): void {
    const record = this.context.table.get(uid);
    if (record === undefined || record.stage === 'ended') return;
    for (const row of record.containers)
      if (row.exit !== null && (relist || row.stopping !== null)) this.acknowledge(uid, row);
      else if (row.unseenSinceNs !== null && relist) this.notice(uid, row, row.unseenSinceNs);
    if (record.stage === 'running') this.advance(uid);
    else if (record.stage === 'stopping') this.progressStop(uid);
    this.writeStatus(uid);
  }

  private notice(uid: string, row: ContainerRecord, sinceNs: Ns): void {
    this.context.table.change(uid, row.name, { unseenSinceNs: null });
    this.prober.begin(uid, row.name, sinceNs);
  }

  private acknowledge(uid: string, row: ContainerRecord): void {
    const { code, reason, message, atNs } = row.exit!;
    const terminated = {
      exitCode: code,
      reason,
      ...(message === undefined ? {} : { message }),
      startedAt: row.startedAt,
      finishedAt: toRfc3339(atNs),
    };
    this.context.table.change(uid, row.name, {
      stage: 'exited',
      handle: null,
      exit: null,
      unseenSinceNs: null,
      stopping: null,
      state: { terminated },
    });
  }

  /** Starts what should run and is next in turn. */
  private advance(uid: string): void {
    const record = this.context.table.get(uid);
    if (record === undefined || record.stage !== 'running') return;
    for (const row of record.containers) {
      if (row.role === 'app' || (row.role === 'init' && row.stage === 'done' && succeeded(row))) continue;
      if (row.role === 'init' && row.stage === 'done') return this.stopAll(uid, this.graceOf(record));
      this.step(uid, row.name);
      const now = this.context.table.find(uid, row.name)?.row;
      if (now === undefined) return;
      if (now.role === 'init' && now.stage === 'done') return this.advance(uid);
      if (now.role === 'init' || !hasStarted(now)) return;
    }
    for (const row of record.containers) if (row.role === 'app') this.step(uid, row.name);
    const apps = (this.context.table.get(uid)?.containers ?? []).filter((row) => row.role === 'app');
    if (apps.length > 0 && apps.every((row) => row.stage === 'done')) this.stopAll(uid, this.graceOf(record));
  }

  /** Moves one container on, if it stands still. */
  private step(uid: string, name: string): void {
    const row = this.context.table.find(uid, name)?.row;
    if (row?.stage === 'idle') return this.starter.launch(uid, name);
    if (row?.stage !== 'exited') return;
    if (!this.mustRestart(uid, row)) return this.context.table.change(uid, row.name, { stage: 'done' });
    const { clock } = this.context.deps;
    const endedNs = this.endOf(row);
    const atNs = retryAt(row.crash, endedNs);
    if (atNs <= clock.nowNs) return this.restart(uid, row, endedNs);
    this.context.table.change(uid, row.name, { stage: 'waiting' });
    const target = { uid, container: row.name, run: row.run };
    this.context.timer(Math.min(CRASH_SHOWN_NS, atNs - clock.nowNs), 'crash-backoff', target);
    this.context.timer(atNs - clock.nowNs, 'retry', target);
  }

  private endOf(row: ContainerRecord): Ns {
    return fromRfc3339(row.state.terminated?.finishedAt ?? '') ?? this.context.deps.clock.nowNs;
  }

  private mustRestart(uid: string, row: ContainerRecord): boolean {
    const record = this.context.table.get(uid);
    const policy =
      record === undefined ? 'Never' : (this.context.podOf(record).spec.restartPolicy ?? 'Always');
    if (row.role === 'sidecar') return true;
    if (row.role === 'init' && succeeded(row)) return false;
    return policy === 'Always' || (policy === 'OnFailure' && !succeeded(row));
  }

  private restart(uid: string, row: ContainerRecord, endedNs: Ns): void {
    const crash = raise(row.crash, endedNs, this.context.deps.clock.nowNs);
    this.context.table.change(uid, row.name, { crash });
    this.starter.launch(uid, row.name);
  }

  /** The wait before a restart begins to show. */
  onCrashBackoff({ uid = '', container: name = '', run }: TimerData): void {
    const found = this.context.table.find(uid, name, run);
    if (
      found?.row.stage !== 'waiting' ||
      found.row.crash === null ||
      found.row.state.terminated === undefined
    )
      return;
    const pod = this.context.podOf(found.record);
    const { namespace, name: podName } = found.record;
    const id = `${podName}_${namespace}(${uid})`;
    const path = fieldPath(found.record, name);
    this.context.events.record(
      pod,
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${name} in pod ${id}`,
      path,
    );
    const message = `back-off ${goDuration(found.row.crash.delayNs)} restarting failed container=${name} pod=${id}`;
    const waiting = { reason: 'CrashLoopBackOff', message };
    this.context.table.change(uid, name, { state: { waiting }, lastState: found.row.state });
    this.writeStatus(uid);
  }

  /** A wait is over: a crashed container restarts, a refused one is tried again. */
  onRetry({ uid = '', container: name = '', run }: TimerData): void {
    const found = this.context.table.find(uid, name, run);
    if (found?.record.stage !== 'running' || found.row.stage !== 'waiting') return;
    const finished = found.row.lastState?.terminated ?? found.row.state.terminated;
    const crashed =
      found.row.state.waiting === undefined || found.row.state.waiting.reason === 'CrashLoopBackOff';
    if (!crashed || finished === undefined) return this.starter.launch(uid, name);
    this.restart(uid, found.row, fromRfc3339(finished.finishedAt ?? '') ?? this.context.deps.clock.nowNs);
  }

  /** The pod was deleted: its containers end within its grace. */
  stopPod(uid: string, pod: Pod | undefined): void {
    const record = this.context.table.get(uid);
    if (record === undefined) return;
    const seconds =
      pod?.metadata.deletionGracePeriodSeconds ?? (pod === undefined ? 0 : DEFAULT_GRACE_SECONDS);
    if (record.stage === 'ended') return pod === undefined ? this.context.forget(uid) : this.discard(pod);
    this.stopAll(uid, seconds * SECOND);
  }

  private graceOf(record: PodRecord): Ns {
    const { spec } = this.context.podOf(record);
    return (spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * SECOND;
  }

  private stopAll(uid: string, graceNs: Ns): void {
    const record = this.context.table.get(uid);
    if (record === undefined) return;
    this.context.table.set({ ...record, stage: 'stopping', graceNs });
    for (const row of record.containers)
      if (row.role !== 'sidecar' || row.stopping !== null)
        this.stopper.stop(uid, row.name, graceNs, `Stopping container ${row.name}`);
    this.progressStop(uid);
  }

  /** Sidecars end after the containers they serve, the last one first; then the pod is over. */
  private progressStop(uid: string): void {
    const record = this.context.table.get(uid);
    if (record === undefined || record.stage !== 'stopping') return;
    const running = record.containers.filter((row) => row.handle !== null);
    if (running.some((row) => row.role !== 'sidecar')) return;
    const last = running[running.length - 1];
    if (last === undefined) return this.finish(uid);
    if (last.stopping === null)
      this.stopper.stop(uid, last.name, record.graceNs, `Stopping container ${last.name}`);
  }

  private finish(uid: string): void {
    const { table, deps } = this.context;
    const record = table.get(uid);
    if (record === undefined) return;
    deps.network.detach(uid);
    table.set({ ...record, stage: 'ended', netns: '' });
    this.writeStatus(uid);
    const stored = deps.store.get('Pod', record.namespace, record.name);
    if (stored?.metadata.uid !== uid) this.context.forget(uid);
    else if (stored.metadata.deletionTimestamp !== undefined) this.discard(stored);
  }

  /** The kubelet's last word: the object may go. */
  onRemove({ uid = '', namespace = '', pod = '' }: TimerData): void {
    const { store } = this.context.deps;
    // Cut off, it keeps the pod in mind; the way back brings it here again.
    if (!this.context.connected) return;
    const stored = store.get('Pod', String(namespace), String(pod));
    this.context.forget(uid);
    if (stored?.metadata.uid === uid)
      store.delete('Pod', String(namespace), String(pod), { gracePeriodSeconds: 0, uid });
  }

  /** A deleted pod of which nothing runs here: only the object is left to go. */
  discard(pod: Pod): void {
    const { uid, namespace, name } = pod.metadata;
    this.context.timer(CLEANUP_NS, 'remove', { uid, namespace, pod: name });
  }

  /** Writes the pod's status when it differs from the stored one. */
  writeStatus(uid: string): void {
    const { table, deps, connected } = this.context;
    const record = table.get(uid);
    if (record === undefined || !connected) return;
    const pod = deps.store.get('Pod', record.namespace, record.name);
    if (pod === undefined || pod.metadata.uid !== uid) return;
    const status = podStatus(pod, record, deps.nodeIps ?? [deps.nodeIp], deps.clock);
    if (!sameValue(status, pod.status)) deps.store.updateStatus({ ...pod, status });
  }
}

function succeeded(row: ContainerRecord): boolean {
  return row.state.terminated?.exitCode === 0;
}

function blank(name: string, role: ContainerRecord['role'], pod: Pod): ContainerRecord {
  const reason = (pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
  return {
    ...{ name, role, stage: 'idle', run: 0, handle: null, state: { waiting: { reason } }, restartCount: 0 },
    ...{ exit: null, crash: null, pull: null, probes: {}, stopping: null, unseenSinceNs: null },
  };
}

/** Containers that ran before the lights went out start anew and count it as a restart. */
function afterPowerLoss(row: ContainerRecord, before: ContainerRecord | undefined): ContainerRecord {
  if (before === undefined || before.run === 0) return row;
  const lost = { exitCode: 255, reason: 'Unknown', startedAt: before.startedAt };
  const ended = before.state.terminated === undefined && before.state.running !== undefined;
  const lastState = ended ? { terminated: lost } : (before.lastState ?? before.state);
  return { ...row, run: before.run, restartCount: before.restartCount, lastState, crash: before.crash };
}
