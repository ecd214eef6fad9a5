/** A cluster that is made up: it speaks the protocol so that the page can be looked at without the simulator. */
import type { PacketTrace, RequestTrace } from '../../src/sim/trace/hop';
import type { ViewPatch } from '../../src/sim/view';
import type { Mailbox } from '../../src/worker/client';
import type { Command, Pace, Report, SourceFile } from '../../src/worker/protocol';
import { across, names, refused } from './packets';
import { FACTS, NODES, PODS, SERVICES, WORKLOADS } from './world';

export class FakeMailbox implements Mailbox {
  onmessage: ((event: MessageEvent<Report>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  private nowNs = 12e9;
  private pace: Pace = { paused: true, nsPerSecond: 1e5, auto: true, watchedPacket: null };
  private timer: ReturnType<typeof setInterval> | null = null;
  private nextNs = 12e9 + 1e5;
  private id = 100;
  private files: readonly SourceFile[] = [];
  private packets: PacketTrace[] = [];

  postMessage(command: Command): void {
    queueMicrotask(() => this.take(command));
  }
  terminate(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }
  private say(report: Report): void {
    this.onmessage?.({ data: structuredClone(report) } as MessageEvent<Report>);
  }

  private take(command: Command): void {
    switch (command.type) {
      case 'boot':
        this.files = command.files;
        this.say({ type: 'ready' });
        this.patch(this.everything());
        this.say({ type: 'applied', id: 0, result: { rows: [], diagnostics: [] } });
        this.timer = setInterval(() => this.tick(), 16);
        return;
      case 'pace':
        this.pace = command.pace;
        return;
      case 'step-hop': {
        const next = this.packets
          .flatMap((p) => p.hops.map((h) => h.atNs))
          .filter((at) => at > this.nowNs)
          .sort((a, b) => a - b)[0];
        this.advance(next ?? this.nextNs);
        this.say({
          type: 'stopped',
          packet: this.packets.find((p) => p.hops.some((h) => h.atNs === next))?.id ?? command.packet,
          hop: null,
        });
        return;
      }
      case 'step-event':
        this.advance(this.nowNs + 3e6);
        return;
      case 'rewind':
        this.nowNs = command.toNs;
        this.patch({});
        return;
      case 'check':
      case 'apply': {
        const broken = command.files.some((file) => file.text.includes('BROKEN'));
        this.files = command.files;
        this.say({
          type: command.type === 'check' ? 'checked' : 'applied',
          id: command.id,
          result: {
            rows:
              command.type === 'check'
                ? []
                : ['backend', 'frontend'].map((name) => ({
                    name: `deployment.apps/${name}`,
                    ref: `Deployment/default/${name}`,
                    result: name === 'backend' ? 'configured' : 'unchanged',
                  })),
            diagnostics: broken
              ? [
                  {
                    severity: 'error',
                    range: { file: command.files[0]!.name, line: 8, column: 3, endLine: 8, endColumn: 11 },
                    message:
                      'Deployment.apps "backend" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
                    ref: null,
                  },
                ]
              : [],
          },
        });
        return;
      }
      case 'exec':
        this.say({
          type: 'output',
          id: command.id,
          text: `NAME                       READY   STATUS    RESTARTS   AGE\n${PODS.map((p) => `${p.name.padEnd(26)} 1/1     Running   0          12s`).join('\n')}\n`,
          stream: 'stdout',
        });
        this.say({ type: 'exit', id: command.id, code: 0 });
        return;
      case 'complete':
        this.say({ type: 'completed', id: command.id, words: ['pods', 'podtemplates'] });
        return;
      case 'locate': {
        const lines = this.files[0]?.text.split('\n') ?? [];
        const line =
          command.path === ''
            ? lines.findIndex((l) => l.startsWith('kind: ' + command.ref.split('/')[0]))
            : lines.findIndex((l) => l.includes('targetPort'));
        const range =
          line < 0 || command.ref.startsWith('Pod')
            ? null
            : { file: this.files[0]!.name, line: line + 1, column: 7, endLine: line + 1, endColumn: 20 };
        this.say({
          type: 'located',
          id: command.id,
          range,
          from: range === null ? 'made by ReplicaSet backend-7c8b5d6f4' : '',
        });
        return;
      }
      case 'probe': {
        const rows = Array.from({ length: 30 }, (_, i) => ({
          text:
            i % 7 === 0
              ? '# a comment'
              : `-A KUBE-SERVICES -d 10.96.0.${i}/32 -p tcp -m comment --comment "default/backend cluster IP" -m tcp --dport 80 -j KUBE-SVC-NU7AXXQYZ3TB5LQD`,
          ref: i % 7 === 0 ? null : 'Service/default/backend',
          path: 'spec.ports[0]',
          count: i,
        }));
        this.say({ type: 'probed', id: command.id, text: rows.map((r) => r.text).join('\n'), rows });
        return;
      }
      case 'fault':
        if (command.fault.kind === 'kill-pod')
          this.say({
            type: 'crashed',
            message: 'Error: a made-up crash\n  at kill-pod',
            replay: '{"seed":1}',
          });
        return;
      default:
        return;
    }
  }

  private everything(): Partial<ViewPatch> {
    const set = <V extends { ref: string }>(rows: readonly V[]) => ({
      set: rows.map((r) => [r.ref, r] as const),
      gone: [],
    });
    const objects = [...NODES, ...PODS, ...SERVICES, ...WORKLOADS].map((one) => ({
      ref: one.ref,
      apiVersion: 'v1',
      kind: one.ref.split('/')[0]!,
      name: one.name,
      namespace: one.ref.split('/')[1]!,
      simulated: true,
      from: 'system' as const,
    }));
    return {
      nodes: set(NODES),
      pods: set(PODS),
      services: set(SERVICES),
      workloads: set(WORKLOADS),
      objects: set([
        ...objects,
        {
          ref: 'Job/default/once',
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: 'once',
          namespace: 'default',
          simulated: false,
          from: 'manifest' as const,
        },
      ]),
      changes: {
        set: [1, 2, 3].map(
          (id) =>
            [
              String(id),
              {
                id,
                atNs: 11e9 + id * 1e8,
                ref: 'Deployment/default/backend',
                text: 'replicas 1 to 3',
                kind: 'workload' as const,
              },
            ] as const,
        ),
        gone: [],
      },
      events: {
        set: [1, 2, 3].map(
          (id) =>
            [
              String(id),
              {
                id,
                lastNs: 11e9 + id * 1e8,
                type: 'Normal',
                reason: 'Scheduled',
                object: PODS[id]!.ref,
                message: `Successfully assigned default/${PODS[id]!.name} to node-1`,
                count: 1,
              },
            ] as const,
        ),
        gone: [],
      },
    };
  }

  private tick(): void {
    if (this.pace.paused) return;
    const busy = this.packets.some((p) => p.bornNs <= this.nowNs && p.end!.atNs > this.nowNs);
    const speed = this.pace.auto && !busy ? Math.max(this.pace.nsPerSecond, 5e8) : this.pace.nsPerSecond;
    this.advance(Math.round(this.nowNs + (speed * 16) / 1000), speed);
  }

  private advance(to: number, speed = 0): void {
    const fresh: PacketTrace[] = [];
    const requests: RequestTrace[] = [];
    while (this.nextNs <= to) {
      const at = this.nextNs;
      const id = (this.id += 10);
      const bad = id % 40 === 0;
      fresh.push(
        ...names(id, id, at),
        bad ? refused(id + 2, id, at + 8e4) : across(id + 2, id, at + 8e4, 'SYN', ['SYN']),
      );
      if (!bad) fresh.push(across(id + 3, id, at + 3e5, 'GET', ['PSH', 'ACK'], 'GET / HTTP/1.1'));
      requests.push({
        id,
        from: PODS[0]!.ref,
        what: 'GET http://backend:80/',
        kind: 'http',
        startNs: at,
        endNs: at + 6e5,
        outcome: bad
          ? { ok: false, text: 'curl: (7) Failed to connect to backend port 80: Connection refused' }
          : { ok: true, text: '200 OK from backend-7c8b5d6f4-p6d2s' },
      });
      this.nextNs += 1e9;
      to = Math.min(to, at + 16e3);
    }
    this.nowNs = to;
    this.packets = [...this.packets, ...fresh].slice(-200);
    this.patch(
      {
        packets: { set: fresh.map((p) => [String(p.id), p] as const), gone: [] },
        requests: { set: requests.map((r) => [String(r.id), r] as const), gone: [] },
      },
      speed,
    );
  }

  private patch(part: Partial<ViewPatch>, nsPerSecond = 0): void {
    this.say({
      type: 'patch',
      patch: { nowNs: this.nowNs, settled: true, facts: FACTS, ...part },
      nsPerSecond,
    });
  }
}
