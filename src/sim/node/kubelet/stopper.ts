/**
 * Asks containers to end: preStop hook, SIGTERM, and SIGKILL when the grace is over. Upstream: kuberuntime killContainer.
 */
import type { Ns } from '../../clock/clock';
import { SECOND } from '../../clock/clock';
import type { Plain } from '../../../lib/plain';
import { fieldPath, specOf, type KubeletContext, type TimerData } from './context';
import type { NodeClient, Outcome } from './node-client';
import { askFor } from './probes';

interface Target {
  readonly uid: string;
  readonly container: string;
  readonly run: number;
}

export class Stopper {
  constructor(
    private readonly context: KubeletContext,
    private readonly client: () => NodeClient,
  ) {}

  /** Begins to stop a running container; one that is already stopping at most gets less time. */
  stop(uid: string, container: string, graceNs: Ns, message: string): void {
    const { table, deps, timings, events } = this.context;
    const found = table.find(uid, container);
    if (found === undefined || found.row.handle === null) return;
    const deadlineNs = deps.clock.nowNs + Math.max(graceNs, timings.minGraceNs);
    if (found.row.stopping !== null) return this.shorten(uid, container, deadlineNs);
    const pod = this.context.podOf(found.record);
    events.record(pod, 'Normal', 'Killing', message, fieldPath(found.record, container));
    const preStop = specOf(pod, container)?.lifecycle?.preStop;
    const target = { uid, container, run: found.row.run };
    if (preStop === undefined || graceNs <= 0) return this.terminate(target, deadlineNs);
    table.change(uid, container, { stopping: { stage: 'pre-stop', deadlineNs } });
    this.context.timer(deadlineNs - deps.clock.nowNs, 'pre-stop-over', { ...target });
    this.runHook(target, found.record.ips[0] ?? deps.nodeIp);
  }

  private runHook(target: Target, ip: string): void {
    const found = this.context.table.find(target.uid, target.container, target.run);
    const spec = found && specOf(this.context.podOf(found.record), target.container);
    const hook = spec?.lifecycle?.preStop;
    if (found === undefined || spec === undefined || hook === undefined || found.row.handle === null) return;
    const tag = { use: 'pre-stop', ...target };
    if (hook.sleep !== undefined)
      this.context.timer(hook.sleep.seconds * SECOND, 'pre-stop-over', { ...target });
    else if (hook.exec !== undefined)
      this.context.deps.runtime.exec(found.row.handle, hook.exec.command ?? [], this.context.address, tag);
    else {
      const ask = askFor(
        hook,
        spec,
        ip,
        (found.row.stopping!.deadlineNs - this.context.deps.clock.nowNs) / SECOND,
        'preStop',
        tag,
      );
      if (ask === null) this.onHookDone(tag, { ok: false, message: 'invalid port' });
      else this.client().start(ask);
    }
  }

  /** The hook has ended, well or not; now the process itself is asked. */
  onHookDone(tag: Plain, outcome: Outcome): void {
    const { uid, container, run } = tag as unknown as Target;
    const found = this.context.table.find(uid, container, run);
    if (found === undefined || found.row.stopping?.stage !== 'pre-stop') return;
    if (!outcome.ok) {
      const pod = this.context.podOf(found.record);
      this.context.events.record(
        pod,
        'Warning',
        'FailedPreStopHook',
        'PreStopHook failed',
        fieldPath(found.record, container),
      );
    }
    this.onHookOver({ uid, container, run });
  }

  /** Also called when the hook has used up the whole grace; the process still gets its least time. */
  onHookOver({ uid = '', container = '', run = 0 }: TimerData): void {
    const found = this.context.table.find(uid, container, run);
    const stopping = found?.row.stopping;
    if (stopping?.stage !== 'pre-stop') return;
    const { deps, timings } = this.context;
    this.terminate(
      { uid, container, run },
      Math.max(stopping.deadlineNs, deps.clock.nowNs + timings.minGraceNs),
    );
  }

  private terminate(target: Target, deadlineNs: Ns): void {
    const { table, deps } = this.context;
    const handle = table.find(target.uid, target.container, target.run)?.row.handle;
    if (handle == null) return;
    table.change(target.uid, target.container, { stopping: { stage: 'terminating', deadlineNs } });
    this.context.timer(deadlineNs - deps.clock.nowNs, 'kill', { ...target });
    deps.runtime.signal(handle, 'TERM');
  }

  private shorten(uid: string, container: string, deadlineNs: Ns): void {
    const { table, deps } = this.context;
    const row = table.find(uid, container)?.row;
    if (row?.stopping == null || row.stopping.deadlineNs <= deadlineNs) return;
    table.change(uid, container, { stopping: { ...row.stopping, deadlineNs } });
    const type = row.stopping.stage === 'pre-stop' ? 'pre-stop-over' : 'kill';
    this.context.timer(deadlineNs - deps.clock.nowNs, type, { uid, container, run: row.run });
  }

  onKill({ uid = '', container = '', run }: TimerData): void {
    const { table, deps } = this.context;
    const row = table.find(uid, container, run)?.row;
    if (row?.handle == null || row.stopping?.stage !== 'terminating') return;
    if (deps.clock.nowNs < row.stopping.deadlineNs) return;
    table.change(uid, container, { stopping: { ...row.stopping, stage: 'killed' } });
    deps.runtime.signal(row.handle, 'KILL');
  }
}
