import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { MS, SECOND } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';
import type { ViewTableName } from '../sim/view';
import { Host } from './host';
import type { Pace, Report } from './protocol';

const files = [
  {
    name: 'manifests.yaml',
    text: readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8'),
  },
];
const pace: Pace = { paused: false, nsPerSecond: 100_000, auto: true, watchedPacket: null };

let nowMs = 0;
let reports: Report[] = [];
let host: Host;

function ticks(count: number): void {
  for (let i = 0; i < count; i++) {
    nowMs += 16;
    host.tick();
  }
}

function of<T extends Report['type']>(type: T): Extract<Report, { type: T }>[] {
  return reports.filter((report): report is Extract<Report, { type: T }> => report.type === type);
}

/** The page's copy: every patch applied in order. */
function mirror(): Record<ViewTableName, Map<string, unknown>> {
  const names: ViewTableName[] = [
    'nodes',
    'pods',
    'services',
    'workloads',
    'objects',
    'packets',
    'requests',
    'changes',
    'events',
  ];
  const tables = Object.fromEntries(names.map((name) => [name, new Map()])) as Record<
    ViewTableName,
    Map<string, unknown>
  >;
  for (const { patch } of of('patch')) {
    for (const name of names) {
      for (const key of patch[name]?.gone ?? []) tables[name].delete(key);
      for (const [key, record] of patch[name]?.set ?? []) tables[name].set(key, record);
    }
    for (const { id, keep, hops, end } of patch.grown ?? []) {
      const known = tables.packets.get(String(id)) as PacketTrace;
      tables.packets.set(String(id), { ...known, hops: [...known.hops.slice(0, keep), ...hops], end });
    }
  }
  return tables;
}

function nowNs(): number {
  return of('patch').at(-1)!.patch.nowNs;
}

beforeEach(() => {
  nowMs = 0;
  reports = [];
  host = new Host({ post: (report) => reports.push(structuredClone(report)), nowMs: () => nowMs });
  host.receive({ type: 'boot', seed: 1, files });
  host.receive({ type: 'pace', pace });
});

