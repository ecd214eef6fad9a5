import { beforeEach, describe, expect, it } from 'vitest';
import { Clock } from '../clock/clock';
import type { ApiError } from './errors';
import type { Pod } from './kinds/pod';
import type { Service } from './kinds/service';
import type { Deployment } from './kinds/workload';
import type { ApiObject } from './object';
import { ApiServer } from './server';
import { Store } from './store';

let store: Store;
let server: ApiServer;

beforeEach(() => {
  store = new Store({ clock: new Clock(11) });
  server = new ApiServer(store);
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
});

const GROUPS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  Ingress: 'networking.k8s.io/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
  GRPCRoute: 'gateway.networking.k8s.io/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
};
const make = (kind: string, spec: object, name = 'web'): ApiObject => ({
  apiVersion: GROUPS[kind] ?? 'v1',
  kind,
  metadata: { name, namespace: 'default' },
  spec,
});
const service = (spec: object, name = 'web') => server.create(make('Service', spec, name)) as Service;
const deployment = (spec: object = {}) =>
  make('Deployment', {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    ...spec,
  });
const said = (object: ApiObject): string => {
  try {
    server.create(object);
    return 'valid';
  } catch (error) {
    return (error as ApiError).message;
  }
};

describe('refusals, word for word', () => {
  it.each<[string, object, string]>([
    ['Service', { ports: [] }, 'Service "web" is invalid: spec.ports: Required value'],
    [
      'Service',
      { ports: [{ port: 80, targetPort: '80' }] },
      'Service "web" is invalid: spec.ports[0].targetPort: Invalid value: "80": must contain at least one letter (a-z)',
    ],
    [
      'Service',
      { ports: [{ port: 80, protocol: 'tcp' }, { port: 81 }] },
      'Service "web" is invalid: [spec.ports[0].name: Required value, spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP", spec.ports[1].name: Required value]',
    ],
    [
      'Service',
      { prots: [] },
      'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.prots"',
    ],
    [
      'Service',
      { ports: [{ port: '80', x: 1 }], y: 1 },
      'Service in version "v1" cannot be handled as a Service: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
    ],
    [
      'Pod',
      { containers: [{ name: 'c', image: 'x', readinessProbe: { httpGet: { port: 0 } } }] },
      'Pod "web" is invalid: spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      'NetworkPolicy',
      { ingress: [{ ports: [{ port: 90, endPort: 80 }] }] },
      'NetworkPolicy.networking.k8s.io "web" is invalid: spec.ingress[0].ports[0].endPort: Invalid value: 90: must be greater than or equal to `port`',
    ],
    [
      'Ingress',
      { rules: [{ http: { paths: [{ path: '/', backend: {} }] } }] },
      'Ingress.networking.k8s.io "web" is invalid: spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ],
    [
      'HTTPRoute',
      { rules: [{ backendRefs: [{ name: 'a' }] }] },
      'HTTPRoute.gateway.networking.k8s.io "web" is invalid: spec.rules[0].backendRefs[0]: Invalid value: "object": Must have port for Service reference',
    ],
  ])('%s %j', (kind, spec, message) => expect(said(make(kind, spec))).toBe(message));

  it('of a Deployment whose selector misses its template', () => {
    expect(said(deployment({ selector: { matchLabels: { app: 'api' } } }))).toBe(
      'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    );
  });

  it('of namespaces that are not there or are going', () => {
    const lost = { ...deployment(), metadata: { name: 'web', namespace: 'shop' } };
    expect(said(lost)).toBe('namespaces "shop" not found');
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    server.delete('Namespace', '', 'shop');
    expect(said(lost)).toBe(
      'deployments.apps "web" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
  });
});

describe('defaults', () => {
  it('of a Service, its family and its address', () => {
    const made = service({ ports: [{ port: 80 }] });
    expect(made.spec).toMatchObject({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
    expect(made.spec.clusterIPs).toEqual([made.spec.clusterIP]);
    expect(made.status).toEqual({ loadBalancer: {} });
  });

  it('of a Pod that a component stores', () => {
    const spec = {
      containers: [{ name: 'c', image: 'nginx:1', resources: { limits: { cpu: 1, memory: '64Mi' } } }],
    };
    const pod = store.create(make('Pod', spec)) as Pod;
    expect(pod.spec).toMatchObject({
      serviceAccountName: 'default',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      containers: [
        { imagePullPolicy: 'IfNotPresent', resources: { requests: { cpu: '1', memory: '64Mi' } } },
      ],
    });
    expect(pod.spec.tolerations?.map((one) => one.tolerationSeconds)).toEqual([300, 300]);
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
  });

  it('drop a status that a client sends', () => {
    const made = server.create({ ...deployment(), status: { replicas: 9 } });
    expect(made.status).toBeUndefined();
  });
});

describe('allocation', () => {
  it('takes addresses and node ports from the upper band', () => {
    const used = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const { spec } = service({ type: 'NodePort', ports: [{ port: 80 }] }, `s${i}`);
      const [, , third, fourth] = spec.clusterIP!.split('.').map(Number);
      expect(third! * 256 + fourth!).toBeGreaterThan(256);
      expect(spec.ports![0]!.nodePort).toBeGreaterThanOrEqual(30_086);
      used.add(`${spec.clusterIP}`).add(`${spec.ports![0]!.nodePort}`);
    }
    expect(used.size).toBe(400);
  });

  it('refuses what is taken or out of range, and gives it out again once it is free', () => {
    service({ clusterIP: '10.96.0.50', type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 }] }, 'a');
    expect(said(make('Service', { clusterIP: '10.96.0.50', ports: [{ port: 80 }] }))).toBe(
      'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.50"]: failed to allocate IP 10.96.0.50: provided IP is already allocated',
    );
    expect(said(make('Service', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 }] }))).toBe(
      'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated',
    );
    expect(said(make('Service', { clusterIP: '10.97.0.1', ports: [{ port: 80 }] }))).toContain(
      'the provided network does not match the current range',
    );
    const frame = store.keyframe();
    server.delete('Service', 'default', 'a');
    expect(service({ clusterIP: '10.96.0.50', ports: [{ port: 80 }] }, 'b').spec.clusterIP).toBe(
      '10.96.0.50',
    );
    store.restore(frame);
    expect(store.taken.ip('10.96.0.50')).toBe('default/a');
  });

  it('gives one address of each family on a dual-stack cluster', () => {
    const dual = new ApiServer(new Store({ clock: new Clock(3) }), {
      serviceCidrs: ['10.96.0.0/16', 'fd00:10:96::/112'],
      nodePorts: [30_000, 32_767],
    });
    dual.store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
    const of = (spec: object, name: string) =>
      (dual.create(make('Service', { ports: [{ port: 80 }], ...spec }, name)) as Service).spec;
    expect(of({}, 'a').ipFamilies).toEqual(['IPv4']);
    const both = of({ ipFamilyPolicy: 'PreferDualStack' }, 'b');
    expect([both.ipFamilies, both.clusterIPs?.length]).toEqual([['IPv4', 'IPv6'], 2]);
    expect(both.clusterIPs![1]).toMatch(/^fd00:10:96::/);
    const six = of({ ipFamilies: ['IPv6'], ipFamilyPolicy: 'RequireDualStack' }, 'c');
    expect([six.ipFamilies, six.clusterIP]).toEqual([['IPv6', 'IPv4'], six.clusterIPs![0]]);
  });

  it('shares one node port between protocols, gives a health port to Local load balancers', () => {
    const both = [
      { name: 'a', port: 53 },
      { name: 'b', port: 53, protocol: 'UDP' },
    ];
    const [tcp, udp] = service({ type: 'NodePort', ports: both }, 'dns').spec.ports!;
    expect(udp!.nodePort).toBe(tcp!.nodePort);
    const local = service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] });
    expect(local.spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    expect(
      service({ clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] }, 'h').spec.clusterIPs,
    ).toEqual(['None']);
  });
});

