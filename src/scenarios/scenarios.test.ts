/** Every example that the page offers is applied without a complaint, comes to rest, and does what it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../sim/clock/clock';
import { Cluster } from '../sim/cluster';

const FOLDER = 'src/scenarios';
const names = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

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
function outcomes(cluster: Cluster, seconds: number): { what: string; ok: boolean; text: string }[] {
  const start = cluster.clock.nowNs;
  cluster.runUntil(start + seconds * SECOND);
  return [...cluster.trace.requests.values()]
    .filter(
      (request) =>
        request.from.startsWith('Pod/default/') && request.kind === 'http' && request.startNs >= start,
    )
    .flatMap(({ what, outcome }) => (outcome === null ? [] : [{ what, ...outcome }]));
}

describe('examples', () => {
  it.each(names.filter((name) => name !== 'selector-typo'))('%s: every request is answered', (name) => {
    const seen = outcomes(running(name), 12);
    expect(seen.length).toBeGreaterThan(8);
    expect(seen.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('selector-typo: every request is refused, until the letter is mended', () => {
    const cluster = running('selector-typo');
    expect(outcomes(cluster, 5).every(({ text }) => text.startsWith('curl: (7)'))).toBe(true);
    cluster.apply([
      { name: 'manifests.yaml', text: textOf('selector-typo').replace('app: backnd', 'app: backend') },
    ]);
    cluster.runUntilSettled();
    expect(outcomes(cluster, 5).every(({ ok }) => ok)).toBe(true);
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
