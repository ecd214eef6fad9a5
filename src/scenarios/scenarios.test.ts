/** Every example that the page offers is applied without a complaint, comes to rest, and does what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../sim/clock/clock';
import { Cluster } from '../sim/cluster';
import { SCENARIOS } from './list';

const FOLDER = 'src/scenarios';

function textOf(name: string): string {
  return readFileSync(join(FOLDER, name, 'manifests.yaml'), 'utf8');
}

function running(name: string): Cluster {
  const cluster = Cluster.create({ seed: 11 });
  const { diagnostics } = cluster.apply([{ name: 'manifests.yaml', text: textOf(name) }]);
  expect(diagnostics).toEqual([]);
  expect(cluster.runUntilSettled()).toBe(true);
  return cluster;
}

/** Outcomes of the requests that pods made over some seconds. */
function outcomes(
  cluster: Cluster,
  seconds: number,
): { from: string; what: string; ok: boolean; text: string }[] {
  const start = cluster.clock.nowNs;
  cluster.runUntil(start + seconds * SECOND);
  return [...cluster.trace.requests.values()]
    .filter(
      (request) =>
        /^Pod\/(default|shop)\//.test(request.from) && request.kind === 'http' && request.startNs >= start,
    )
    .flatMap(({ from, what, outcome }) => (outcome === null ? [] : [{ from, what, ...outcome }]));
}

describe('examples', () => {
  const whole = SCENARIOS.filter(({ fault }) => fault === undefined).map(({ id }) => id);
  it.each(whole)('%s: every request is answered', (name) => {
    const seen = outcomes(running(name), 12);
    expect(seen.length).toBeGreaterThan(8);
    expect(seen.filter(({ ok }) => !ok)).toEqual([]);
  });

  it.each([
    ['selector-typo', 'curl: (7)', 'app: backnd', 'app: backend'],
    ['wrong-target-port', 'curl: (7)', 'targetPort: 8080', 'targetPort: 80'],
    ['never-ready', 'curl: (7)', 'port: 8080', 'port: 80'],
  ])('%s: every request is refused, until the fault is mended', (name, failure, wrong, right) => {
    const cluster = running(name);
    expect(outcomes(cluster, 5).map(({ text }) => text.slice(0, failure.length))).toContain(failure);
    expect(outcomes(cluster, 5).some(({ ok }) => ok)).toBe(false);
    expect(textOf(name).split(wrong)).toHaveLength(2);
    cluster.apply([{ name: 'manifests.yaml', text: textOf(name).replace(wrong, right) }]);
    cluster.runUntilSettled();
    const after = outcomes(cluster, 5);
    expect(after.length).toBeGreaterThan(2);
    expect(after.every(({ ok }) => ok)).toBe(true);
  });

  it('only-local: one frontend is answered, the other waits for nothing, until the policy is Cluster', () => {
    const cluster = running('only-local');
    const nodeOf = (ref: string) => cluster.store.get('Pod', 'default', ref.split('/')[2]!)?.spec.nodeName;
    const seen = outcomes(cluster, 12);
    expect(seen.filter(({ ok }) => ok).every(({ from }) => nodeOf(from) === 'node-1')).toBe(true);
    const lost = seen.filter(({ ok }) => !ok);
    expect(lost.length).toBeGreaterThan(2);
    expect(lost.every(({ from, text }) => nodeOf(from) === 'node-2' && text.startsWith('curl: (28)'))).toBe(
      true,
    );
    const text = textOf('only-local').replace(
      'internalTrafficPolicy: Local',
      'internalTrafficPolicy: Cluster',
    );
    cluster.apply([{ name: 'manifests.yaml', text }]);
    cluster.runUntilSettled();
    outcomes(cluster, 4);
    expect(outcomes(cluster, 5).every(({ ok }) => ok)).toBe(true);
  });

  it('two-namespaces: the short name is the neighbour, the longer one the other namespace', () => {
    const cluster = running('two-namespaces');
    const hosts = new Map(outcomes(cluster, 6).map(({ what, text }) => [what, text]));
    expect([...hosts.keys()].map((what) => what.replace('GET ', '')).sort()).toEqual([
      'http://api.stock/',
      'http://api/',
    ]);
    expect(new Set(hosts.values()).size).toBe(2);
  });

  it('five-questions: the dot at the end saves the search list', () => {
    const cluster = running('five-questions');
    const start = cluster.clock.nowNs;
    outcomes(cluster, 10);
    const asked = (pod: string): number => {
      const { requests, packets } = cluster.trace;
      const calls = [...requests.values()].filter(
        ({ from, kind, startNs, endNs }) =>
          from.includes(pod) && kind === 'http' && startNs >= start && endNs !== null,
      );
      const ids = new Set(calls.map(({ id }) => id));
      const questions = [...packets.values()].filter(
        ({ requestId, role }) => requestId !== null && ids.has(requestId) && role === 'dns-query',
      );
      return questions.length / calls.length;
    };
    // A and AAAA: for each of the three search domains, then for the name itself.
    expect(asked('many-questions')).toBe(8);
    expect(asked('one-question')).toBe(2);
  });

  it('every-kind-of-service: the sticky Service keeps to one pod, the balancer gets an address', () => {
    const cluster = running('every-kind-of-service');
    const sticky = outcomes(cluster, 40).filter(({ what }) => what.includes('web-sticky'));
    expect(new Set(sticky.map(({ text }) => text)).size).toBe(1);
    const balanced = cluster.store.get('Service', 'default', 'web-lb');
    expect(balanced?.status?.loadBalancer?.ingress?.[0]?.ip).toMatch(/^198\.51\.100\.\d+$/);
  });

  it('slow-start-rolling-update: a rollout loses no request', () => {
    const cluster = running('slow-start-rolling-update');
    const text = textOf('slow-start-rolling-update').replace('nginx:1.27', 'nginx:1.28');
    cluster.apply([{ name: 'manifests.yaml', text }]);
    const seen = outcomes(cluster, 60);
    expect(seen.length).toBeGreaterThan(200);
    expect(seen.filter(({ ok }) => !ok)).toEqual([]);
    const images = cluster.store
      .list('Pod', 'default')
      .filter((pod) => pod.metadata.labels?.['app'] === 'shop');
    expect(images.map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(4).fill('nginx:1.28'));
  });
});
