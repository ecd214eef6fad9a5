/**
 * Two machines wired by hand as an overlay network agent would do it: each has a bridge cni0 with two netns behind it, a
 * VXLAN device flannel.1 and a card eth0 on one underlay. For tests.
 */
import { Clock, type TimerEvent } from '../clock/clock';
import { Trace } from '../trace/trace';
import { Underlay } from '../underlay';
import type { SocketEvent, SocketOwner } from '../kernel/machine-api';
import { Machine } from '../kernel/machine';
import type { Netfilter, NetnsFacts } from '../kernel/netfilter/netfilter';

/** Lets everything pass and keeps nothing. */
export function openNetfilter(): Netfilter {
  return {
    idle: true,
    run: (_hook, skb) => ({ verdict: 'accept', skb, steps: [] }),
    keyframe: () => null,
    restore: () => undefined,
  };
}

export class TwoMachines {
  readonly clock: Clock;
  readonly trace = new Trace({ hashing: true, keepPackets: 100_000 });
  readonly underlay: Underlay;
  readonly m1: Machine;
  readonly m2: Machine;
  private readonly others = new Map<string, Machine>();
  /** What sockets told their owners, oldest first. */
  readonly news: SocketEvent[] = [];
  /** Reacts to news; a stand-in for programs. */
  onNews: (event: SocketEvent) => void = () => undefined;

  constructor(
    seed = 1,
    netfilterOf: (facts: NetnsFacts, deps: { clock: Clock }) => Netfilter = openNetfilter,
  ) {
    this.clock = new Clock(seed);
    this.underlay = new Underlay(this.clock, this.trace);
    const { clock } = this;
    const netfilterFor = (facts: NetnsFacts) => netfilterOf(facts, { clock });
    const parts = { clock: this.clock, trace: this.trace, wire: this.underlay, netfilterFor };
    this.m1 = new Machine('m1', parts);
    this.m2 = new Machine('m2', parts);
    this.wire(this.m1, 1);
    this.wire(this.m2, 2);
    this.addRemote(this.m1, this.m2, 2);
    this.addRemote(this.m2, this.m1, 1);
  }

  /** One more machine, with a card on the underlay and nothing else. */
  another(name: string, number: number): Machine {
    const machine = new Machine(name, {
      clock: this.clock,
      trace: this.trace,
      wire: this.underlay,
      netfilterFor: openNetfilter,
    });
    machine.addNic('host', 'eth0', `02:00:00:00:00:0${number}`, 1_500);
    machine.addAddress('host', 'eth0', `192.168.0.1${number}/24`);
    this.underlay.attach(machine, 'eth0', machine.macOf('host', 'eth0'));
    this.others.set(machine.address, machine);
    return machine;
  }

  /** A netns behind cni0 of machine `number`: "a" has address .2, "b" has .3, and so on. */
  addInner(machine: Machine, number: number, id: string, last: number): void {
    machine.addNetns(id);
    machine.addVeth({ netns: id, device: 'eth0' }, { netns: 'host', device: `veth-${id}` }, 1_450);
    machine.setMaster('host', `veth-${id}`, 'cni0');
    machine.addAddress(id, 'eth0', `10.244.${number}.${last}/24`);
    machine.addRoute(id, { prefix: '0.0.0.0/0', via: `10.244.${number}.1`, device: 'eth0' });
  }

  /** Runs timers until the queue is empty or the moment is reached. */
  run(untilNs = this.clock.nowNs + 1e9): void {
    for (;;) {
      const next = this.clock.peek();
      if (next === undefined || next.atNs > untilNs) break;
      const timer = this.clock.take()!;
      this.dispatch(timer.to, timer.event, timer);
    }
    this.clock.advanceTo(untilNs);
  }

  owner(key: string): SocketOwner {
    return { to: 'test', key };
  }

  /** "SYN request: delivered socket": one line for each packet of a request (all of them by default). */
  ends(requestId?: number): string[] {
    return [...this.trace.packets.values()]
      .filter((packet) => requestId === undefined || packet.requestId === requestId)
      .map(
        ({ label, role, end }) => `${label} ${role}: ${end === null ? 'open' : `${end.kind} ${end.reason}`}`,
      );
  }

  /** "host cni0 forward": the hops of the first packet with that label. */
  hops(label: string, requestId?: number): string[] {
    const packet = [...this.trace.packets.values()].find(
      (candidate) =>
        candidate.label === label && (requestId === undefined || candidate.requestId === requestId),
    );
    return (packet?.hops ?? []).map(
      ({ place, station, name, action }) => `${place.machine}/${place.netns} ${station} ${name} ${action}`,
    );
  }

  private dispatch(to: string, event: TimerEvent, timer: Parameters<Machine['handle']>[1]): void {
    if (to === 'underlay') this.underlay.handle(event, timer);
    else if (to === 'kernel/m1') this.m1.handle(event, timer);
    else if (to === 'kernel/m2') this.m2.handle(event, timer);
    else if (this.others.has(to)) this.others.get(to)!.handle(event, timer);
    else {
      const told = event.event as SocketEvent;
      this.news.push(told);
      this.onNews(told);
    }
  }

  private wire(machine: Machine, number: number): void {
    machine.addNic('host', 'eth0', `02:00:00:00:00:0${number}`, 1_500);
    machine.addAddress('host', 'eth0', `192.168.0.1${number}/24`);
    machine.setSysctl('host', 'net.ipv4.ip_forward', 1);
    this.underlay.attach(machine, 'eth0', machine.macOf('host', 'eth0'));
    machine.addBridge('host', 'cni0', 1_450);
    machine.addAddress('host', 'cni0', `10.244.${number}.1/24`);
    machine.addVxlan('host', 'flannel.1', {
      vni: 1,
      local: `192.168.0.1${number}`,
      underlayDevice: 'eth0',
      port: 8_472,
      mtuBytes: 1_450,
    });
    machine.addAddress('host', 'flannel.1', `10.244.${number}.0/32`);
    this.addInner(machine, number, 'a', 2);
    this.addInner(machine, number, 'b', 3);
  }

  private addRemote(machine: Machine, other: Machine, number: number): void {
    const origin = { ref: `Machine//${other.name}` };
    const via = `10.244.${number}.0`;
    const mac = other.macOf('host', 'flannel.1');
    machine.addRoute('host', { prefix: `${via}/24`, via, device: 'flannel.1', onlink: true, origin });
    machine.addNeighbour('host', { device: 'flannel.1', ip: via, mac, origin });
    machine.addFdb('host', { device: 'flannel.1', mac, dst: `192.168.0.1${number}`, origin });
  }
}
