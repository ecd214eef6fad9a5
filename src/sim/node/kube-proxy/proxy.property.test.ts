/** Laws of every mode over generated Services: fair shares, sticking, the way back, increments, origins. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import { refOf, type ApiObject } from '../../api/object';
import { Clock, MS, SECOND } from '../../clock/clock';
import { printTable } from '../../kernel/iptables/print';
import type { HookName, HookResult } from '../../kernel/netfilter/netfilter';
import { createNetfilter, type NetfilterState } from '../../kernel/netfilter/state';
import { elementText, printNftRule } from '../../kernel/nft/print';
import { addresses, tcp, through } from '../../testing/netfilter-host';
import type { Origin } from '../../trace/hop';
import type { Packet } from '../../trace/packet';
import { Bpf } from '../../kernel/bpf/maps';
import { EbpfAgent } from '../ebpf/agent';
import type { ProxyConfig } from './config';
import type { ProxyMode } from './modes';
import type { ObjectReader } from './service-map';
import { KubeProxy } from './proxier';

const MODES: readonly ProxyMode[] = ['iptables', 'nftables', 'ipvs'];
const NODE = '192.168.0.2';
const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

function clusterIp(name: string): string {
  return `10.96.0.${10 + name.charCodeAt(0) - 97}`;
}

const CONFIG: ProxyConfig = {
  family: 'IPv4',
  nodeName: 'node-1',
  nodeIp: NODE,
  nodeIps: [NODE],
  localDetector: { type: 'clusterCIDR', cidr: '10.244.0.0/16' },
  masqueradeAll: false,
  masqueradeBit: 14,
  nodePortAddresses: null,
  localhostNodePorts: false,
  nfacct: false,
  dropInvalid: true,
  randomFully: false,
  serviceCidrs: ['10.96.0.0/16'],
};

/** What a Service of the generated worlds may be; `n` keeps its node port and addresses its own. */
const KINDS = {
  cluster: () => ({}),
  port: (n: number) => ({ type: 'NodePort', ports: [{ ...HTTP, nodePort: 30_000 + n }] }),
  localPort: (n: number) => ({ ...KINDS.port(n), externalTrafficPolicy: 'Local' }),
  localInside: () => ({ internalTrafficPolicy: 'Local' }),
  sticky: () => ({ sessionAffinity: 'ClientIP' }),
  stickyBriefly: () => ({
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
  }),
  stickyPort: (n: number) => ({ ...KINDS.port(n), sessionAffinity: 'ClientIP' }),
  external: (n: number) => ({ externalIPs: [`203.0.113.${n}`] }),
  balanced: (n: number) => ({
    ...KINDS.port(n),
    type: 'LoadBalancer',
    loadBalancerSourceRanges: ['198.51.100.0/24', '192.168.0.0/24'],
    ingress: `203.0.113.${100 + n}`,
  }),
  udp: () => ({ ports: [{ ...HTTP, protocol: 'UDP' }] }),
  twoPorts: () => ({ ports: [HTTP, { name: 'more', port: 81, protocol: 'TCP' }] }),
};
const HTTP = { name: 'http', port: 80, protocol: 'TCP' };
type Kind = keyof typeof KINDS;

function service(name: string, kind: Kind, more: object = {}): ApiObject {
  const { ingress, ...spec } = KINDS[kind](name.charCodeAt(0)) as { ingress?: string };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type: 'ClusterIP', clusterIP: clusterIp(name), ports: [HTTP], ...spec, ...more },
    status: { loadBalancer: ingress === undefined ? {} : { ingress: [{ ip: ingress }] } },
  } as ApiObject;
}

interface Row {
  readonly host: number;
  readonly here: boolean;
  readonly state: 'ready' | 'leaving' | 'unready';
}

/** One slice; `owner` is the Service that its label names. */
function slice(name: string, owner: string, rows: readonly Row[]): EndpointSlice {
  const conditions = {
    ready: { ready: true, serving: true, terminating: false },
    leaving: { ready: false, serving: true, terminating: true },
    unready: { ready: false, serving: false, terminating: false },
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': owner } },
    addressType: 'IPv4',
    endpoints: rows.map(({ host, here, state }) => ({
      addresses: [`10.244.1.${host}`],
      conditions: conditions[state],
      nodeName: here ? 'node-1' : 'node-2',
    })),
    ports: [
      { name: 'http', port: 8080, protocol: 'TCP' },
      { name: 'http', port: 8080, protocol: 'UDP' },
      { name: 'more', port: 8081, protocol: 'TCP' },
    ],
  };
}

function ready(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => ({ host: i + 1, here: i % 2 === 0, state: 'ready' }));
}

