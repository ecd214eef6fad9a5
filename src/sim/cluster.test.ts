/** The first minute with the default workspace, driven without a page: what a visitor does, and what must be true then. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MS, SECOND } from './clock/clock';
import { Cluster } from './cluster';
import type { PacketTrace, RequestTrace } from './trace/hop';
import { explain } from './trace/explain';

const MANIFESTS = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

function files(text = MANIFESTS) {
  return [{ name: 'manifests.yaml', text }];
}

function running(text = MANIFESTS, options: Parameters<typeof Cluster.create>[0] = {}): Cluster {
  const cluster = Cluster.create({ seed: 7, ...options });
  const result = cluster.apply(files(text));
  expect(result.diagnostics).toEqual([]);
  expect(cluster.runUntilSettled()).toBe(true);
  return cluster;
}

/** Runs for a while and returns the frontend's requests that ended in it. */
function requestsOver(cluster: Cluster, seconds: number): RequestTrace[] {
  const start = cluster.clock.nowNs;
  cluster.runUntil(start + seconds * SECOND);
  return [...cluster.trace.requests.values()].filter(
    (request) =>
      request.from.startsWith('Pod/default/frontend') && request.startNs >= start && request.endNs !== null,
  );
}

function backends(cluster: Cluster): string[] {
  return cluster.store
    .list('Pod', 'default')
    .filter((pod) => pod.metadata.labels?.['app'] === 'backend')
    .map((pod) => pod.metadata.name);
}

/** Steps until a packet of the frontend with this label has been rewritten towards a pod and is still on its way. */
function catchInFlight(cluster: Cluster, label: string): PacketTrace {
  for (let i = 0; i < 200_000; i++) {
    cluster.step();
    for (const id of cluster.trace.flying) {
      const packet = cluster.trace.packets.get(id)!;
      if (packet.label === label && packet.hops.at(-1)?.station === 'wire') return packet;
    }
  }
  throw new Error(`no ${label} was seen on the wire`);
}

describe('a settled cluster', () => {
  const cluster = running();

  it('has its pods ready, with addresses in order from their nodes', () => {
    const pods = cluster.store.list('Pod', 'default');
    expect(pods).toHaveLength(4);
    for (const pod of pods) {
      expect(pod.status?.conditions?.find((c) => c.type === 'Ready')?.status).toBe('True');
      expect(pod.status?.podIP).toMatch(/^10\.244\.[12]\.\d+$/);
    }
  });

  it('answers every request, from each of the three pods in turn by chance', () => {
    const requests = requestsOver(cluster, 30);
    expect(requests.length).toBeGreaterThanOrEqual(28);
    expect(requests.filter((request) => !request.outcome?.ok)).toEqual([]);
    const answered = new Set(requests.map((request) => request.outcome?.text.replace(/^.* from /, '')));
    expect([...answered].sort()).toEqual(backends(cluster).sort());
  });

  it('shows each rewriting with the rule and the object behind it', () => {
    const request = requestsOver(cluster, 2)[0]!;
    const syn = cluster.trace.packetsOf(request.id).find((packet) => packet.label === 'SYN')!;
    const dnat = syn.hops.find((hop) => hop.action === 'dnat')!;
    expect(dnat.name).toBe('KUBE-SERVICES');
    expect(dnat.rules?.map((step) => step.chain.replace(/-[A-Z0-9]{16}$/, ''))).toEqual([
      'PREROUTING',
      'KUBE-SERVICES',
      'KUBE-SVC',
      'KUBE-SEP',
    ]);
    expect(dnat.rules?.at(-1)?.rule).toMatch(/-j DNAT --to-destination 10\.244\.\d\.\d+:8080$/);
    expect(explain(dnat)).toMatch(
      /rules rewrite the destination: 10\.96\.\d+\.\d+:80 becomes 10\.244\.\d\.\d+:8080/,
    );
    const served = dnat.rules!.find((step) => step.chain === 'KUBE-SERVICES')!;
    expect(served.origin?.ref).toBe('Service/default/backend');
    expect(cluster.locate(served.origin!.ref, served.origin!.path ?? '').range?.file).toBe('manifests.yaml');
  });

  it('gives every packet an end', () => {
    const open = [...cluster.trace.packets.values()].filter((packet) => packet.end === null);
    for (const packet of open) expect(packet.bornNs).toBeGreaterThan(cluster.clock.nowNs - SECOND);
  });
});

describe('killing a pod', () => {
  it('loses or resets the packet that was on its way, and nothing later', () => {
    const cluster = running();
    const packet = catchInFlight(cluster, 'SYN');
    const target = packet.hops.find((hop) => hop.action === 'dnat')!.after.ip!.dst;
    const pod = cluster.store.list('Pod', 'default').find((candidate) => candidate.status?.podIP === target)!;
    cluster.fault({ kind: 'kill-pod', ref: `Pod/default/${pod.metadata.name}` });
    cluster.runUntil(cluster.clock.nowNs + 20 * MS);

    const ended = cluster.trace.packets.get(packet.id)!;
    const answers = cluster.trace.packetsOf(packet.requestId).map((other) => other.label);
    expect(ended.end).not.toBeNull();
    expect(ended.end!.reason !== 'socket' || answers.includes('RST')).toBe(true);

    expect(cluster.runUntilSettled()).toBe(true);
    expect(cluster.store.get('Pod', 'default', pod.metadata.name)).toBeUndefined();
    expect(backends(cluster)).toHaveLength(3);
    const later = requestsOver(cluster, 20);
    expect(later.length).toBeGreaterThan(15);
    expect(later.filter((request) => !request.outcome?.ok)).toEqual([]);
  });
});

