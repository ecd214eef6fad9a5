/** The lab in the simulator: machines, the proxy of n1, and programs that answer with who they are and whom they saw. */
import { Clock, MS, SECOND, type Timer } from '../../sim/clock/clock';
import { printTable } from '../../sim/kernel/iptables/print';
import { Machine } from '../../sim/kernel/machine';
import type { PeerAddress, SocketEvent } from '../../sim/kernel/machine-api';
import { createNetfilter, netfilterState, type NetfilterState } from '../../sim/kernel/netfilter/state';
import { printNftCommands } from '../../sim/kernel/nft/commands';
import type { ProxyMode } from '../../sim/node/kube-proxy/modes';
import { KubeProxy } from '../../sim/node/kube-proxy/proxier';
import type { AppPayload } from '../../sim/trace/packet';
import { Trace } from '../../sim/trace/trace';
import { Underlay } from '../../sim/underlay';
import {
  CLIENTS_OUTSIDE,
  HOSTS,
  objects,
  proxyConfig,
  ROUTED_TO_N1,
  TCP_PORTS,
  UDP_PORTS,
  type LabHost,
  type LabOptions,
  type Question,
} from './lab';

const HELLO: AppPayload = { type: 'app', protocol: 'data', summary: 'hello', bytes: 5, body: null };
const APPS = 'apps';
const GATEWAY = '10.244.N.1';

/** What a try came to, as the real lab words it too: "b:8080 <- 10.244.1.1", "refused", "timeout" or an errno. */
type Outcome = string;

export class SimulatedLab {
  private readonly clock = new Clock(5);
  private readonly trace = new Trace({ keepPackets: 50 });
  private readonly underlay = new Underlay(this.clock, this.trace);
  private readonly machines = new Map<string, Machine>();
  private readonly proxy: KubeProxy;
  private lastTry = 0;
  /** By try: what the server saw, and how it ended. */
  private readonly seen = new Map<number, Outcome>();
  private readonly ended = new Map<number, Outcome>();

  constructor(
    private readonly mode: ProxyMode,
    options: LabOptions,
  ) {
    ['n1', 'n2', 'out'].forEach((name, i) => this.addMachine(name, i));
    for (const host of HOSTS) if (host.node !== undefined) this.addPod(host, host.node);
    this.addRoutes();
    for (const host of HOSTS) this.startServers(host);
    this.proxy = this.createProxy(options);
    this.proxy.start();
    this.run(2 * SECOND);
  }

  /** What iptables-restore or `nft -f` is to be given for the rules of n1. */
  rules(): string[] {
    const state = this.netfilter;
    if (this.mode === 'nftables') return state.nft.list().flatMap(printNftCommands);
    return state.rules.names().flatMap((table) => printTable(table, state.rules.table(table)));
  }

  sysctl(name: string): number {
    return this.machine('n1').sysctl('host', name);
  }

  /** What `tries` tries of one question come to. */
  ask(question: Question, tries: number): Outcome[] {
    const ids = Array.from({ length: tries }, () => this.begin(question));
    this.run(this.clock.nowNs + 600 * MS);
    return ids.map((id) => this.ended.get(id) ?? 'timeout');
  }

  /** "echo-reply", "refused" (port unreachable), another errno of sending or of what came back, or "timeout". */
  ping(client: string, ip: string): string {
    const { machine, netns } = this.placeOf(client);
    const id = ++this.lastTry;
    const socket = machine.openPing(netns, { to: APPS, key: id }, id);
    const failed = typeof socket === 'number' ? machine.sendEcho(socket, ip, 1) : socket;
    if (failed !== null) return failed;
    this.run(this.clock.nowNs + 5 * SECOND);
    return this.ended.get(id) ?? 'timeout';
  }

  private get netfilter(): NetfilterState {
    return netfilterState(this.machine('n1').netfilter('host'));
  }

  private machine(name: string): Machine {
    return this.machines.get(name)!;
  }

  private placeOf(name: string): { machine: Machine; netns: string } {
    const node = HOSTS.find((host) => host.name === name)?.node;
    return { machine: this.machine(node ?? name), netns: node === undefined ? 'host' : name };
  }

  private addMachine(name: string, index: number): void {
    const { clock, trace, underlay } = this;
    const netfilterFor = (facts: Parameters<typeof createNetfilter>[0]) => createNetfilter(facts, { clock });
    const machine = new Machine(name, { clock, trace, wire: underlay, netfilterFor });
    const mac = `02:00:00:00:00:0${index + 1}`;
    machine.addNic('host', 'eth0', mac, 1500);
    machine.setUp('host', 'eth0', true);
    machine.addAddress('host', 'eth0', `${HOSTS.find((host) => host.name === name)!.ip}/24`);
    if (name === 'out') for (const ip of CLIENTS_OUTSIDE) machine.addAddress('host', 'eth0', `${ip}/32`);
    else machine.setSysctl('host', 'net.ipv4.ip_forward', 1);
    underlay.attach(machine, 'eth0', mac);
    this.machines.set(name, machine);
  }