/** Objects that come and go, and who hears of it. */
abstract class Objects {
  readonly clock = new Clock(3);
  private readonly objects = new Map<string, ApiObject>();
  readonly reader: ObjectReader = {
    list: (kind) => this.stored.filter((object) => object.kind === kind),
    get: (kind, namespace, name) => this.objects.get(`${kind}/${namespace}/${name}`),
    slicesOf: (_namespace, name) =>
      this.reader
        .list('EndpointSlice')
        .filter(
          ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name,
        ) as EndpointSlice[],
  };
  abstract readonly proxy: KubeProxy | EbpfAgent;

  get stored(): readonly ApiObject[] {
    return [...this.objects.values()];
  }

  set(object: ApiObject): void {
    const previous = this.objects.get(refOf(object));
    this.objects.set(refOf(object), object);
    this.tell({ type: 'MODIFIED', object, ...(previous ? { previous } : {}) });
  }

  remove(object: ApiObject): void {
    const last = this.objects.get(refOf(object));
    this.objects.delete(refOf(object));
    if (last !== undefined) this.tell({ type: 'DELETED', object: last });
  }

  private tell(event: Parameters<KubeProxy['keysFor']>[0]): void {
    for (const key of this.proxy.keysFor(event)) this.proxy.reconcile(key);
  }

  run(untilNs: number): void {
    for (let next = this.clock.peek(); next !== undefined && next.atNs <= untilNs; next = this.clock.peek())
      this.proxy.onTimer(this.clock.take()!.event);
    this.clock.advanceTo(untilNs);
  }

  /** Everything that has been written, in an order that does not tell when it was written. */
  abstract written(): string[];
  /** What the written things say they come from. */
  abstract origins(): Origin[];
}

/** A node's Cilium agent. */
class BpfWorld extends Objects {
  readonly bpf = new Bpf();
  readonly proxy = new EbpfAgent({
    clock: this.clock,
    store: this.reader,
    machine: { bpf: this.bpf },
    nodeName: 'node-1',
    devices: { wire: ['eth0'], inside: ['cni0'] },
  });

  static started(...objects: ApiObject[]): BpfWorld {
    const world = new BpfWorld();
    for (const object of objects) world.set(object);
    world.proxy.start([CONFIG]);
    world.run(SECOND);
    return world;
  }

  /** Numbers depend on who came first, so backends are named by their addresses. */
  written(): string[] {
    const { frontends, backends } = this.bpf.tables;
    const nameOf = (id: number) => JSON.stringify({ ...backends.get(id), id: 0 });
    const entries = [...frontends].map(
      ([key, { slots, ...rest }]) =>
        `${key} ${JSON.stringify({ ...rest, id: 0 })} ${slots.map(nameOf).join()}`,
    );
    return [...entries, ...[...backends.keys()].map(nameOf)].sort();
  }

  origins(): Origin[] {
    const { frontends, backends } = this.bpf.tables;
    return [...frontends.values(), ...backends.values()].flatMap(({ origin }) => origin ?? []);
  }
}

/** A node's proxy. */
class World extends Objects {
  readonly netfilter: NetfilterState;
  readonly bound = new Set<string>();
  readonly proxy: KubeProxy;

  constructor(readonly mode: ProxyMode) {
    super();
    const facts = {
      label: 'node-1/host',
      isLocalAddress: (ip: string) => ip === NODE || this.bound.has(ip),
      masqueradeAddress: () => NODE,
      sysctl: () => 0,
    };
    this.netfilter = createNetfilter(facts, { clock: this.clock });
    this.proxy = new KubeProxy({
      clock: this.clock,
      store: this.reader,
      machine: {
        netfilter: () => this.netfilter,
        setSysctl: () => undefined,
        addDummy: () => undefined,
        setUp: () => undefined,
        addAddress: (_netns, _device, cidr) => void this.bound.add(cidr.split('/')[0]!),
        deleteAddress: (_netns, _device, cidr) => void this.bound.delete(cidr.split('/')[0]!),
      },
      nodeName: 'node-1',
      mode,
      configs: [CONFIG],
    });
  }

  static started(mode: ProxyMode, ...objects: ApiObject[]): World {
    const world = new World(mode);
    for (const object of objects) world.set(object);
    world.proxy.start();
    world.run(SECOND);
    return world;
  }

  /** Takes a packet from a card through the hooks that its destination asks for. */
  pass(packet: Packet): HookResult {
    const first = through(this.netfilter, packet, ['prerouting']);
    const { dst } = first.skb.packet.ip!;
    const isHere = dst === NODE || this.bound.has(dst);
    const rest: HookName[] = isHere ? ['input', 'output', 'postrouting'] : ['forward', 'postrouting'];
    let result = first;
    for (const hook of rest) {
      if (result.verdict !== 'accept') break;
      result = this.netfilter.run(hook, { ...result.skb, outDevice: 'eth0' });
    }
    return result;
  }