describe('pulling a cable', () => {
  it('makes the node NotReady after 50 s, takes its endpoints out, and heals', () => {
    const cluster = running();
    const readiness = () =>
      cluster.store.get('Node', '', 'node-1')?.status?.conditions?.find((c) => c.type === 'Ready')?.status;
    cluster.fault({ kind: 'cut-wire', node: 'node-1', cut: true });
    cluster.runUntil(cluster.clock.nowNs + 30 * SECOND);
    expect(readiness()).toBe('True');
    cluster.runUntil(cluster.clock.nowNs + 40 * SECOND);
    expect(readiness()).toBe('Unknown');
    const ready = cluster.store
      .slicesOf('default', 'backend')
      .flatMap(({ endpoints }) => endpoints.filter((endpoint) => endpoint.conditions?.ready));
    expect(ready.map((endpoint) => endpoint.nodeName)).toEqual(['node-2']);
    cluster.fault({ kind: 'cut-wire', node: 'node-1', cut: false });
    cluster.runUntil(cluster.clock.nowNs + 20 * SECOND);
    expect(readiness()).toBe('True');
    expect(requestsOver(cluster, 10).every((request) => request.outcome?.ok)).toBe(true);
  });
});

describe('scaling', () => {
  it('goes from 3 to 6, and the new pods answer', () => {
    const cluster = running();
    cluster.fault({ kind: 'scale', ref: 'Deployment/default/backend', replicas: 6 });
    expect(cluster.runUntilSettled()).toBe(true);
    expect(backends(cluster)).toHaveLength(6);
    const texts = new Set(requestsOver(cluster, 60).map((request) => request.outcome?.text));
    expect(texts.size).toBe(6);
  });
});

describe('a selector that matches nothing', () => {
  const cluster = running();
  const before = cluster.store.get('Service', 'default', 'backend')!.spec.clusterIP;

  it('leaves no endpoints: the rules refuse, and curl says 7', () => {
    cluster.apply(files(MANIFESTS.replace('app: backend # ready', 'app: backnd # ready')));
    cluster.runUntilSettled();
    const requests = requestsOver(cluster, 5);
    expect(requests.length).toBeGreaterThan(2);
    for (const request of requests)
      expect(request.outcome?.text).toMatch(/^curl: \(7\) Failed to connect to backend port 80/);
    const refused = cluster.trace.packetsOf(requests.at(-1)!.id).find((packet) => packet.label === 'SYN')!;
    expect(refused.end?.kind).toBe('rejected');
    expect(explain(refused.hops.at(-1)!)).toMatch(/rules refuse it: default\/backend has no endpoints/);
  });

  it('works again once it is mended, at the same address', () => {
    cluster.apply(files());
    cluster.runUntilSettled();
    expect(cluster.store.get('Service', 'default', 'backend')!.spec.clusterIP).toBe(before);
    expect(requestsOver(cluster, 5).every((request) => request.outcome?.ok)).toBe(true);
  });
});

describe('the run', () => {
  function story(seed: number): Cluster {
    const cluster = running(MANIFESTS, { seed, hashTrace: true });
    cluster.runUntil(cluster.clock.nowNs + 3 * SECOND);
    cluster.fault({ kind: 'kill-pod', ref: `Pod/default/${backends(cluster)[0]}` });
    cluster.exec('1', 'kubectl get pods');
    cluster.runUntil(cluster.clock.nowNs + 5 * SECOND);
    return cluster;
  }

  it('is the same for the same seed and commands, and another for another seed', () => {
    const hash = story(3).hash();
    expect(story(3).hash()).toBe(hash);
    expect(story(4).hash()).not.toBe(hash);
  });

  it('goes on from a keyframe as if nothing had happened', () => {
    const cluster = story(5);
    const frame = cluster.keyframe();
    cluster.runUntil(cluster.clock.nowNs + 4 * SECOND);
    const hash = cluster.hash();
    cluster.restore(frame);
    cluster.runUntil(cluster.clock.nowNs + 4 * SECOND);
    expect(cluster.hash()).toBe(hash);
  });

  it('rewinds to an earlier moment and does the same again up to there', () => {
    const cluster = running(MANIFESTS, { hashTrace: true });
    cluster.keepKeyframe();
    const start = cluster.clock.nowNs;
    cluster.runUntil(start + SECOND);
    cluster.fault({ kind: 'scale', ref: 'Deployment/default/backend', replicas: 5 });
    cluster.runUntil(start + 2 * SECOND);
    const hash = cluster.hash();
    cluster.runUntil(start + 6 * SECOND);
    cluster.fault({ kind: 'scale', ref: 'Deployment/default/backend', replicas: 1 });
    cluster.rewind(start + 2 * SECOND);
    expect(cluster.clock.nowNs).toBe(start + 2 * SECOND);
    expect(cluster.hash()).toBe(hash);
    expect(cluster.commandLog.map(({ command }) => command.type)).toEqual(['apply', 'fault']);
  });
});
