import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ApiError } from '../api/errors';
import type { ApiObject } from '../api/object';
import { ApiServer } from '../api/server';
import { Store } from '../api/store';
import { Clock } from '../clock/clock';
import { applyFiles, checkFiles } from './apply';

const container = {
  name: 'c',
  image: 'nginx',
  ports: [{ name: 'http', containerPort: 80, hostPort: 80 }],
  env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  readinessProbe: { httpGet: { path: '/', port: 'http', httpHeaders: [{ name: 'a', value: 'b' }] } },
  lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
  resources: { limits: { cpu: 1, memory: '64Mi' }, requests: { cpu: '100m' } },
  volumeMounts: [{ name: 'v', mountPath: '/v' }],
};
const podSpec = {
  containers: [container],
  initContainers: [{ name: 'i', image: 'b' }],
  volumes: [
    { name: 'v', configMap: { name: 'c' } },
    { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
  ],
  tolerations: [{ key: 'k', operator: 'Exists' }],
  dnsConfig: { nameservers: ['1.1.1.1'], options: [{ name: 'ndots', value: '2' }] },
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
      },
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'h', labelSelector: {} }],
    },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }],
  hostAliases: [{ ip: '1.2.3.4', hostnames: ['a'] }],
};
const workload = {
  selector: { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] },
  template: { metadata: { labels: { app: 'a' } }, spec: podSpec },
};
const seedObjects = [
  ['v1', 'Pod', { spec: podSpec }],
  [
    'apps/v1',
    'Deployment',
    { spec: { ...workload, replicas: 2, strategy: { rollingUpdate: { maxSurge: 1 } } } },
  ],
  [
    'apps/v1',
    'StatefulSet',
    {
      spec: { ...workload, serviceName: 's', volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: {} }] },
    },
  ],
  ['apps/v1', 'DaemonSet', { spec: { ...workload, updateStrategy: { type: 'RollingUpdate' } } }],
  ['batch/v1', 'Job', { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } }],
  [
    'batch/v1',
    'CronJob',
    { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: podSpec } } } } },
  ],
  [
    'v1',
    'Service',
    {
      spec: {
        type: 'LoadBalancer',
        ports: [{ name: 'a', port: 80 }],
        clusterIPs: ['10.96.0.9'],
        externalIPs: ['1.2.3.4'],
        sessionAffinity: 'ClientIP',
      },
    },
  ],
  [
    'discovery.k8s.io/v1',
    'EndpointSlice',
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'z' }] } }],
      ports: [{ port: 80 }],
    },
  ],
  [
    'networking.k8s.io/v1',
    'Ingress',
    {
      spec: {
        defaultBackend: { service: { name: 's', port: { number: 1 } } },
        rules: [
          {
            host: 'a.b',
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { name: 'p' } } } },
              ],
            },
          },
        ],
        tls: [{ hosts: ['a.b'] }],
      },
    },
  ],
  [
    'networking.k8s.io/v1',
    'NetworkPolicy',
    {
      spec: {
        podSelector: {},
        ingress: [
          {
            from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
            ports: [{ port: 80, endPort: 90 }],
          },
        ],
        egress: [{ to: [{ namespaceSelector: {} }] }],
      },
    },
  ],
  [
    'gateway.networking.k8s.io/v1',
    'Gateway',
    {
      spec: {
        gatewayClassName: 'c',
        listeners: [
          {
            name: 'a',
            port: 443,
            protocol: 'HTTPS',
            tls: { certificateRefs: [{ name: 'x' }] },
            allowedRoutes: { namespaces: { from: 'All' } },
          },
        ],
      },
    },
  ],
  [
    'gateway.networking.k8s.io/v1',
    'HTTPRoute',
    {
      spec: {
        parentRefs: [{ name: 'g' }],
        rules: [
          {
            matches: [{ path: { value: '/a' }, headers: [{ name: 'h', value: 'v' }] }],
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
              },
            ],
            backendRefs: [{ name: 's', port: 80, filters: [] }],
            timeouts: { request: '1s', backendRequest: '1s' },
          },
        ],
      },
    },
  ],
  ['v1', 'ConfigMap', { data: { a: 'b' }, binaryData: { c: 'Yg==' } }],
  ['v1', 'Secret', { stringData: { a: 'ü' } }],
  [
    'v1',
    'Node',
    { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] }, status: { capacity: { cpu: '4' } } },
  ],
  [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    {
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'a' }, behavior: { scaleUp: {} } },
    },
  ],
] as const;
const objects = seedObjects.map(([apiVersion, kind, rest]) => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'default', labels: { a: 'b' }, ownerReferences: [] },
  ...rest,
}));

/** Places of an object, as lists of keys. */
function places(value: unknown, at: readonly string[] = []): string[][] {
  const here = at.length > 0 ? [[...at]] : [];
  if (typeof value !== 'object' || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...at, key]))];
}

const ODD = [undefined, null, {}, [], [null], [{}], 0, -1, 1.5, '', 'x', true, { x: null }, '10.0.0.1', ['']];

function damaged(object: object, path: readonly string[], value: unknown): ApiObject {
  const copy = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
  let inner: Record<string, unknown> = copy;
  for (const key of path.slice(0, -1)) inner = inner[key] as Record<string, unknown>;
  if (value === undefined && Array.isArray(inner)) inner.splice(Number(path.at(-1)), 1);
  else if (value === undefined) delete inner[path.at(-1)!];
  else inner[path.at(-1)!] = value;
  return copy as unknown as ApiObject;
}

function freshServer(): ApiServer {
  const store = new Store({ clock: new Clock(1) });
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return new ApiServer(store);
}

it('answers any damaged object with an object or a refusal', () => {
  const server = freshServer();
  for (const object of objects)
    for (const path of places(object)) {
      if (['apiVersion', 'kind', 'metadata', 'metadata.name'].includes(path.join('.'))) continue;
      const value = ODD[(path.join('.').length * 7 + path.length) % ODD.length];
      for (const odd of [value, null, undefined, {}, []])
        try {
          server.create(damaged(object, path, odd), { dryRun: true });
        } catch (error) {
          if (!(error instanceof ApiError))
            throw new Error(`${object.kind} ${path.join('.')} = ${JSON.stringify(odd)}: ${String(error)}`);
        }
    }
});

it('survives every kind of typing: cut, doubled and stray characters', () => {
  const whole = objects.map((object) => stringify(object)).join('---\n');
  const server = freshServer();
  const applied = applyFiles(server, [{ name: 'a.yaml', text: whole }]);
  expect(applied.rows.filter((row) => row.result === 'invalid')).toEqual([]);
  const before = server.store.list('Deployment');
  const edit = fc.record({
    at: fc.nat(whole.length - 1),
    drop: fc.nat(40),
    insert: fc.constantFrom(
      '',
      ':',
      ' ',
      '\n',
      '- ',
      '{',
      ']',
      '"',
      '&a ',
      '*a',
      '#',
      '\t',
      '|',
      'null',
      '---\n',
      '!!int ',
    ),
  });
  fc.assert(
    fc.property(edit, ({ at, drop, insert }) => {
      const text = whole.slice(0, at) + insert + whole.slice(at + drop);
      const { diagnostics } = checkFiles(server, [{ name: 'a.yaml', text }], applied.applied);
      const lines = text.split('\n').length;
      for (const { range } of diagnostics) {
        expect(range.line).toBeGreaterThanOrEqual(1);
        expect(range.endLine).toBeLessThanOrEqual(lines);
      }
    }),
    { numRuns: 80, seed: 4 },
  );
  // Checking leaves no trace.
  expect(server.store.list('Deployment')).toBe(before);
});