  /** The address that a new connection ends up at; undefined when it ends on the way. */
  landing(from: string, to: string): string | undefined {
    const { verdict, skb } = this.pass(tcp(from, to, 'SYN'));
    return verdict === 'accept' ? skb.packet.ip!.dst : undefined;
  }

  written(): string[] {
    const { rules, nft, ipvs, sets } = this.netfilter;
    return [
      ...rules.names().flatMap((table) => printTable(table, rules.table(table))),
      ...nft
        .list()
        .flatMap(({ family, sets: held, chains }) => [
          ...[...held.values()].flatMap(({ name, isMap, elements, timeoutSeconds }) => [
            `set ${name} ${timeoutSeconds ?? ''}`,
            ...[...elements].map(([key, element]) => `${name} ${elementText(key, element, isMap)}`),
          ]),
          ...[...chains.values()].flatMap(({ name, rules: own }) => [
            `chain ${name}`,
            ...own.map((rule, i) => `${name} ${i} ${printNftRule(rule, family)}`),
          ]),
        ])
        .sort(),
      ...ipvs.list().map((server) => JSON.stringify(server)),
      ...sets
        .list()
        .flatMap(({ name, entries }) => [...entries.keys()].map((key) => `${name} ${key}`).sort()),
      ...[...this.bound].sort(),
    ];
  }

  origins(): Origin[] {
    const { rules, nft, ipvs, sets } = this.netfilter;
    const all: (Origin | null | undefined)[] = [
      ...rules.names().flatMap((table) => [...rules.table(table).values()].flatMap((chain) => chain.rules)),
      ...nft.list().flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules)),
      ...nft.list().flatMap((table) => [...table.sets.values()].flatMap((set) => [...set.elements.values()])),
      ...ipvs.list().flatMap((server) => [server, ...server.realServers]),
    ].map(({ origin }) => origin);
    const entries = sets.list().flatMap(({ entries: held }) => [...held.values()]);
    return [...all, ...entries].filter((origin) => origin != null);
  }
}

/** The value at a path such as "spec.ports[1]". */
function at(object: unknown, path = ''): unknown {
  const keys = path.split(/[.[\]]/).filter((key) => key !== '');
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

const ROWS = fc.uniqueArray(
  fc.record({
    host: fc.integer({ min: 1, max: 9 }),
    here: fc.boolean(),
    state: fc.constantFrom('ready' as const, 'ready' as const, 'leaving' as const, 'unready' as const),
  }),
  { maxLength: 5, selector: (row) => row.host },
);
const KIND = fc.constantFrom(...(Object.keys(KINDS) as Kind[]));
const NAME = fc.constantFrom(...NAMES);
const CHANGE = fc.oneof(
  fc.record({ what: fc.constant('service' as const), name: NAME, kind: KIND }),
  fc.record({ what: fc.constant('slice' as const), name: NAME, owner: NAME, rows: ROWS }),
  fc.record({ what: fc.constant('no service' as const), name: NAME }),
  fc.record({ what: fc.constant('no slice' as const), name: NAME }),
);
type Change = typeof CHANGE extends fc.Arbitrary<infer T> ? T : never;

function carryOut(world: Objects, change: Change): void {
  const { name } = change;
  if (change.what === 'service') world.set(service(name, change.kind));
  else if (change.what === 'slice') world.set(slice(`${name}-1`, change.owner, change.rows));
  else if (change.what === 'no service') world.remove(service(name, 'cluster'));
  else world.remove(slice(`${name}-1`, name, []));
}

describe('iptables mode', () => {
  it('gives each of n endpoints 1/n, as the printed texts say and as packets find', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), (n) => {
        const world = World.started('iptables', service('a', 'cluster'), slice('a-1', 'a', ready(n)));
        const lines = printTable('nat', world.netfilter.rules.table('nat')).filter((line) =>
          /^-A KUBE-SVC-\S+ .*-j KUBE-SEP-/.test(line),
        );
        let left = 1;
        for (const line of lines) {
          const share = left * Number(/--probability (\S+)/.exec(line)?.[1] ?? 1);
          expect(share).toBeCloseTo(1 / n, 8);
          left -= share;
        }
        expect(lines).toHaveLength(n);
        const hits = new Map<string, number>();
        const tries = 300 * n;
        for (let i = 0; i < tries; i++) {
          const to = world.landing(`10.244.9.9:${1024 + i}`, '10.96.0.10:80')!;
          hits.set(to, (hits.get(to) ?? 0) + 1);
        }
        // 300 expected hits each: more than five standard deviations away from them is not chance.
        expect([...hits.values()].every((count) => Math.abs(count - 300) < 90)).toBe(true);
        expect(hits.size).toBe(n);
      }),
      { numRuns: 5 },
    );
  });
});

