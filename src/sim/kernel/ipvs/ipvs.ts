/**
 * IP Virtual Server of one netns: virtual addresses in front of real servers, inside the kernel (net/netfilter/ipvs,
 * ipvsadm(8)). It stands in the INPUT hook, which is why a virtual address has to be one of the machine's own.
 * Not simulated: its own connection table; conntrack's entries (net.ipv4.vs.conntrack=1) do the way there and back.
 */
import { SECOND, type Ns } from '../../clock/clock';
import type { Origin } from '../../trace/hop';
import type { Packet } from '../../trace/packet';
import { chooseReal, FIRST_TURN, type Load, type Turn } from './schedulers';

export type IpvsProtocol = 'tcp' | 'udp' | 'sctp';

export interface RealServer {
  readonly address: string;
  readonly port: number;
  /** 0 takes no new connections. */
  readonly weight: number;
  readonly origin?: Origin;
}

export interface VirtualServer {
  readonly address: string;
  readonly port: number;
  readonly protocol: IpvsProtocol;
  /** Name of the scheduler, see schedulers.ts. */
  readonly scheduler: string;
  /** Clients come back to the same real server within this time (ipvsadm -p). */
  readonly persistentSeconds?: number;
  readonly realServers: readonly RealServer[];
  readonly origin?: Origin;
}

export interface IpvsKeyframe {
  readonly servers: ReadonlyMap<string, VirtualServer>;
  readonly turns: ReadonlyMap<string, Turn>;
  readonly templates: ReadonlyMap<string, Template>;
}

/** A client's real server, for as long as it is remembered. */
interface Template {
  readonly server: string;
  readonly expiresNs: Ns;
}

/** "10.9.0.1:80/tcp" */
export function virtualKey(address: string, port: number, protocol: string): string {
  return `${address}:${port}/${protocol}`;
}

function realKey(real: RealServer): string {
  return `${real.address}:${real.port}`;
}

export class Ipvs {
  private servers = new Map<string, VirtualServer>();
  /** What the schedulers remember. */
  private turns = new Map<string, Turn>();
  private templates = new Map<string, Template>();

  get isEmpty(): boolean {
    return this.servers.size === 0;
  }

  /** Virtual servers by address, port and protocol, as ipvsadm -L lists them. */
  list(): VirtualServer[] {
    return [...this.servers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, server]) => server);
  }

  get(address: string, port: number, protocol: string): VirtualServer | undefined {
    return this.servers.get(virtualKey(address, port, protocol));
  }

  /** Adds a virtual server or replaces it with its real servers (ipvsadm -A, -E, -a, -d). */
  put(server: VirtualServer): void {
    this.servers.set(virtualKey(server.address, server.port, server.protocol), server);
  }

  delete(server: VirtualServer): void {
    const key = virtualKey(server.address, server.port, server.protocol);
    this.servers.delete(key);
    this.turns.delete(key);
  }

  clear(): void {
    this.servers.clear();
    this.turns.clear();
    this.templates.clear();
  }

  /** The virtual server that a packet is addressed to. */
  find(packet: Packet): VirtualServer | undefined {
    const { ip, l4 } = packet;
    if (ip === undefined || l4 === undefined || l4.kind === 'icmp') return undefined;
    return this.servers.get(virtualKey(ip.dst, l4.dstPort, l4.kind));
  }

  /** Picks a real server for a new connection; null when there is none that takes one. `load` counts its connections. */
  schedule(
    server: VirtualServer,
    client: string,
    nowNs: Ns,
    load: (real: RealServer) => Load = () => ({ active: 0, inactive: 0 }),
  ): RealServer | null {
    const able = server.realServers.filter((real) => real.weight > 0);
    if (able.length === 0) return null;
    const key = virtualKey(server.address, server.port, server.protocol);
    const template = this.templates.get(`${key} ${client}`);
    const known = able.find((real) => realKey(real) === template?.server);
    const alive = template !== undefined && template.expiresNs > nowNs;
    const chosen = known !== undefined && alive ? known : this.next(server, key, client, able, load);
    if (server.persistentSeconds !== undefined) {
      const expiresNs = nowNs + server.persistentSeconds * SECOND;
      this.templates.set(`${key} ${client}`, { server: realKey(chosen), expiresNs });
    }
    return chosen;
  }

  keyframe(): IpvsKeyframe {
    return {
      servers: new Map(this.servers),
      turns: new Map(this.turns),
      templates: new Map(this.templates),
    };
  }

  restore(from: IpvsKeyframe): void {
    this.servers = new Map(from.servers);
    this.turns = new Map(from.turns);
    this.templates = new Map(from.templates);
  }

  private next(
    server: VirtualServer,
    key: string,
    client: string,
    able: readonly RealServer[],
    load: (real: RealServer) => Load,
  ): RealServer {
    const turn = this.turns.get(key) ?? FIRST_TURN;
    const chosen = chooseReal(server.scheduler, { able, client, destination: server.address, turn, load });
    this.turns.set(key, chosen.turn);
    return chosen.real;
  }
}
