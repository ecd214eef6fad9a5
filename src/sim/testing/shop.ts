/**
 * A cluster of one fake machine for tests of programs: a process table, CoreDNS, an outside resolver, and ways to start
 * containers and type commands.
 */
import { Clock, SECOND } from '../clock/clock';
import type { StoreLike } from '../dns/cluster-reader';
import type { ContainerSpec } from '../node/runtime';
import { createCoredns } from '../programs/coredns';
import { PROGRAMS } from '../programs/index';
import { Processes } from '../programs/processes';
import { Trace } from '../trace/trace';
import { FakeMachine } from './fake-machine';

/** The Corefile of kubeadm. */
export const COREFILE = `.:53 {
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

export interface ShopObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: object };
  readonly [more: string]: unknown;
}

export class Shop {
  readonly clock = new Clock(1);
  readonly trace = new Trace();
  readonly machine = new FakeMachine(this.clock);
  readonly processes: Processes;
  readonly notices: { type: string; [key: string]: unknown }[] = [];
  readonly objects: ShopObject[] = [];
  private readonly output: Record<string, string> = {};
  private readonly exits: Record<string, number> = {};
  private sessions = 0;

  constructor() {
    const store: StoreLike = {
      get: (kind, namespace, name) =>
        this.objects.find(
          (o) => o.kind === kind && (o.metadata.namespace ?? '') === namespace && o.metadata.name === name,
        ),
      list: (kind, namespace) =>
        this.objects.filter(
          (o) => o.kind === kind && (namespace === undefined || o.metadata.namespace === namespace),
        ),
    };
    this.processes = new Processes({
      clock: this.clock,
      trace: this.trace,
      machineOf: () => this.machine.api,
      programs: [...PROGRAMS, createCoredns(store)],
      onOutput: (session, _stream, text) => void (this.output[session] = (this.output[session] ?? '') + text),
      onExit: (session, code) => void (this.exits[session] = code),
    });
  }

  /** Starts CoreDNS behind 10.96.0.10 and the outside resolver, and lets them come up. */
  boot(corefile = COREFILE): void {
    this.machine.vips.set('10.96.0.10', '10.244.0.2');
    this.objects.push({ kind: 'Namespace', metadata: { name: 'default' } });
    this.start('coredns', '10.244.0.2', {
      image: 'registry.k8s.io/coredns/coredns:v1.13.1',
      args: ['-conf', '/etc/coredns/Corefile'],
      files: { '/etc/coredns/Corefile': corefile },
      resolvConf: 'nameserver 192.0.2.53\n',
    });
    this.start('outside', '192.0.2.53', { image: 'x', command: ['outside-dns'] });
    this.run(SECOND);
  }

  /** A Service with this ClusterIP in front of this address. */
  service(name: string, clusterIP: string, ip: string): void {
    this.machine.vips.set(clusterIP, ip);
    this.objects.push({
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP], ports: [{ port: 80, protocol: 'TCP' }] },
    });
  }

  spec(name: string, ip: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
    this.machine.addPod(name, ip);
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
      resolvConf:
        'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
      hosts: `127.0.0.1 localhost\n${ip} ${name}\n`,
      replyTo: 'kubelet',
      ...more,
    };
  }

  /** Starts a container and returns its handle. */
  start(name: string, ip: string, more: Partial<ContainerSpec> = {}): string {
    const result = this.processes.start(this.spec(name, ip, more));
    if ('error' in result) throw new Error(result.error);
    return result.handle;
  }

  /** A container of an image that only sleeps, for typing commands in. */
  client(image: string, ip = '10.244.1.6'): string {
    return this.start('client', ip, { image, command: ['sleep'], args: ['infinity'] });
  }

  run(ns: number): void {
    const until = this.clock.nowNs + ns;
    for (;;) {
      const next = this.clock.peek();
      if (next === undefined || next.atNs > until) break;
      const timer = this.clock.take()!;
      if (timer.to === 'processes') this.processes.handle(timer.event, timer);
      else this.notices.push(timer.event);
    }
    this.clock.advanceTo(until);
  }

  /** Starts a command line (single quotes hold words together); returns its session. */
  type(handle: string, line: string): string {
    const session = `s${++this.sessions}`;
    const words = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ''));
    const result = this.processes.execIn({ handle }, words, session);
    if (typeof result === 'object') this.output[session] = result.error;
    return session;
  }

  /** What a session has printed so far, and its exit code or "running" in brackets. */
  shown(session: string): string {
    return `${this.output[session] ?? ''}[${this.exits[session] ?? 'running'}]`;
  }

  /** Runs a command line to its end, or for `ns`. */
  exec(handle: string, line: string, ns = 10 * SECOND): string {
    const session = this.type(handle, line);
    this.run(ns);
    return this.shown(session);
  }
}