describe('updates', () => {
  it('keep what was allocated, and drop it with a change of type', () => {
    const made = service({ type: 'NodePort', ports: [{ name: 'http', port: 80 }] });
    const again = server.update(
      make('Service', { type: 'NodePort', ports: [{ name: 'http', port: 81 }] }),
    ) as Service;
    expect(again.spec.clusterIP).toBe(made.spec.clusterIP);
    expect(again.spec.ports![0]!.nodePort).toBe(made.spec.ports![0]!.nodePort);
    const plain = server.patch('Service', 'default', 'web', (s) => ({
      ...s,
      spec: { ...s.spec, type: 'ClusterIP' },
    })) as Service;
    expect(plain.spec.ports![0]!.nodePort).toBeUndefined();
    const named = server.update(make('Service', { type: 'ExternalName', externalName: 'a.b' })) as Service;
    expect(named.spec.clusterIP).toBeUndefined();
    expect(store.taken.ip(made.spec.clusterIP!)).toBeUndefined();
  });

  it('may not change addresses, selectors and most of a pod', () => {
    service({ ports: [{ port: 80 }] });
    const move = () => server.update(make('Service', { clusterIP: '10.96.0.77', ports: [{ port: 80 }] }));
    expect(move).toThrow('spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set');
    server.create(deployment());
    const labels = { app: 'api' };
    const other = deployment({
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    });
    expect(() => server.update(other)).toThrow(
      'spec.selector: Invalid value: {"matchLabels":{"app":"api"}}: field is immutable',
    );
    server.create(make('Pod', { containers: [{ name: 'c', image: 'a' }] }));
    server.patch('Pod', 'default', 'web', (p) => ({
      ...p,
      spec: { ...p.spec, containers: p.spec.containers.map((c) => ({ ...c, image: 'b' })) },
    }));
    const rename = () =>
      server.patch('Pod', 'default', 'web', (p) => ({ ...p, spec: { ...p.spec, hostname: 'x' } }));
    expect(rename).toThrow('pod updates may not change fields other than');
  });

  it('scale, and refuse a negative number', () => {
    server.create(deployment());
    expect((server.scale('Deployment', 'default', 'web', 3) as Deployment).spec.replicas).toBe(3);
    expect(() => server.scale('Deployment', 'default', 'web', -1)).toThrow(
      'spec.replicas: Invalid value: -1',
    );
  });
});

