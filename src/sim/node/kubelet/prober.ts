/** Runs the probes of all containers of a node over virtual time. Upstream: pkg/kubelet/prober. */
import { SECOND, type Ns } from '../../clock/clock';
import type { Plain } from '../../../lib/plain';
import type { Probe } from '../../api/kinds/container';
import { fieldPath, specOf, type KubeletContext, type TimerData } from './context';
import type { NodeClient, Outcome } from './node-client';
import { afterOutcome, askFor, isDue, PROBE_KINDS, probeOf } from './probes';
import type { ProbeKind } from './records';

const TITLES: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};

/** An exec probe under way. */
interface ExecProbe {
  readonly uid: string;
  readonly container: string;
  readonly run: number;
  readonly kind: ProbeKind;
}

export interface ProberKeyframe {
  readonly last: number;
  readonly execs: ReadonlyMap<number, ExecProbe>;
}

/** What the kubelet does when a result that counts has changed. */
export type OnFlip = (uid: string, container: string, kind: ProbeKind, ok: boolean) => void;

export class Prober {
  private last = 0;
  private readonly execs = new Map<number, ExecProbe>();

  constructor(
    private readonly context: KubeletContext,
    private readonly client: () => NodeClient,
    private readonly onFlip: OnFlip,
  ) {}

  /** A container was seen to run: its first probes come after their initial delays, counted from its start. */
  begin(uid: string, container: string, startedNs: Ns): void {
    const found = this.context.table.find(uid, container);
    const spec = found && specOf(this.context.podOf(found.record), container);
    if (found === undefined || spec === undefined) return;
    for (const kind of PROBE_KINDS) {
      const probe = probeOf(spec, kind);
      if (probe === undefined) continue;
      const dueNs = startedNs + (probe.initialDelaySeconds ?? 0) * SECOND;
      const delay = Math.max(0, dueNs - this.context.deps.clock.nowNs);
      this.context.timer(delay, 'probe', { uid, container, run: found.row.run, kind, periodic: true });
    }
  }

  /** One beat of a probe; it probes when it is due and beats again as long as the container lives. */
  onTimer(data: TimerData): void {
    const { uid = '', container = '', run = 0 } = data;
    const kind = data.kind as ProbeKind;
    const found = this.context.table.find(uid, container, run);
    const spec = found && specOf(this.context.podOf(found.record), container);
    const probe = spec && probeOf(spec, kind);
    const record = found?.row.probes[kind];
    if (found === undefined || spec === undefined || probe === undefined || record === undefined) return;
    if (found.row.handle === null || record.resting || (kind === 'startup' && record.result === 'success'))
      return;
    if (data.periodic === true)
      this.context.timer((probe.periodSeconds ?? 10) * SECOND, 'probe', {
        uid,
        container,
        run,
        kind,
        periodic: true,
      });
    if (!isDue(found.row, kind, found.record.stage !== 'running')) return;
    this.run({ uid, container, run, kind }, probe, found.record.ips[0] ?? this.context.deps.nodeIp);
  }

  private run(target: ExecProbe, probe: Probe, ip: string): void {
    const found = this.context.table.find(target.uid, target.container);
    const spec = found && specOf(this.context.podOf(found.record), target.container);
    if (found === undefined || spec === undefined || found.row.handle === null) return;
    const timeout = probe.timeoutSeconds ?? 1;
    if (probe.exec !== undefined) {
      const id = ++this.last;
      this.execs.set(id, target);
      this.context.timer(timeout * SECOND, 'exec-timeout', { id, seconds: timeout });
      const { runtime } = this.context.deps;
      runtime.exec(found.row.handle, probe.exec.command ?? [], this.context.address, { use: 'probe', id });
      return;
    }
    const tag = { use: 'probe', ...target };
    const ask = askFor(probe, spec, ip, timeout, `${target.kind} probe`, tag);
    if (ask === null) this.onOutcome(tag, { ok: false, message: 'invalid port' });
    else this.client().start(ask);
  }

  onExecDone(id: number, exitCode: number): void {
    const target = this.execs.get(id);
    if (target === undefined) return;
    this.execs.delete(id);
    this.onOutcome({ ...target }, { ok: exitCode === 0, message: '' });
  }

  onExecTimeout(id: number, seconds: number): void {
    const target = this.execs.get(id);
    if (target === undefined) return;
    this.execs.delete(id);
    const found = this.context.table.find(target.uid, target.container, target.run);
    const spec = found && specOf(this.context.podOf(found.record), target.container);
    const command = (spec && probeOf(spec, target.kind)?.exec?.command?.join(' ')) ?? '';
    const message = `command timed out: "${command}" timed out after ${seconds}s`;
    this.onOutcome({ ...target }, { ok: false, message });
  }

  /** Counts an outcome; a failure is always an event, a flip is for the kubelet. */
  onOutcome(tag: Plain, outcome: Outcome): void {
    const { uid, container, run, kind } = tag as unknown as ExecProbe;
    const { table, events } = this.context;
    const found = table.find(uid, container, run);
    const record = found?.row.probes[kind];
    const pod = found && this.context.podOf(found.record);
    const probe = pod && probeOf(specOf(pod, container) ?? { name: '' }, kind);
    if (found === undefined || record === undefined || pod === undefined || probe === undefined) return;
    // The process may have ended while the probe was on its way.
    if (found.row.handle === null || record.resting) return;
    if (!outcome.ok) {
      const text = `${TITLES[kind]} probe failed: ${outcome.message}`;
      events.record(pod, 'Warning', 'Unhealthy', text, fieldPath(found.record, container));
    }
    const after = afterOutcome(record, probe, kind, outcome.ok);
    table.change(uid, container, { probes: { ...found.row.probes, [kind]: after.record } });
    if (!after.flipped) return;
    if (kind === 'startup' && outcome.ok)
      for (const next of ['liveness', 'readiness'] as const)
        this.context.timer(0, 'probe', { uid, container, run, kind: next });
    this.onFlip(uid, container, kind, outcome.ok);
  }

  clear(): void {
    this.execs.clear();
  }

  keyframe(): ProberKeyframe {
    return { last: this.last, execs: new Map(this.execs) };
  }

  restore(from: ProberKeyframe): void {
    this.last = from.last;
    this.execs.clear();
    for (const [id, target] of from.execs) this.execs.set(id, target);
  }
}
