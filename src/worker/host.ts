/**
 * The cluster's keeper on the worker's side: takes commands, lets virtual time run by the pace, and tells the page what
 * changed, once a tick. It knows nothing of Workers, so tests drive it by hand.
 */
import { Cluster } from '../sim/cluster';
import type { Ns } from '../sim/clock/clock';
import type { PacketTrace } from '../sim/trace/hop';
import { easedSpeed, wantedSpeed, type Activity } from './pace';
import { clusterChoices, proxyChoices } from './boot-settings';
import type { Command, Pace, Probe, Report } from './protocol';
import { Rest, isPartMissing, isPlain } from './rest';
import { stepHop } from './steps';

/** Real time that one tick may spend in the simulator, ms; leaves room for commands to get through. */
const TICK_BUDGET_MS = 12;
/** Longest real time that one tick makes up for: after a pause of the tab the cluster does not race. */
const LONGEST_TICK_MS = 100;
/** How often tables that somebody looks at are printed again, ms. */
const PROBE_EVERY_MS = 250;
/** Printing them takes no more than one part in so many of the time. */
const PROBE_SHARE = 8;
/** Above this speed, hops of packets that arrived well are not sent: nobody could see them. */
const HOPS_BELOW: Ns = 50_000_000;
/** From this many packets in flight on, a flood is told by the packet that is flooded, without its hundred copies. */
const CROWD = 100;
/** How far boot looks for the first packet, ns. */
const LOOK_FOR_PACKET: Ns = 3_000_000_000;

type ClusterCommand = Exclude<Command, { type: 'boot' | 'pace' }>;
type Boot = Extract<Command, { type: 'boot' }>;

/** What a host needs of the world. */
export interface HostDeps {
  readonly post: (report: Report) => void;
  /** Real time in ms. */
  readonly nowMs: () => number;
  /** Loads what a build has left out of the first load; absent when everything is here. */
  readonly later?: () => Promise<unknown>;
}

/** The first packet is drawn about a third of a second after the boot; what nobody needs yet keeps out of its way. */
const REST_AFTER_MS = 1000;

/** One cluster, from boot to boot. */
export class Host {
  private cluster: Cluster | null = null;
  private pace: Pace = { paused: false, nsPerSecond: 100_000, auto: true, watchedPacket: null };
  private speed = 0;
  /** When a packet that somebody asked for was last under way. */
  private lastFlightNs = 0;
  private lastMs: number | null = null;
  private lastProbeMs = 0;
  private probePauseMs = PROBE_EVERY_MS;
  private readonly probes = new Map<number, { probe: Probe; text: string | null }>();
  private seed = 1;
  private files: Boot['files'] = [];
  private settings: NonNullable<Boot['settings']> = {};
  private readonly rest: Rest;
  /** When the rest is to be fetched although nobody needs it yet. */
  private restAtMs: number | null = null;

  constructor(private readonly deps: HostDeps) {
    this.rest = new Rest(deps.later, (error) => this.crash(error));
  }

  /**
   * Takes one command. An error of ours is reported as a crash with what is needed to replay it. The first load can boot
   * and run a cluster; all other commands wait, in order, until the rest is here.
   */
  receive(command: Command): void {
    if (command.type === 'boot') this.bootWhenPossible(command);
    else if (command.type === 'pace') this.guarded(() => this.setPace(command.pace));
    else this.rest.then(() => this.guarded(() => this.obey(command)));
  }

  private bootWhenPossible(boot: Boot): void {
    const start = (): void => this.guarded(() => this.boot(boot));
    if (this.rest.isHere || isPlain(boot)) start();
    else this.rest.first(start);
  }

