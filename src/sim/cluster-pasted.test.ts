/** Manifests as they are pasted: what comes up on a real cluster comes up here, with images that nobody knows. */
import { expect, it } from 'vitest';
import { Cluster } from './cluster';
import type { Pod } from './api/kinds/pod';

/** "name ready/all phase" of the pods of namespace default, once the cluster is at rest or a time has passed. */
function pods(text: string, seconds = 60): string[] {
  const cluster = Cluster.create({});
  const results = cluster.apply([{ name: 'pasted.yaml', text }]);
  expect(results.diagnostics.filter((row) => row.severity === 'error')).toEqual([]);
  cluster.runUntil(cluster.clock.nowNs + seconds * 1e9);
  return cluster.store
    .list('Pod', 'default')
    .filter((pod) => pod.status?.phase !== undefined)
    .map((pod: Pod) => {
      const all = pod.status?.containerStatuses ?? [];
      const restarts = all.reduce((sum, row) => sum + (row.restartCount ?? 0), 0);
      const name = pod.metadata.name.replace(/-[a-z0-9]{5,10}(-[a-z0-9]{5})?$/, '');
      return `${name} ${all.filter((row) => row.ready).length}/${all.length} ${pod.status?.phase}${restarts > 0 ? ' restarted' : ''}`;
    });
}

const pod = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: ${spec}\n---\n`;

it('brings up probes that call clients and commands of their image', () => {
  const text =
    pod(
      'grpc',
      '{containers: [{name: c, image: example.com/acme/svc, ports: [{containerPort: 8080}], readinessProbe: {exec: {command: [/bin/grpc_health_probe, "-addr=:8080"]}}, livenessProbe: {exec: {command: [/app/alive]}}}]}',
    ) +
    pod(
      'redis',
      '{containers: [{name: c, image: redis, readinessProbe: {exec: {command: [sh, -c, "redis-cli ping | grep PONG"]}}}]}',
    ) +
    pod(
      'pg',
      '{containers: [{name: c, image: postgres, readinessProbe: {exec: {command: [pg_isready, -U, postgres]}}}]}',
    ) +
    pod(
      'tls',
      '{containers: [{name: c, image: acme/metrics, ports: [{containerPort: 10250, name: https}], readinessProbe: {httpGet: {port: https, scheme: HTTPS}}}]}',
    ) +
    pod('plain', '{containers: [{name: c, image: acme/metrics, readinessProbe: {httpGet: {port: 10254}}}]}') +
    pod(
      'wrong',
      '{containers: [{name: c, image: nginx, readinessProbe: {httpGet: {port: 80, scheme: HTTPS}}}]}',
    );
  expect(pods(text, 20)).toEqual(
    [
      'grpc 1/1 Running',
      'redis 1/1 Running',
      'pg 1/1 Running',
      'tls 1/1 Running',
      'plain 1/1 Running',
      'wrong 0/1 Running',
    ].sort(),
  );
});

it('ends init containers and Jobs, in their order, with what they wait for and prepare', () => {
  const text =
    pod(
      'web',
      `
  initContainers:
  - {name: migrate, image: example.com/acme/migrate}
  - {name: wait, image: postgres, command: [sh, -c, "until pg_isready -h db -p 5432; do sleep 1; done"]}
  - {name: own, image: busybox, command: [sh, -ec, "mkdir -p /d/www; echo hello > /d/www/index.html; chown -R 1:1 /d"], volumeMounts: [{name: d, mountPath: /d}]}
  containers:
  - {name: c, image: busybox, command: [sh, -c, "test -s /d/www/index.html && tail -f /dev/null"], volumeMounts: [{name: d, mountPath: /d}]}
  volumes: [{name: d, emptyDir: {}}]`,
    ) +
    pod('db', '{containers: [{name: c, image: "postgres:16"}]}') +
    'apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {selector: {app: db}, ports: [{port: 5432}]}\n---\n' +
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: etl}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: acme/etl}]}}}\n';
  expect(pods(text)).toEqual(['db 1/1 Running', 'etl 0/1 Succeeded', 'web 1/1 Running']);
});

it('has the Secret that another pod of the manifest makes', () => {
  const text =
    pod(
      'controller',
      '{containers: [{name: c, image: acme/controller, volumeMounts: [{name: w, mountPath: /w}]}], volumes: [{name: w, secret: {secretName: admission}}]}',
    ) +
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: create}\nspec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.5.0", args: [create, --namespace=default, --secret-name=admission]}]}}}\n';
  expect(pods(text)).toEqual(['controller 1/1 Running', 'create 0/1 Succeeded']);
});

it('listens where Services send when nobody lists ports', () => {
  const cluster = Cluster.create({});
  const service =
    'apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {selector: {app: app}, ports: [{port: 80, targetPort: 3000}]}\n';
  cluster.apply([
    {
      name: 'a.yaml',
      text:
        pod('app', '{containers: [{name: c, image: acme/app}]}') +
        pod('client', '{containers: [{name: c, image: curlimages/curl, command: [sleep, infinity]}]}') +
        service,
    },
  ]);
  cluster.runUntilSettled();
  cluster.exec('1', 'kubectl exec client -- curl -s http://app');
  cluster.runUntil(cluster.clock.nowNs + 5e9);
  expect(cluster.takeOutput().map((row) => ('text' in row ? row.text : ''))).toContain('app\n');
});