describe('the host', () => {
  it('boots to a settled cluster and says so once', () => {
    expect(of('ready')).toHaveLength(1);
    const tables = mirror();
    expect([...tables.pods.values()].map((pod) => (pod as { look: string }).look)).toEqual(
      Array(6).fill('ready'),
    );
    expect(tables.nodes.size).toBe(2);
    expect(of('applied')[0]?.result.rows.map((row) => row.result)).toEqual(['created', 'created', 'created']);
  });

  it('slows to packet time while a packet flies and hurries in between', () => {
    const speeds = new Set<number>();
    for (let i = 0; i < 2500; i++) {
      ticks(1);
      speeds.add(of('patch').at(-1)!.nsPerSecond);
    }
    expect(Math.min(...[...speeds].filter((speed) => speed > 0))).toBe(100_000);
    expect(Math.max(...speeds)).toBeGreaterThan(100 * MS);
    expect(mirror().packets.size).toBeGreaterThan(2);
  });

  it('stands still while paused, and steps by hops and by events', () => {
    ticks(60);
    host.receive({ type: 'pace', pace: { ...pace, paused: true } });
    ticks(1);
    const before = nowNs();
    ticks(30);
    expect(nowNs()).toBe(before);
    host.receive({ type: 'step-hop', packet: null });
    const first = of('stopped').at(-1)!;
    expect(first.hop?.atNs).toBe(nowNs());
    host.receive({ type: 'step-hop', packet: first.packet });
    expect(of('stopped').at(-1)!.hop!.atNs).toBeGreaterThan(first.hop!.atNs);
  });

  it('steps through a whole request: no hop twice, each packet from its sending on', () => {
    ticks(60);
    host.receive({ type: 'pace', pace: { ...pace, paused: true } });
    const stops: string[] = [];
    const told: { packet: number; action: string }[] = [];
    let packet: number | null = null;
    for (let i = 0; i < 160; i++) {
      host.receive({ type: 'step-hop', packet });
      const stop = of('stopped').at(-1)!;
      stops.push(`${stop.packet} ${stop.hop!.atNs}`);
      if (stop.packet !== packet) told.push({ packet: stop.packet!, action: stop.hop!.action });
      packet = stop.packet;
    }
    expect(new Set(stops).size).toBe(stops.length);
    ticks(1);
    const { packets } = mirror();
    const labels = told.map((one) => (packets.get(String(one.packet)) as PacketTrace).label);
    expect(labels.join(' ')).toMatch(/A.* SYN SYNACK GET (ACK )?200 FIN/);
    // The first may have been on its way; what followed was seen from the socket that sent it.
    const requests = told.filter((_, i) => i > 0 && /^(SYN|SYNACK|GET|FIN)$/.test(labels[i]!));
    expect(requests.map((one) => one.action)).toEqual(requests.map(() => 'send'));
  });

  it('answers exec, locate, probes and complete', () => {
    host.receive({ type: 'pace', pace: { ...pace, auto: false, nsPerSecond: SECOND } });
    host.receive({ type: 'exec', id: 5, line: 'kubectl get svc backend' });
    ticks(5);
    expect(
      of('output')
        .map((output) => output.text)
        .join(''),
    ).toMatch(/^NAME +TYPE +CLUSTER-IP/);
    expect(of('exit')).toMatchObject([{ id: 5, code: 0 }]);
    host.receive({ type: 'locate', id: 6, ref: 'Service/default/backend', path: 'spec.ports[0].targetPort' });
    expect(of('located')[0]?.range?.line).toBeGreaterThan(20);
    host.receive({ type: 'probe', id: 7, probe: { what: 'iptables-save', node: 'node-1' } });
    const rows = of('probed')[0]!.rows!;
    expect(rows.find((row) => row.ref === 'Service/default/backend')?.text).toContain(
      'default/backend cluster IP',
    );
    host.receive({ type: 'complete', id: 8, line: 'kubectl get po' });
    expect(of('completed')[0]?.words).toContain('pods');
  });

  it('keeps the mirror equal to a fresh view after faults', () => {
    host.receive({ type: 'pace', pace: { ...pace, auto: false, nsPerSecond: 20 * SECOND } });
    const pods = mirror().pods;
    const victim = [...pods.keys()].find((ref) => ref.includes('backend'))!;
    host.receive({ type: 'fault', fault: { kind: 'kill-pod', ref: victim } });
    host.receive({ type: 'fault', fault: { kind: 'scale', ref: 'Deployment/default/backend', replicas: 5 } });
    ticks(120);
    const after = mirror();
    expect(after.pods.has(victim)).toBe(false);
    expect([...after.pods.values()].filter((pod) => (pod as { look: string }).look === 'ready')).toHaveLength(
      8,
    );
    expect((after.workloads.get('Deployment/default/backend') as { ready: number }).ready).toBe(5);
  });

  it('sends the hops that were left out once somebody opens the packet', () => {
    host.receive({ type: 'pace', pace: { ...pace, auto: false, nsPerSecond: 10 * SECOND } });
    ticks(60);
    const thin = [...mirror().packets.values()] as { id: number; hops: unknown[]; leftOut?: object }[];
    const packet = thin.find((one) => one.leftOut !== undefined)!;
    expect(packet.hops).toEqual([]);
    host.receive({ type: 'pace', pace: { ...pace, paused: true, watchedPacket: packet.id } });
    ticks(1);
    const full = mirror().packets.get(String(packet.id)) as { hops: unknown[]; leftOut?: object };
    expect(full.hops.length).toBeGreaterThan(3);
    expect(full.leftOut).toBeUndefined();
  });

  it('tells of a packet under way only what came to it, and the page has all of it', () => {
    host.receive({ type: 'pace', pace: { ...pace, auto: false, nsPerSecond: 2 * MS } });
    ticks(200);
    const whole = new Map<string, number>();
    for (const { patch } of of('patch'))
      for (const [id] of patch.packets?.set ?? []) whole.set(id, (whole.get(id) ?? 0) + 1);
    const grown = of('patch').flatMap(({ patch }) => patch.grown ?? []);
    expect(grown.length).toBeGreaterThan(20);
    expect(Math.max(...whole.values())).toBe(1);
    const packets = [...mirror().packets.values()] as PacketTrace[];
    const ended = packets.filter(({ id, end }) => end !== null && grown.some((one) => one.id === id));
    expect(ended.length).toBeGreaterThan(3);
    // Asked to tell one of them whole, the cluster says the same as the pieces came to.
    for (const known of ended.slice(0, 5)) {
      reports = [];
      host.receive({ type: 'pace', pace: { ...pace, paused: true, watchedPacket: known.id } });
      ticks(1);
      expect(mirror().packets.get(String(known.id))).toEqual(known);
    }
  });

  it('forgets the future when it rewinds', () => {
    host.receive({ type: 'pace', pace: { ...pace, auto: false, nsPerSecond: SECOND } });
    ticks(80);
    const target = nowNs() - 500 * MS;
    host.receive({ type: 'rewind', toNs: target });
    expect(nowNs()).toBe(target);
    const late = [...mirror().packets.values()].filter(
      (packet) => (packet as { bornNs: number }).bornNs > target,
    );
    expect(late).toEqual([]);
  });

  it('reports a crash of ours with what a replay needs', () => {
    host.receive({ type: 'fault', fault: { kind: 'scale', ref: 'Deployment/default/backend', replicas: 4 } });
    host.receive({ type: 'apply', id: 9, files: null as never });
    const crash = of('crashed')[0]!;
    expect(JSON.parse(crash.replay)).toMatchObject({ seed: 1 });
    expect(JSON.parse(crash.replay).log.length).toBeGreaterThan(1);
  });
});
