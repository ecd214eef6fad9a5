/**
 * The world beyond the nodes, put together: its machines (cluster-outside-machines.ts), who programs them, what answers out
 * there, and the settings that say which of it is there at all.
 */
import { startLoop, type LoopKeyframe, type RunningLoop } from './api/loop';
import type { Store } from './api/store';
import { MS, type TimerHandler } from './clock/clock';
import { Balancer, BALANCER_ADDRESS, type BalancerKeyframe } from './cluster-outside-balancer';
import { BGP_ADDRESS, BgpRouter, type BgpKeyframe } from './cluster-outside-bgp';
import {
  CLIENT_IP,
  CLIENT_IP6,
  createMachines,
  INTERNET,
  ROUTER,
  type OutsideDeps,
} from './cluster-outside-machines';
import type { OutsideMachines } from './cluster-outside-machines';
import { ROUTER_ADDRESS, RouterAdministrator } from './cluster-outside-router';
import { DEFAULT_SETTINGS, type ClusterSettings } from './cluster-settings';
import { gatewayOf, type ClusterSpec } from './cluster-spec';
import { CloudApi } from './controllers/load-balancer/cloud-api';
import { LOAD_BALANCER_ADDRESS } from './controllers/load-balancer/controller';
import type { ResourceRecord } from './dns/message';
import type { Machine, MachineKeyframe } from './kernel/machine';
import { NIC } from './node/host';
import type { SpeakerMode } from './node/metallb/speaker';
import { OUTSIDE_V6_NAMES } from './programs/outside';
import type { Processes } from './programs/processes';

/** How long the outside remembers the name of a balancer, in seconds. */
const BALANCER_TTL = 60;

export interface OutsideKeyframe {
  readonly settings: ClusterSettings;
  readonly machines: readonly MachineKeyframe[];
  readonly balancer: BalancerKeyframe;
  readonly router: LoopKeyframe;
  readonly bgp: BgpKeyframe;
}

export class Outside {
  readonly cloud = new CloudApi();
  readonly machines: OutsideMachines;
  readonly balancer: Balancer;
  readonly bgp: BgpRouter;
  private readonly router: RunningLoop;
  private current: ClusterSettings;

  constructor(
    private readonly deps: OutsideDeps & {
      readonly store: Store;
      /** Timer addresses of others who follow the settings. */
      followers(): readonly string[];
    },
    private readonly spec: ClusterSpec,
  ) {
    const { clock, store, trace } = deps;
    this.current = { ...DEFAULT_SETTINGS, ...spec.settings };
    this.machines = createMachines(deps, spec);
    this.balancer = new Balancer(clock, this.machines.balancer, NIC, this.cloud, trace);
    const admin = new RouterAdministrator(store, this.machines.router, spec, () => this.current);
    this.router = startLoop({ clock, store }, admin, { lagNs: 4 * MS });
    clock.schedule(0, ROUTER_ADDRESS, { type: 'settings-changed' });
    this.bgp = new BgpRouter(clock, this.machines.router, gatewayOf(spec));
    this.bgp.run(this.current.loadBalancer === 'metallb-bgp');
  }

  get settings(): ClusterSettings {
    return this.current;
  }

  /** Changes settings while the cluster runs; who follows them is told. */
  change(settings: Partial<ClusterSettings>): void {
    const { clock } = this.deps;
    this.current = { ...this.current, ...settings };
    for (const address of [ROUTER_ADDRESS, ...this.deps.followers()])
      clock.schedule(0, address, { type: 'settings-changed' });
    clock.schedule(0, LOAD_BALANCER_ADDRESS, { type: 'provider-changed' });
    this.bgp.run(this.current.loadBalancer === 'metallb-bgp');
  }

  /** What the nodes' speakers are to do. */
  get speakerMode(): SpeakerMode {
    const { loadBalancer } = this.current;
    return loadBalancer === 'metallb-l2' ? 'layer2' : loadBalancer === 'metallb-bgp' ? 'bgp' : null;
  }

  /** False while somebody out there still has something to carry out. */
  get atRest(): boolean {
    return !this.balancer.busy;
  }

  /** The machine of that name; undefined when it is not one of these. */
  machineOf(name: string): Machine | undefined {
    return Object.values(this.machines).find((machine: Machine) => machine.name === name);
  }

  /** Name of the machine that an "Outside//…" ref means, by name or by the client's address. */
  machineOfRef(name: string): string | undefined {
    return name === CLIENT_IP || name === CLIENT_IP6 ? this.machines.client.name : this.machineOf(name)?.name;
  }

  /** Names of balancers that stand, and what a cluster with IPv6 may ask for besides, for the outside's name server. */
  names(): readonly ResourceRecord[] {
    const balancers = this.cloud.balancers.flatMap<ResourceRecord>(({ hostname, ip }) =>
      hostname === undefined
        ? []
        : [{ name: `${hostname}.`, type: ip.includes(':') ? 'AAAA' : 'A', ttl: BALANCER_TTL, data: ip }],
    );
    return this.spec.ipFamilies.includes('IPv6') ? [...balancers, ...OUTSIDE_V6_NAMES] : balancers;
  }

  handlers(): ReadonlyMap<string, TimerHandler> {
    const machines = Object.values(this.machines).map(
      (machine: Machine) => [machine.address, machine] as const,
    );
    return new Map<string, TimerHandler>([
      ...machines,
      [BALANCER_ADDRESS, this.balancer],
      [ROUTER_ADDRESS, this.router],
      [BGP_ADDRESS, this.bgp],
    ]);
  }

  /** Starts what answers out there: the name server and the web servers. */
  start(processes: Processes): void {
    for (const [program, machine] of [
      ['outside-dns', ROUTER],
      ['outside-http', INTERNET],
    ] as const)
      processes.spawn({ argv: [program], program, machine, netns: 'host', owner: `Outside//${machine}` });
  }

  keyframe(): OutsideKeyframe {
    return {
      settings: this.current,
      machines: Object.values(this.machines).map((machine: Machine) => machine.keyframe()),
      balancer: this.balancer.keyframe(),
      router: this.router.keyframe(),
      bgp: this.bgp.keyframe(),
    };
  }

  restore(from: OutsideKeyframe): void {
    this.current = from.settings;
    Object.values(this.machines).forEach((machine: Machine, i) => machine.restore(from.machines[i]!));
    this.balancer.restore(from.balancer);
    this.router.restore(from.router);
    this.bgp.restore(from.bgp);
  }
}
