import { beforeEach, describe, expect, it } from 'vitest';
import { Clock, SECOND } from '../clock/clock';
import type { ContainerSpec } from '../node/runtime';
import { FakeMachine } from '../testing/fake-machine';
import { Trace } from '../trace/trace';
import type { StoreLike } from '../dns/cluster-reader';
import { createCoredns } from './coredns';
import { PROGRAMS } from './index';
import { Processes } from './processes';

const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;
const RESOLV =
  'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';

let clock: Clock;
let trace: Trace;
let machine: FakeMachine;
let processes: Processes;
let output: Record<string, string>;
let exits: Record<string, number>;
let notices: { type: string; [key: string]: unknown }[];
let objects: { kind: string; metadata: { name: string; namespace?: string }; [more: string]: unknown }[];

const store: StoreLike = {
  get: (kind, namespace, name) =>
    objects.find(
      (o) => o.kind === kind && (o.metadata.namespace ?? '') === namespace && o.metadata.name === name,
    ),
  list: (kind, namespace) =>
    objects.filter((o) => o.kind === kind && (namespace === undefined || o.metadata.namespace === namespace)),
};

function spec(name: string, ip: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  machine.addPod(name, ip);
  return {
    machine: 'node-1',
    netns: name,
    podRef: `Pod/default/${name}`,
    container: 'main',
    image: 'example/app:1',
    env: {},
    ports: [],
    annotations: {},
    labels: {},
    podName: name,
    namespace: 'default',
    podIPs: [ip],
    nodeName: 'node-1',
    hostname: name,
    resolvConf: RESOLV,
    hosts: `127.0.0.1 localhost\n${ip} ${name}\n`,
    replyTo: 'kubelet',
    ...more,
  };
}

function start(name: string, ip: string, more: Partial<ContainerSpec> = {}): string {
  const result = processes.start(spec(name, ip, more));
  if ('error' in result) throw new Error(result.error);
  return result.handle;
}

function run(ns: number): void {
  const until = clock.nowNs + ns;
  for (;;) {
    const next = clock.peek();
    if (next === undefined || next.atNs > until) break;
    const timer = clock.take()!;
    if (timer.to === 'processes') processes.handle(timer.event, timer);
    else notices.push(timer.event);
  }
  clock.advanceTo(until);
}

function exec(handle: string, line: string, ns = 10 * SECOND): string {
  const session = `s${Object.keys(exits).length}-${line}`;
  const result = processes.execIn(
    { handle },
    line.match(/'[^']*'|\S+/g)!.map((w) => w.replace(/^'|'$/g, '')),
    session,
  );
  if (typeof result === 'object') return result.error;
  run(ns);
  return `${output[session] ?? ''}[${exits[session] ?? 'running'}]`;
}

beforeEach(() => {
  clock = new Clock(1);
  trace = new Trace();
  machine = new FakeMachine(clock);
  machine.vips.set('10.96.0.10', '10.244.0.2');
  machine.vips.set('10.96.0.42', '10.244.1.5');
  output = {};
  exits = {};
  notices = [];
  objects = [
    { kind: 'Namespace', metadata: { name: 'default' } },
    {
      kind: 'Service',
      metadata: { name: 'backend', namespace: 'default' },
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.96.0.42',
        clusterIPs: ['10.96.0.42'],
        ports: [{ port: 80, protocol: 'TCP' }],
      },
    },
  ];
  processes = new Processes({
    clock,
    trace,
    machineOf: () => machine.api,
    programs: [...PROGRAMS, createCoredns(store)],
    onOutput: (session, _stream, text) => void (output[session] = (output[session] ?? '') + text),
    onExit: (session, code) => void (exits[session] = code),
  });
});

function bootCluster(): void {
  start('coredns', '10.244.0.2', {
    image: 'registry.k8s.io/coredns/coredns:v1.13.1',
    args: ['-conf', '/etc/coredns/Corefile'],
    files: { '/etc/coredns/Corefile': COREFILE },
    resolvConf: 'nameserver 192.0.2.53\n',
  });
  start('outside', '192.0.2.53', { image: 'x', command: ['outside-dns'] });
  run(SECOND);
}

