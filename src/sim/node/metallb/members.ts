/**
 * How MetalLB's speakers know which of them are alive: hashicorp/memberlist, a SWIM protocol over UDP. Each asks one other a
 * second; who does not answer is suspected, and after a while without a sign of life held for dead, which is told to all.
 * Times are those of memberlist's LAN settings.
 *
 * Not simulated: indirect probes through third members, incarnation numbers, encryption, and TCP state exchange; a dead
 * member is asked on and on, which stands for its joining again.
 */
import { MS, SECOND, type Clock, type Ns } from '../../clock/clock';
import type { MachineApi, SocketEvent } from '../../kernel/machine-api';
import type { AppPayload } from '../../trace/packet';

const PORT = 7946;
const PROBE_EVERY: Ns = SECOND;
const ACK_WITHIN: Ns = 500 * MS;
/** SuspicionMult 4, times the probe interval, times the larger of 1 and log10 of the members. */
const SUSPICION: Ns = 4 * SECOND;

export interface Member {
  readonly name: string;
  readonly ip: string;
  readonly state: 'alive' | 'suspect' | 'dead';
  /** When it was last heard of. */
  readonly heardNs: Ns;
}

interface Message {
  readonly kind: 'ping' | 'ack' | 'dead';
  readonly from: string;
  /** For dead: who is. */
  readonly about?: string;
}

export interface MembersKeyframe {
  readonly members: ReadonlyMap<string, Member>;
  readonly turn: number;
  readonly socket: number | null;
  readonly probeTimer: number | null;
}

export interface MembersDeps {
  readonly clock: Clock;
  readonly machine: MachineApi;
  readonly nodeName: string;
  /** Timer address of the speaker; its socket events have the key "members". */
  readonly address: string;
  /** Somebody died or came back. */
  onChange(): void;
}

export class Members {
  private members: ReadonlyMap<string, Member> = new Map();
  private turn = 0;
  private socket: number | null = null;
  private probeTimer: number | null = null;

  constructor(private readonly deps: MembersDeps) {}

  get list(): readonly Member[] {
    return [...this.members.values()];
  }

  /** Starts to ask and answer. */
  start(): void {
    if (this.socket !== null) return;
    const { machine, address } = this.deps;
    const socket = machine.listen('host', 'udp', '0.0.0.0', PORT, { to: address, key: 'members' });
    if (typeof socket !== 'number') return;
    this.socket = socket;
    this.arm();
  }

  /** Ends; `silently` when the machine is gone and its sockets with it. */
  stop(silently: boolean): void {
    if (this.socket !== null && !silently) this.deps.machine.close(this.socket);
    this.deps.clock.cancel(this.probeTimer);
    this.socket = null;
    this.probeTimer = null;
    this.members = new Map();
  }

  /** The other speakers as the API lists their nodes; new ones count as alive until they fail to answer. */
  setPeers(peers: readonly { readonly name: string; readonly ip: string }[]): void {
    const heardNs = this.deps.clock.nowNs;
    const entries = peers.map(({ name, ip }) => {
      const known = this.members.get(name);
      return [name, known?.ip === ip ? known : { name, ip, state: 'alive', heardNs }] as const;
    });
    this.members = new Map<string, Member>(entries as [string, Member][]);
  }

  /** True when a node may be counted on; oneself always. */
  isAlive(name: string): boolean {
    const { nodeName } = this.deps;
    return name === nodeName || (this.members.get(name)?.state ?? 'dead') !== 'dead';
  }

  onTimer(event: { readonly type: string; readonly [key: string]: unknown }): void {
    if (this.socket === null) return;
    if (event.type === 'member-probe') this.probe();
    else if (event.type === 'member-ack-due') this.ackDue(String(event.name), Number(event.askedNs));
    else if (event.type === 'member-suspicion-over') this.bury(String(event.name), Number(event.askedNs));
  }

  onSocket(event: SocketEvent): void {
    if (event.kind !== 'datagram') return;
    const message = event.payload.body as unknown as Message;
    const sender = this.members.get(message.from);
    if (sender === undefined) return;
    this.heard(sender);
    if (message.kind === 'ping') this.send(sender, { kind: 'ack', from: this.deps.nodeName });
    else if (message.kind === 'dead') this.heardOfDeath(message.about ?? '');
  }

  keyframe(): MembersKeyframe {
    const { members, turn, socket, probeTimer } = this;
    return { members, turn, socket, probeTimer };
  }

  restore(from: MembersKeyframe): void {
    this.members = from.members;
    this.turn = from.turn;
    this.socket = from.socket;
    this.probeTimer = from.probeTimer;
  }

  private arm(): void {
    this.probeTimer = this.deps.clock.schedule(PROBE_EVERY, this.deps.address, { type: 'member-probe' });
  }

  private probe(): void {
    this.arm();
    const all = this.list;
    const member = all[this.turn++ % Math.max(1, all.length)];
    if (member === undefined) return;
    this.send(member, { kind: 'ping', from: this.deps.nodeName });
    const { clock, address } = this.deps;
    const askedNs = clock.nowNs;
    clock.schedule(ACK_WITHIN, address, { type: 'member-ack-due', name: member.name, askedNs });
  }

  private ackDue(name: string, askedNs: Ns): void {
    const member = this.members.get(name);
    if (member === undefined || member.heardNs >= askedNs || member.state !== 'alive') return;
    this.set({ ...member, state: 'suspect' });
    const { clock, address } = this.deps;
    clock.schedule(SUSPICION, address, { type: 'member-suspicion-over', name, askedNs });
  }

  private bury(name: string, askedNs: Ns): void {
    const member = this.members.get(name);
    if (member === undefined || member.heardNs >= askedNs || member.state === 'dead') return;
    this.set({ ...member, state: 'dead' });
    for (const other of this.list)
      if (other.state !== 'dead') this.send(other, { kind: 'dead', from: this.deps.nodeName, about: name });
    this.deps.onChange();
  }

  /** News from another member. One's own death is a rumour; the next ping or ack disproves it. */
  private heardOfDeath(name: string): void {
    const member = this.members.get(name);
    const recently = this.deps.clock.nowNs - PROBE_EVERY;
    if (member === undefined || member.state === 'dead' || member.heardNs > recently) return;
    this.set({ ...member, state: 'dead' });
    this.deps.onChange();
  }

  private heard(member: Member): void {
    this.set({ ...member, state: 'alive', heardNs: this.deps.clock.nowNs });
    if (member.state === 'dead') this.deps.onChange();
  }

  private set(member: Member): void {
    this.members = new Map(this.members).set(member.name, member);
  }

  private send(to: Member, message: Message): void {
    if (this.socket === null) return;
    const about = message.about === undefined ? '' : ` ${message.about}`;
    const payload: AppPayload = {
      type: 'app',
      protocol: 'data',
      summary: `memberlist ${message.kind}${about}`,
      bytes: 48,
      body: { ...message },
    };
    this.deps.machine.sendTo(this.socket, { ip: to.ip, port: PORT }, payload);
  }
}
