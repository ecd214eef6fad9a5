/**
 * `npm run -s bench [-- --json] [-- --only TEXT]`: what this machine does with the simulator, as counts and rates. Nothing here passes or
 * fails; the figures in the README were printed by it.
 */
import { readFileSync } from 'node:fs';
import { SECOND } from '../sim/clock/clock';
import { Cluster } from '../sim/cluster';
import { cpuSeconds, figure, type Figure } from './bench-figure';
import { firstPackets, ruleGeneration } from './bench-rules';

const MANIFESTS = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');

/** Deployments with one Service each, as a busy namespace has them. */
function manyApps(count: number, replicas: number): string {
  return Array.from({ length: count }, (_, i) =>
    [
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: app-${i} }\nspec:\n  replicas: ${replicas}`,
      `  selector: { matchLabels: { app: app-${i} } }\n  template:\n    metadata: { labels: { app: app-${i} } }`,
      `    spec:\n      containers:\n        - name: app\n          image: traefik/whoami\n          ports: [{ containerPort: 80 }]`,
      `---\napiVersion: v1\nkind: Service\nmetadata: { name: app-${i} }\nspec:\n  selector: { app: app-${i} }`,
      `  ports: [{ port: 80 }]`,
    ].join('\n'),
  ).join('\n---\n');
}

function applying(): Figure[] {
  const cluster = Cluster.create({ seed: 1 });
  const text = manyApps(500, 0);
  const seconds = cpuSeconds(() => cluster.apply([{ name: 'many.yaml', text }]));
  return [figure('objects applied (parse, default, validate, store)', 1000 / seconds, 'per CPU second')];
}

/** Virtual seconds of the default workspace that are measured at a time: well below what the trace keeps of requests. */
const SPAN = 600;

/**
 * The same twice: from the first timer after boot, when the machine still has to compile what it runs, and half an hour
 * of virtual time later. Nobody drains the trace in between but the bench, as a page does all the time.
 */
function events(): Figure[] {
  const cluster = Cluster.create({ seed: 1 });
  cluster.apply([{ name: 'm.yaml', text: MANIFESTS }]);
  cluster.runUntilSettled();
  const cold = span(cluster, 'from a cold start');
  for (let i = 0; i < 3; i++) span(cluster, '');
  return [...cold, ...span(cluster, 'half an hour later')];
}

function span(cluster: Cluster, when: string): Figure[] {
  const startNs = cluster.clock.nowNs;
  const endNs = startNs + SPAN * SECOND;
  cluster.trace.drain();
  let count = 0;
  const seconds = cpuSeconds(() => {
    while (cluster.clock.nowNs < endNs && cluster.step() !== undefined) count++;
  });
  const requests = [...cluster.trace.requests.values()].filter(
    (request) => request.kind === 'http' && request.startNs >= startNs && request.endNs !== null,
  ).length;
  return [
    figure(`timers handled, traced in full, ${when}`, count / seconds, 'per CPU second'),
    figure(`requests (lookup, handshake, GET, close), ${when}`, requests / seconds, 'per CPU second'),
    figure('requests counted for that', requests, 'requests'),
  ];
}

function pods(): Figure[] {
  const cluster = Cluster.create({ seed: 1, nodeCount: 10 });
  cluster.apply([{ name: 'many.yaml', text: manyApps(20, 50) }]);
  let settled = false;
  const seconds = cpuSeconds(() => (settled = cluster.runUntilSettled(600 * SECOND)));
  const ready = cluster.store
    .list('Pod', 'default')
    .filter((pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')).length;
  return [
    figure(`1,000 pods on 10 nodes, ${settled ? 'all settled' : 'NOT settled'}, ready`, ready, 'pods'),
    figure('1,000 pods from apply to settled', seconds, 'CPU seconds'),
  ];
}

function boot(): Figure[] {
  const seconds = cpuSeconds(() => {
    const cluster = Cluster.create({ seed: 1 });
    cluster.apply([{ name: 'm.yaml', text: MANIFESTS }]);
    cluster.runUntilSettled();
  });
  return [figure('boot to a settled default workspace', seconds * 1000, 'CPU ms')];
}

const FORMAT: Intl.NumberFormatOptions = { maximumSignificantDigits: 3 };

/** By the name that `--only` looks in. */
const BENCHES: Readonly<Record<string, () => Figure[]>> = {
  boot,
  applying,
  events,
  pods,
  'rule generation': ruleGeneration,
  'first packets': firstPackets,
};

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const only = argument('--only') ?? '';
const chosen = Object.entries(BENCHES).filter(([name]) => name.includes(only));
if (chosen.length === 0) {
  console.error(`no bench has "${only}" in its name: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
}
const figures = chosen.flatMap(([, bench]) => bench());
if (process.argv.includes('--json')) console.log(JSON.stringify(figures, null, 2));
else
  for (const { what, value, unit } of figures)
    console.log(`${what.padEnd(62)} ${value.toLocaleString('en-US', FORMAT).padStart(11)} ${unit}`);