  /** One turn of the loop, about every 16 ms. */
  tick(): void {
    const cluster = this.cluster;
    if (cluster !== null) this.guarded(() => this.turn(cluster));
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (isPartMissing(error) && !this.rest.isHere) this.againWithTheRest();
      else this.crash(error);
    }
  }

  /**
   * The cluster came to something that is not loaded yet, in the middle of a step. The same seed and files give the same
   * run, so it is run again up to that moment once everything is here. Commands cannot be lost: they wait for the same.
   */
  private againWithTheRest(): void {
    const untilNs = this.cluster?.clock.nowNs ?? null;
    const { seed, files, settings } = this;
    const boot: Boot = { type: 'boot', seed, files, settings };
    this.cluster = null;
    this.rest.first(() =>
      this.guarded(() => {
        this.boot(boot);
        if (untilNs !== null) this.cluster?.runUntil(untilNs);
      }),
    );
  }

  private crash(error: unknown): void {
    const log = this.cluster?.commandLog ?? [];
    const { seed, settings } = this;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.cluster = null;
    this.deps.post({ type: 'crashed', message, replay: JSON.stringify({ seed, settings, log }) });
  }

  private setPace(pace: Pace): void {
    this.pace = pace;
    // Its hops may have been left out while time ran fast.
    const trace = this.cluster?.trace;
    if (trace === undefined) return;
    if (pace.watchedPacket !== null) trace.touch(pace.watchedPacket);
    if (pace.watchedRequest != null)
      for (const { id } of trace.packetsOf(pace.watchedRequest)) trace.touch(id);
  }

  private obey(command: ClusterCommand): void {
    const cluster = this.cluster;
    if (cluster === null) return;
    this.obeyCluster(cluster, command);
    this.report(cluster);
  }

  private boot({ seed, files, settings = {} }: Boot): void {
    this.seed = seed;
    this.settings = settings;
    this.files = files;
    this.cluster = null;
    this.cluster = Cluster.create({ seed, ...clusterChoices(settings) });
    if (settings.ipvsScheduler || settings.masqueradeAll)
      this.cluster.fault({ kind: 'proxy-settings', change: proxyChoices(settings) });
    const result = this.cluster.apply(files);
    this.cluster.runUntilSettled();
    runToFirstPacket(this.cluster);
    this.probes.clear();
    this.lastMs = null;
    // The page begins with a cluster at rest; what its pods said to each other while they started is not news.
    this.cluster.trace.drain();
    this.cluster.trace.touchOpen();
    this.cluster.view.markAll();
    this.deps.post({ type: 'ready' });
    this.report(this.cluster);
    this.deps.post({ type: 'applied', id: 0, result });
    this.restAtMs = this.deps.nowMs() + REST_AFTER_MS;
  }

  private obeyCluster(cluster: Cluster, command: ClusterCommand): void {
    const { post } = this.deps;
    switch (command.type) {
      case 'apply':
        return post({ type: 'applied', id: command.id, result: cluster.apply(command.files) });
      case 'check':
        return post({ type: 'checked', id: command.id, result: cluster.check(command.files) });
      case 'exec':
        return cluster.exec(String(command.id), command.line);
      case 'interrupt':
        return cluster.interrupt(String(command.id));
      case 'fault':
        return cluster.fault(command.fault);
      case 'locate':
        return post({ type: 'located', id: command.id, ...cluster.locate(command.ref, command.path) });
      case 'complete':
        return post({ type: 'completed', id: command.id, words: cluster.complete(command.line) });
      case 'probe':
        this.probes.set(command.id, { probe: command.probe, text: null });
        return this.answerProbes(cluster);
      case 'unprobe':
        this.probes.delete(command.id);
        return;
      default:
        return this.obeyTime(cluster, command);
    }
  }

  private obeyTime(cluster: Cluster, command: ClusterCommand): void {
    switch (command.type) {
      case 'step-event':
        cluster.step();
        return;
      case 'step-hop':
        return this.deps.post({ type: 'stopped', ...stepHop(cluster, command.packet) });
      case 'run-to':
        return cluster.runUntil(command.atNs);
      case 'rewind':
        cluster.rewind(command.toNs);
        cluster.view.markAll();
        return;
    }
  }

  private turn(cluster: Cluster): void {
    const now = this.deps.nowMs();
    const elapsed = Math.min(LONGEST_TICK_MS, now - (this.lastMs ?? now));
    this.lastMs = now;
    const wanted = wantedSpeed(this.pace, this.activity(cluster));
    this.speed = wanted === 0 ? 0 : easedSpeed(this.speed, wanted, elapsed);
    if (this.speed > 0) {
      this.run(cluster, cluster.clock.nowNs + (this.speed * elapsed) / 1000, now + TICK_BUDGET_MS);
      cluster.keepKeyframe();
    }
    if (now - this.lastProbeMs > this.probePauseMs) {
      this.answerProbes(cluster);
      // Tables of ten thousand lines are printed less often, so that time goes on.
      const tookMs = this.deps.nowMs() - now;
      this.lastProbeMs = now;
      this.probePauseMs = Math.max(PROBE_EVERY_MS, PROBE_SHARE * tookMs);
    }
    this.report(cluster);
    if (this.restAtMs !== null && now >= this.restAtMs) {
      // Once: whoever needs it asks for it again, should it not come now.
      this.restAtMs = null;
      this.rest.load();
    }
  }

  /** Runs towards `untilNs`, but in auto stops where a packet is born, and never longer than the tick may take. */
  private run(cluster: Cluster, untilNs: Ns, untilMs: number): void {
    const { clock, trace } = cluster;
    const target = Math.round(untilNs);
    const hurrying = this.pace.auto && trace.flying.size === 0;
    for (let count = 1; ; count++) {
      const next = clock.peek();
      if (next === undefined || next.atNs > target) break;
      cluster.step();
      if (hurrying && trace.flying.size > 0) {
        this.speed = Math.min(this.speed, this.pace.nsPerSecond);
        return;
      }
      if (count % 64 === 0 && this.deps.nowMs() > untilMs) return;
    }
    clock.advanceTo(target);
  }

  private activity(cluster: Cluster): Activity {
    const { clock, trace } = cluster;
    const watched = this.pace.watchedPacket;
    // Going back leaves it in the future.
    if (trace.flying.size > 0 || this.lastFlightNs > clock.nowNs) this.lastFlightNs = clock.nowNs;
    return {
      nowNs: clock.nowNs,
      packetsInFlight: trace.flying.size,
      quietNs: clock.nowNs - this.lastFlightNs,
      openRequests: trace.waiting.size,
      nextEventNs: clock.peek()?.atNs ?? null,
      watched: watched === null ? null : (trace.packets.get(watched) ?? null),
    };
  }

  private report(cluster: Cluster): void {
    const fast = this.speed > HOPS_BELOW;
    const crowd = cluster.trace.flying.size >= CROWD;
    const worthIt = (packet: PacketTrace): boolean | 'untold' => {
      const { id, requestId, end } = packet;
      if (id === this.pace.watchedPacket || requestId === this.pace.watchedRequest) return true;
      if (crowd && isFloodedCopy(packet)) return 'untold';
      return !fast || (end !== null && end.kind !== 'delivered');
    };
    this.deps.post({ type: 'patch', patch: cluster.view.patch(worthIt), nsPerSecond: this.speed });
    for (const output of cluster.takeOutput()) this.deps.post(output);
  }

  private answerProbes(cluster: Cluster): void {
    for (const [id, held] of this.probes) {
      const answer = cluster.probe(held.probe);
      const text = answer.rows
        ? answer.rows.map((row) => `${row.count ?? ''} ${row.text}`).join('\n')
        : answer.text;
      if (text === held.text) continue;
      this.probes.set(id, { probe: held.probe, text });
      this.deps.post({ type: 'probed', id, ...answer });
    }
  }
}

/** A question for a MAC address goes to all ports; who is not meant throws the copy away. The trace keeps them all. */
function isFloodedCopy({ role, hops }: PacketTrace): boolean {
  return role === 'arp' && (hops[0]?.action === 'flood' || hops[0]?.station === 'wire');
}

/** A visitor's first picture has a packet in it: time goes on to the next one that somebody asks for, if it is near. */
function runToFirstPacket(cluster: Cluster): void {
  const limitNs = cluster.clock.nowNs + LOOK_FOR_PACKET;
  for (;;) {
    const next = cluster.clock.peek();
    if (cluster.trace.flying.size > 0 || next === undefined || next.atNs > limitNs) return;
    cluster.step();
  }
}
