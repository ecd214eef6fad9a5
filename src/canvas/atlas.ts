/** Builds the atlas from the mirror: who owns a netns, who has an address, what a machine's devices are called. */
import { mirror, rowsOf } from '../state/mirror';
import { outsideViews } from './outside';
import type { PacketTrace } from '../sim/trace/hop';
import { journeyOf, type Atlas, type Journey } from './geometry';
import type { Wires } from './wires';

/** Keeps one atlas and the journeys drawn with it; a new one is made only when the drawing or the cluster's shape changed. */
export class AtlasKeeper {
  atlas: Atlas | null = null;
  private key = '';
  private shape = '';
  private wires: Wires | null = null;
  /** Never forgets: a packet may still be shown in a pod that is gone. */
  private readonly podByNetns = new Map<string, string>();
  private journeys = new WeakMap<PacketTrace, { hops: number; journey: Journey }>();

  refresh(wires: Wires): Atlas {
    const { pods, nodes } = mirror.getState().revs;
    const key = `${pods}/${nodes}`;
    if (this.atlas !== null && this.wires === wires && this.key === key) return this.atlas;
    this.key = key;
    const known = this.podByNetns.size;
    for (const pod of rowsOf('pods')) {
      if (pod.netns !== null && pod.netns !== 'host') this.podByNetns.set(pod.netns, pod.ref);
    }
    // A node's row changes with each of its connections; a journey asks for names and addresses alone.
    const shape = shapeOfMachines();
    const same = this.wires === wires && known === this.podByNetns.size && this.shape === shape;
    if (same && this.atlas !== null) return this.atlas;
    this.shape = shape;
    this.wires = wires;
    this.atlas = this.build(wires);
    this.journeys = new WeakMap();
    return this.atlas;
  }

  private build(wires: Wires): Atlas {
    const rows = rowsOf('nodes');
    const outside = outsideViews(mirror.getState().facts);
    const byIp = new Map(outside.flatMap(({ name, addresses }) => addresses.map((ip) => [ip, name])));
    for (const node of rows) byIp.set(node.ip, node.name);
    const beyond = new Set(outside.map(({ name }) => name));
    const byName = new Map(rows.map((node) => [node.name, node]));
    return {
      wires,
      podOf: (netns) => this.podByNetns.get(netns) ?? null,
      machineOf: (ip) => byIp.get(ip) ?? null,
      devices: (machine) => {
        const devices = byName.get(machine)?.devices;
        if (beyond.has(machine)) return { bridge: null, tunnel: null, nic: 'eth0', wan: 'eth1' };
        if (devices === undefined) return null;
        return {
          bridge: devices.bridge?.name ?? null,
          tunnel: devices.tunnel?.name ?? null,
          nic: devices.nic.name,
        };
      },
    };
  }

  /** The journey of a trace, worked out once for each length of its list of hops. */
  readonly journey = (trace: PacketTrace): Journey => {
    const known = this.journeys.get(trace);
    if (known !== undefined && known.hops === trace.hops.length) return known.journey;
    const journey = journeyOf(trace, this.atlas!);
    this.journeys.set(trace, { hops: trace.hops.length, journey });
    return journey;
  };
}

/** All that an atlas reads of the machines. */
function shapeOfMachines(): string {
  const nodes = rowsOf('nodes').map(({ name, ip, devices }) => {
    const { bridge, tunnel, nic } = devices;
    return `${name} ${ip} ${bridge?.name} ${tunnel?.name} ${nic.name}`;
  });
  const outside = outsideViews(mirror.getState().facts).map(
    ({ name, addresses }) => `${name} ${addresses.join(' ')}`,
  );
  return [...nodes, ...outside].join('\n');
}