describe('apply', () => {
  it('tells created, configured and unchanged apart, and writes the annotation', () => {
    const first = server.apply(deployment());
    expect(first.result).toBe('created');
    expect(first.object.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/last-applied-configuration':
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{},"name":"web","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"nginx","name":"c"}]}}}}\n',
    });
    const same = deployment();
    expect(server.apply(same).result).toBe('unchanged');
    store.updateStatus({ ...store.get('Deployment', 'default', 'web')!, status: { replicas: 1 } });
    expect(server.apply(same).result).toBe('unchanged');
    server.scale('Deployment', 'default', 'web', 5);
    expect(server.apply(same).result).toBe('unchanged');
    expect(server.apply(deployment({ replicas: 2 })).result).toBe('configured');
    expect(server.apply(same).result).toBe('configured');
    // The field that is no longer written is gone, so the default comes back.
    expect(store.get('Deployment', 'default', 'web')!.spec.replicas).toBe(1);
  });

  it('turns RollingUpdate into Recreate, and merges containers and ports by what names them', () => {
    server.apply(deployment());
    const recreate = deployment({ strategy: { type: 'Recreate' } });
    expect((server.apply(recreate).object as Deployment).spec.strategy).toEqual({ type: 'Recreate' });
    const made = server.apply(make('Service', { type: 'NodePort', ports: [{ name: 'a', port: 80 }] }))
      .object as Service;
    const ports = [
      { name: 'b', port: 81 },
      { name: 'a', port: 80, targetPort: 8080 },
    ];
    const two = server.apply(make('Service', { type: 'NodePort', ports })).object as Service;
    expect(two.spec.ports?.map((port) => port.name)).toEqual(['b', 'a']);
    expect(two.spec.ports![1]!.nodePort).toBe(made.spec.ports![0]!.nodePort);
  });

  it('words a refused patch with the patch', () => {
    server.apply(make('Service', { ports: [{ port: 80 }] }));
    const twisted = make('Service', { ports: [{ port: 80, targetport: 8080 }] });
    const quoted = (text: string) => text.replace(/[\\"]/g, (c) => `\\${c}`);
    const last = quoted(
      '{"apiVersion":"v1","kind":"Service","metadata":{"annotations":{},"name":"web","namespace":"default"},"spec":{"ports":[{"port":80,"targetport":8080}]}}',
    );
    expect(() => server.apply(twisted)).toThrow(
      ` "" is invalid: patch: Invalid value: "map[metadata:map[annotations:map[kubectl.kubernetes.io/last-applied-configuration:${last}\\n]] spec:map[$setElementOrder/ports:[map[port:80]] ports:[map[port:80 targetport:8080]]]]": strict decoding error: unknown field "spec.ports[0].targetport"`,
    );
  });

  it('replaces the lists of custom resources', () => {
    const route = (rules: object[]) => make('HTTPRoute', { parentRefs: [{ name: 'g' }], rules });
    const rule = (name: string, path: string) => ({ name, matches: [{ path: { value: path } }] });
    server.apply(route([rule('a', '/a'), rule('b', '/b')]));
    const after = server.apply(route([rule('b', '/b')])).object as unknown as {
      spec: { rules: { name: string }[] };
    };
    expect(after.spec.rules.map((one) => one.name)).toEqual(['b']);
  });

  it('tells doubles and bad names of the Gateway API', () => {
    const refused = (kind: string, spec: object) => {
      try {
        return server.create(make(kind, spec)).kind;
      } catch (error) {
        return (error as Error).message.replace(/^.*?is invalid: /, '');
      }
    };
    const modifier = { remove: ['a', 'a'] };
    expect(
      refused('HTTPRoute', {
        rules: [{ filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: modifier }] }],
      }),
    ).toBe('spec.rules[0].filters[0].requestHeaderModifier.remove[1]: Duplicate value: "a"');
    expect(refused('GRPCRoute', { rules: [{ matches: [{ method: { method: 'a b' } }] }] })).toBe(
      'spec.rules[0].matches[0].method: Invalid value: "object": method must only contain valid characters (matching ^[A-Za-z_][A-Za-z_0-9]*$)',
    );
    expect(
      refused('Gateway', {
        gatewayClassName: 'a',
        addresses: [{ value: '10.0.0.1' }, { value: '10.0.0.1' }],
        listeners: [{ name: 'a', port: 80, protocol: 'HTTP' }],
      }),
    ).toBe('spec.addresses: Invalid value: "array": IPAddress values must be unique');
  });

  it('warns of an object that was not made by apply', () => {
    server.create(deployment());
    const { result, warnings } = server.apply(deployment());
    expect(result).toBe('configured');
    expect(warnings[0]).toMatch(
      /^resource deployments\/web is missing the kubectl.kubernetes.io\/last-applied/,
    );
  });
});