describe('a small shop', () => {
  it('resolves through CoreDNS and calls the backend', () => {
    bootCluster();
    start('backend', '10.244.1.5', { ports: [{ containerPort: 80, protocol: 'TCP' }] });
    const client = start('client', '10.244.1.6', {
      image: 'curlimages/curl',
      command: ['sleep'],
      args: ['infinity'],
    });
    expect(exec(client, 'curl -s http://backend')).toBe('backend\n[0]');
    expect([...trace.requests.values()].map((r) => [r.what, r.outcome?.text])).toEqual([
      ['GET http://backend/', '200 OK from backend'],
    ]);
  });
  it('asks the outside for what is not in the cluster, and walks the search list on the way', () => {
    bootCluster();
    start('web', '203.0.113.80', { image: 'x', command: ['outside-http'] });
    const client = start('client', '10.244.1.6', {
      image: 'nicolaka/netshoot',
      command: ['sleep'],
      args: ['infinity'],
    });
    expect(exec(client, 'curl -s -o /dev/null -w %{http_code} http://example.com')).toBe('200[0]');
    const asked = machine.sent.filter((line) => line.startsWith('A? '));
    expect(asked.slice(0, 5)).toEqual([
      'A? example.com.default.svc.cluster.local.',
      'A? example.com.svc.cluster.local.',
      'A? example.com.cluster.local.',
      'A? example.com.',
      'A? example.com.',
    ]);
  });
  it('calls again and again by annotation', () => {
    bootCluster();
    start('backend', '10.244.1.5', { ports: [{ containerPort: 80, protocol: 'TCP' }] });
    const handle = start('frontend', '10.244.1.7', {
      annotations: { 'hopyard.dev/call': 'http://backend:80', 'hopyard.dev/call-every': '1s' },
    });
    run(5 * SECOND);
    const calls = processes.logs(handle).filter((line) => line.startsWith('GET '));
    expect(calls.length).toBeGreaterThanOrEqual(4);
    expect(calls[0]).toMatch(/^GET http:\/\/backend:80 200 OK from backend \(\d+\.\d ms\)$/);
  });
});

describe('curl', () => {
  it.each([
    ['curl http://nope', 'curl: (6) Could not resolve host: nope\n[6]'],
    [
      'curl http://10.244.9.9:81',
      "curl: (7) Failed to connect to 10.244.9.9 port 81 after 1 ms: Couldn't connect to server\n[7]",
    ],
    ['curl -m 5 http://10.99.99.99', 'curl: (28) Connection timed out after 5001 milliseconds\n[28]'],
    ['curl -s --connect-timeout 2 http://10.99.99.99', '[28]'],
    [
      'curl',
      "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n[2]",
    ],
    ['curl -f -s -S http://10.244.1.5/missing', 'curl: (22) The requested URL returned error: 404\n[22]'],
    ['curl -s -I http://10.244.1.5', /^HTTP\/1\.1 200 OK\nServer: nginx\/1\.27\.4\n[^]*\n\n\[0\]$/],
    ['curl -s -w %{http_code}:%{time_total} -o /dev/null http://10.244.1.5', /^200:0\.00\d{4}\[0\]$/],
  ])('%s', (line, expected) => {
    bootCluster();
    machine.blackholes.add('10.99.99.99');
    start('web', '10.244.1.5', { image: 'nginx:1.27.4' });
    const client = start('client', '10.244.1.6', {
      image: 'curlimages/curl',
      command: ['sleep'],
      args: ['infinity'],
    });
    run(SECOND);
    const got = exec(client, line);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatch(expected);
  });
});

describe('containers', () => {
  it('ends with the exit of its first process and tells the kubelet', () => {
    const handle = start('once', '10.244.1.8', { image: 'busybox' });
    run(SECOND);
    expect(notices).toEqual([{ type: 'container-exited', handle, exitCode: 0, reason: 'Completed' }]);
    expect(processes.isRunning(handle)).toBe(false);
  });
  it("refuses a command that the image does not have, in runc's words", () => {
    const result = processes.start(spec('bad', '10.244.1.9', { image: 'busybox', command: ['/app'] }));
    expect(result).toMatchObject({
      error: expect.stringContaining('exec: "/app": stat /app: no such file or directory'),
    });
    const client = start('who', '10.244.1.9', { image: 'traefik/whoami' });
    expect(exec(client, 'sh')).toBe('exec: "sh": executable file not found in $PATH');
  });
  it('sleep as first process ignores TERM and dies of KILL', () => {
    const handle = start('sleeper', '10.244.1.8', { image: 'busybox', command: ['sleep', '3600'] });
    run(SECOND);
    processes.signal(handle, 'TERM');
    run(SECOND);
    expect(processes.isRunning(handle)).toBe(true);
    processes.signal(handle, 'KILL');
    run(SECOND);
    expect(notices).toMatchObject([{ type: 'container-exited', exitCode: 137, reason: 'Error' }]);
  });
  it('restores from a keyframe', () => {
    bootCluster();
    start('backend', '10.244.1.5', { ports: [{ containerPort: 80, protocol: 'TCP' }] });
    run(SECOND);
    const frame = processes.keyframe();
    const before = processes.isRunning('x');
    processes.restore(frame);
    expect(processes.isRunning('x')).toBe(before);
    expect(processes.keyframe()).toEqual(frame);
  });
});