describe.each(MODES)('%s mode', (mode) => {
  it('keeps a client at its endpoint until the timeout after its last connection, and no longer', () => {
    const timeouts = fc.oneof(fc.integer({ min: 2, max: 300 }), fc.constant(10_800));
    fc.assert(
      fc.property(
        timeouts,
        fc.array(fc.double({ min: 0.1, max: 0.999, noNaN: true }), { maxLength: 4 }),
        (timeout, gaps) => {
          const sessionAffinityConfig = { clientIP: { timeoutSeconds: timeout } };
          const sticky = service('a', 'sticky', { sessionAffinityConfig });
          const world = World.started(mode, sticky, slice('a-1', 'a', ready(4)));
          // Not a multiple of the endpoints, or rr would deal the same hand again.
          const clients = Array.from({ length: 23 }, (_, i) => `10.244.9.${i + 1}`);
          let port = 2000;
          const ask = () => clients.map((client) => world.landing(`${client}:${port}`, '10.96.0.10:80'));
          const first = ask();
          for (const gap of [...gaps, 0.999]) {
            port++;
            world.run(world.clock.nowNs + gap * timeout * SECOND);
            expect(ask()).toEqual(first);
          }
          port++;
          world.run(world.clock.nowNs + timeout * SECOND + MS);
          expect(ask()).not.toEqual(first);
          expect(new Set(first).size).toBeGreaterThan(1);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('finds the way back for every reply, also where sources clash', () => {
    const client = fc.constantFrom(
      '10.244.9.9',
      '10.244.1.1',
      '10.244.1.2',
      '192.168.0.7',
      '198.51.100.7',
      '198.51.100.8',
    );
    const target = fc.constantFrom<[Name, string]>(
      ['a', '10.96.0.10:80'],
      ['b', `${NODE}:30098`],
      ['b', '10.96.0.11:80'],
      ['c', '203.0.113.199:80'],
      ['c', `${NODE}:30099`],
    );
    const connections = fc.array(fc.tuple(client, fc.constantFrom(4000, 4001), target), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(ROWS, connections, (rows, wanted) => {
        const objects = [service('a', 'cluster'), service('b', 'port'), service('c', 'balanced')];
        const slices = NAMES.map((name) => slice(`${name}-1`, name, rows));
        const world = World.started(mode, ...objects, ...slices);
        const known = new Set<string>();
        const open: { from: string; to: string; arrived: Packet }[] = [];
        for (const [ip, port, [, to]] of wanted) {
          const from = `${ip}:${port}`;
          if (known.has(`${from} ${to}`)) continue;
          known.add(`${from} ${to}`);
          const { verdict, skb } = world.pass(tcp(from, to, 'SYN'));
          if (verdict === 'accept' && skb.packet.ip!.dst.startsWith('10.244.'))
            open.push({ from, to, arrived: skb.packet });
        }
        const seen = open.map(({ arrived }) => addresses(arrived));
        expect(new Set(seen).size).toBe(seen.length);
        for (const { from, to, arrived } of open) {
          const [source, sink] = addresses(arrived).split(' > ');
          const back = world.pass(tcp(sink!, source!, 'SYN', 'ACK'));
          expect(back.verdict).toBe('accept');
          expect(addresses(back.skb.packet)).toBe(`${to} > ${from}`);
        }
      }),
      { numRuns: 30 },
    );
  });
});

const STARTS: readonly (readonly [string, (...objects: ApiObject[]) => Objects])[] = [
  ...MODES.map((mode) => [mode, (...objects: ApiObject[]) => World.started(mode, ...objects)] as const),
  ['ebpf', (...objects) => BpfWorld.started(...objects)],
];

describe.each(STARTS)('%s mode', (_mode, start) => {
  it('writes by increments what it would write from scratch, each rule for an object that is there', () => {
    fc.assert(
      fc.property(
        fc.array(CHANGE, { minLength: 1, maxLength: 14 }),
        fc.integer({ min: 20, max: 2_500 }),
        (changes, paceMs) => {
          const grown = start();
          for (const change of changes) {
            carryOut(grown, change);
            grown.run(grown.clock.nowNs + paceMs * MS);
          }
          // nftables mode deletes in a later sync what it emptied; two more changes bring that about.
          for (const kind of ['cluster', 'port'] as const) {
            grown.run(grown.clock.nowNs + 4 * SECOND);
            grown.set(service('d', kind));
          }
          grown.run(grown.clock.nowNs + 4 * SECOND);
          const fresh = start(...grown.stored);
          expect(grown.written()).toEqual(fresh.written());
          const byRef = new Map(grown.stored.map((object) => [refOf(object), object]));
          for (const { ref, path } of grown.origins())
            expect(at(byRef.get(ref), path), `${ref} ${path}`).toBeDefined();
          const has = (part: string) => grown.origins().some(({ ref }) => ref.startsWith(part));
          expect(has('Service/')).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});