  private addPod({ name, ip }: LabHost, node: 'n1' | 'n2'): void {
    const machine = this.machine(node);
    const gateway = GATEWAY.replace('N', node.slice(1));
    const device = `veth-${name}`;
    machine.addNetns(name);
    machine.addVeth({ netns: name, device: 'eth0' }, { netns: 'host', device }, 1500);
    machine.setUp('host', device, true);
    machine.setUp(name, 'eth0', true);
    machine.addAddress('host', device, `${gateway}/32`);
    machine.addAddress(name, 'eth0', `${ip}/32`);
    machine.addRoute('host', { prefix: `${ip}/32`, device, scope: 'link' });
    machine.addRoute(name, { prefix: `${gateway}/32`, device: 'eth0', scope: 'link' });
    machine.addRoute(name, { prefix: '0.0.0.0/0', via: gateway, device: 'eth0' });
  }

  private addRoutes(): void {
    const route = (machine: string, prefix: string, via: string) =>
      this.machine(machine).addRoute('host', { prefix, via, device: 'eth0' });
    route('n1', '0.0.0.0/0', '192.168.0.1');
    route('n2', '0.0.0.0/0', '192.168.0.1');
    for (const name of ['n1', 'out']) route(name, '10.244.2.0/24', '192.168.0.12');
    for (const name of ['n2', 'out']) for (const prefix of ROUTED_TO_N1) route(name, prefix, '192.168.0.11');
  }

  private startServers({ name }: LabHost): void {
    const { machine, netns } = this.placeOf(name);
    const listen = (protocol: 'tcp' | 'udp', port: number) =>
      machine.listen(netns, protocol, '0.0.0.0', port, { to: APPS, key: `${name}:${port}` });
    for (const port of TCP_PORTS) listen('tcp', port);
    for (const port of UDP_PORTS) listen('udp', port);
  }

  private createProxy(options: LabOptions): KubeProxy {
    const { services, slices } = objects(options);
    return new KubeProxy({
      clock: this.clock,
      store: {
        list: (kind) => (kind === 'Service' ? services : kind === 'EndpointSlice' ? slices : []),
        get: (kind, _namespace, name) =>
          kind === 'Service' ? services.find(({ metadata }) => metadata.name === name) : undefined,
        slicesOf: (_namespace, name) => slices.filter(({ metadata }) => metadata.name === `${name}-1`),
      },
      machine: this.machine('n1'),
      nodeName: 'n1',
      mode: this.mode,
      configs: [proxyConfig(options)],
    });
  }

  private begin({ client, target }: Question): number {
    const { machine, netns } = this.placeOf(client.host);
    const { ip, port, protocol } = target;
    const id = ++this.lastTry;
    const source = client.source === undefined ? {} : { source: client.source };
    const options = protocol === 'tcp' ? { ...source, timeoutNs: 400 * MS } : source;
    const socket = machine.connect(netns, protocol, { ip, port }, { to: APPS, key: id }, id, options);
    if (typeof socket === 'string') this.ended.set(id, socket);
    else if (protocol === 'udp') machine.send(socket, HELLO);
    return id;
  }

  private run(untilNs: number): void {
    for (let next = this.clock.peek(); next !== undefined && next.atNs <= untilNs; next = this.clock.peek())
      this.dispatch(this.clock.take()!);
    this.clock.advanceTo(untilNs);
  }

  private dispatch(timer: Timer): void {
    const { to, event } = timer;
    if (to === 'underlay') this.underlay.handle(event, timer);
    else if (to === this.proxy.name) this.proxy.onTimer(event);
    else if (to === APPS) this.hear(event['key'] as string | number, event['event'] as SocketEvent);
    else this.machine(to.replace('kernel/', '')).handle(event, timer);
  }

  private hear(key: string | number, event: SocketEvent): void {
    if (typeof key === 'string') this.serve(key, event);
    else if (event.kind === 'error') this.ended.set(key, shortOf(event.errno));
    else if (event.kind === 'echo-reply') this.ended.set(key, event.kind);
    else if (event.kind === 'datagram' || (event.kind === 'connected' && this.seen.has(key)))
      this.ended.set(key, this.seen.get(key) ?? 'unknown');
    else if (event.kind === 'connected') this.lateAccept.add(key);
  }

  /** Connections that the client saw open before the server's program heard of them. */
  private readonly lateAccept = new Set<number>();

  private serve(server: string, event: SocketEvent): void {
    const note = (id: number, peer: PeerAddress) => this.seen.set(id, `${server} <- ${peer.ip}`);
    if (event.kind === 'accepted') {
      note(event.requestId, event.peer);
      if (this.lateAccept.has(event.requestId))
        this.ended.set(event.requestId, this.seen.get(event.requestId)!);
    } else if (event.kind === 'datagram') {
      const { requestId, from, to, socket } = event;
      note(requestId, from);
      this.placeOf(server.split(':')[0]!).machine.sendTo(socket, from, HELLO, { requestId, from: to });
    }
  }
}

function shortOf(errno: string): Outcome {
  if (errno === 'ETIMEDOUT') return 'timeout';
  return errno === 'ECONNREFUSED' ? 'refused' : errno;
}
