/** A cluster with a whoami Deployment, driven from the client beyond the router; for tests of Services from outside. */
import { SECOND } from '../clock/clock';
import { Cluster } from '../cluster';
import type { Pod } from '../api/kinds/pod';

/** Address of the client that `curl` starts at. */
export const CLIENT = '203.0.113.10';

let lastLine = 0;

/** A Deployment "web" of whoami pods, pinned to nodes by name when they are given. */
export function webDeployment(nodes: readonly string[]): string {
  return nodes
    .map(
      (node, i) => `apiVersion: v1
kind: Pod
metadata: {name: web-${i + 1}, labels: {app: web}}
spec:
  nodeName: ${node}
  containers: [{name: web, image: traefik/whoami, ports: [{containerPort: 80}]}]
`,
    )
    .join('---\n');
}

/** A Service "web" in front of them; `spec` is in YAML's flow style. */
export function webService(spec: string, name = 'web', annotations = '{}'): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, annotations: ${annotations}}
spec: {selector: {app: web}, ports: [{port: 80}], ${spec}}
`;
}

/** A settled cluster with these manifests applied. */
export function clusterWith(
  texts: readonly string[],
  options: Parameters<typeof Cluster.create>[0] = {},
): Cluster {
  const cluster = Cluster.create({ seed: 3, nodeCount: 3, ...options });
  applyTo(cluster, texts);
  return cluster;
}

export function applyTo(cluster: Cluster, texts: readonly string[]): void {
  const { diagnostics } = cluster.apply([{ name: 'test.yaml', text: texts.join('---\n') }]);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  if (!cluster.runUntilSettled()) throw new Error('the cluster does not come to rest');
}

export interface Typed {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** Types a line into the terminal and runs until it has ended. */
export function type(cluster: Cluster, line: string): Typed {
  const id = 10_000 + ++lastLine;
  cluster.takeOutput();
  cluster.exec(String(id), line);
  const code = cluster.runUntilExit(String(id), 300 * SECOND);
  let out = '';
  let err = '';
  for (const piece of cluster.takeOutput()) {
    if (piece.type !== 'output' || piece.id !== id) continue;
    if (piece.stream === 'stdout') out += piece.text;
    else err += piece.text;
  }
  return { out, err, code };
}

/** What came of one request. */
export interface Reached {
  /** Pod that answered, or "" and how curl failed. */
  readonly pod: string;
  /** Source address that it saw. */
  readonly from: string;
  readonly code: number | null;
}

/** One request; by default from the client beyond the router. `via` is put before the curl. */
export function reach(cluster: Cluster, target: string, via = ''): Reached {
  const { out, code } = type(cluster, `${via}curl -s -m 3 http://${target}`);
  const pod = /^Hostname: (.*)$/m.exec(out)?.[1] ?? '';
  const from = /^RemoteAddr: (.*):\d+$/m.exec(out)?.[1] ?? '';
  return { pod, from, code };
}

/** Several requests, as the sets of pods and sources that were seen, and how many failed. */
export function reachMany(cluster: Cluster, target: string, times = 12) {
  const all = Array.from({ length: times }, () => reach(cluster, target));
  const set = (pick: (one: Reached) => string): string[] =>
    [...new Set(all.filter(({ code }) => code === 0).map(pick))].sort();
  return {
    pods: set(({ pod }) => pod),
    from: set(({ from }) => from),
    failed: all.filter(({ code }) => code !== 0).length,
  };
}

/** The address that a Service has got, or "". */
export function addressOf(cluster: Cluster, name = 'web'): string {
  const ingress = cluster.store.get('Service', 'default', name)?.status?.loadBalancer?.ingress?.[0];
  return ingress?.ip ?? ingress?.hostname ?? '';
}

export function nodeOfPod(cluster: Cluster, name: string): string {
  const pod: Pod | undefined = cluster.store.get('Pod', 'default', name);
  return pod?.spec.nodeName ?? '';
}

/** Runs on for some virtual seconds. */
export function wait(cluster: Cluster, seconds: number): void {
  cluster.runUntil(cluster.clock.nowNs + seconds * SECOND);
}

/** Reasons of the Events about a Service, in order, without repetition. */
export function reasonsFor(cluster: Cluster, name = 'web'): string[] {
  return cluster.store
    .list('Event', 'default')
    .filter(({ involvedObject }) => involvedObject.name === name && involvedObject.kind === 'Service')
    .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
    .map(({ reason }) => reason ?? '');
}
