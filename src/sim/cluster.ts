/**
 * One whole cluster: machines, API server, controllers, node agents, processes and a terminal, on one clock. Everything that
 * happens in it is a timer that `step` takes off the queue and hands to the part it is addressed to.
 */
import { sha256Hex } from '../lib/hash';
import { canonicalJson } from '../lib/plain';
import { DEFAULT_CONFIG } from './api/admission';
import { startLoop, type RunningLoop } from './api/loop';
import type { Node } from './api/kinds/cluster';
import { ApiServer } from './api/server';
import { Store } from './api/store';
import { Clock, MS, SECOND, type Ns, type Timer, type TimerHandler } from './clock/clock';
import { clusterFacts } from './cluster-facts';
import { carryOut } from './cluster-faults';
import type { ProxyModeName } from './cluster-mode';
import { ClusterNode } from './cluster-node';
import { Outside } from './cluster-outside';
import { probeCluster } from './cluster-probes';
import { ProxyRollout } from './cluster-rollout';
import { SettledWatch } from './cluster-settled';
import { clusterSpec, type ClusterSpec } from './cluster-spec';
import { systemObjects } from './cluster-system';
import type { ClusterCommand, ClusterKeyframe, TerminalOutput, WorkspaceFile } from './cluster-records';
import { Timeline, type LoggedCommand } from './cluster-timeline';
import { shellWorld } from './cluster-world';
import { createControllers } from './controllers/index';
import type { Machine } from './kernel/machine';
import { applyFiles, checkFiles, type FilesApplied } from './manifests/apply';
import type { SyncInfo } from './node/kube-proxy/proxier';
import { createCoredns } from './programs/coredns';
import { createOutsideDns } from './programs/outside';
import { PROGRAMS } from './programs/index';
import { createSecretMakers } from './programs/secret-makers';
import { Processes } from './programs/processes';
import { PROCESSES_ADDRESS } from './programs/process-table';
import { Sessions, SHELL_ADDRESS } from './shell/sessions';
import { Trace } from './trace/trace';
import { Underlay } from './underlay';
import type { ApplyResult, ClusterFacts, Fault, Probe, ProbeRow, SourceRange } from './view';
import { nodeView } from './view-nodes';
import { ViewTracker } from './view-tracker';

/** How long a new cluster may take to come to rest, and a settled one to get there again. */
const BOOT_LIMIT: Ns = 120 * SECOND;

export class Cluster {
  readonly clock: Clock;
  readonly trace: Trace;
  readonly store: Store;
  readonly server: ApiServer;
  readonly view: ViewTracker;
  readonly underlay: Underlay;
  readonly processes: Processes;
  readonly nodes: readonly ClusterNode[];
  readonly outside: Outside;
  private readonly sessions: Sessions;
  private readonly controllers: readonly RunningLoop[];
  private readonly handlers = new Map<string, TimerHandler>();
  private readonly rest: SettledWatch;
  private readonly timeline = new Timeline<ClusterCommand, ClusterKeyframe>();
  private readonly systemRefs: ReadonlySet<string>;
  private outputs: TerminalOutput[] = [];
  private applied: FilesApplied | null = null;
  readonly rollout: ProxyRollout;
  private files: readonly WorkspaceFile[] = [];

  /** A new cluster, booted and at rest. */
  static create(overrides: Parameters<typeof clusterSpec>[0] = {}): Cluster {
    const cluster = new Cluster(clusterSpec(overrides));
    cluster.runUntilSettled(BOOT_LIMIT);
    return cluster;
  }

  private constructor(readonly spec: ClusterSpec) {
    const clock = (this.clock = new Clock(spec.seed));
    const trace = (this.trace = new Trace({ hashing: spec.hashTrace, keepPackets: spec.keepPackets }));
    const store = (this.store = new Store({ clock }));
    this.server = new ApiServer(store, { ...DEFAULT_CONFIG, serviceCidrs: spec.serviceCidrs });
    this.underlay = new Underlay(clock, trace);
    this.processes = new Processes({
      clock,
      trace,
      machineOf: (name) => this.machineOf(name)!,
      programs: [
        ...PROGRAMS,
        ...createSecretMakers(store),
        createCoredns(store),
        createOutsideDns(() => this.outside.names()),
      ],
      onOutput: (session, stream, text) => this.sessions.processOutput(session, stream, text),
      onExit: (session, code) => this.sessions.processExit(session, code),
    });
    const { underlay, processes: runtime } = this;
    const parts = {
      clock,
      store,
      trace,
      underlay,
      runtime,
      spec,
      onSynced: (info: SyncInfo) => this.synced(info),
      speakerMode: () => this.outside.speakerMode,
    };
    this.nodes = spec.nodes.map((node, i) => new ClusterNode(parts, node, i));
    this.outside = new Outside(
      { clock, trace, underlay, store, followers: () => this.nodes.map(({ speaker }) => speaker.name) },
      spec,
    );
    this.rollout = new ProxyRollout(this, spec.proxyMode);
    this.sessions = this.createSessions();
    this.view = this.createView();
    this.rest = new SettledWatch(clock, store, () => this.inStep);
    this.systemRefs = this.createSystemObjects();
    this.outside.start(this.processes);
    for (const node of this.nodes) node.start();
    this.controllers = createControllers(this.controllerDeps).map((component, i) =>
      startLoop({ clock, store }, component, { lagNs: 4 * MS + i * 200_000 }),
    );
    this.registerHandlers();
  }

  private get controllerDeps() {
    const { clock, store, outside } = this;
    return { clock, store, cloud: outside.cloud, provider: () => outside.settings.loadBalancer };
  }

  /** True when no change waits to become rules, addresses or routes. */
  private get inStep(): boolean {
    const busy = this.controllers.some(({ component }) => 'busy' in component && component.busy === true);
    return !busy && this.outside.atRest && this.nodes.every((node) => node.rulesInStep);
  }

  private createSessions(): Sessions {
    const { clock, store, server, processes, spec } = this;
    const world = shellWorld({
      clock,
      store,
      server,
      processes,
      spec,
      nodeOf: (name) => this.nodeOf(name),
      machineOf: (name) => this.machineOf(name),
      files: () => this.files,
    });
    return new Sessions({
      clock,
      world,
      onOutput: (id, text, stream) => this.outputs.push({ type: 'output', id, text, stream }),
      onExit: (id, code) => this.outputs.push({ type: 'exit', id, code }),
    });
  }

  private createView(): ViewTracker {
    const { clock, store, trace, spec } = this;
    return new ViewTracker({
      clock,
      store,
      trace,
      clusterDomain: spec.clusterDomain,
      facts: () => this.facts,
      settled: () => this.settled,
      nodeView: (node: Node) => ({
        ...nodeView(node, this.nodeOf(node.metadata.name)),
        wireCut: this.underlay.isCut(node.metadata.name),
      }),
      sourceOf: (ref) =>
        this.applied?.applied.has(ref) ? 'manifest' : this.systemRefs.has(ref) ? 'system' : 'controller',
    });
  }

  private createSystemObjects(): ReadonlySet<string> {
    const refs = new Set<string>();
    for (const object of systemObjects(this.spec)) {
      const stored = this.server.create(object);
      if (object['status'] !== undefined) this.store.updateStatus({ ...stored, status: object['status'] });
      refs.add(`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`);
    }
    return refs;
  }

  private registerHandlers(): void {
    for (const node of this.nodes)
      for (const [address, handler] of node.handlers()) this.handlers.set(address, handler);
    for (const loop of this.controllers) this.handlers.set(loop.component.name, loop);
    for (const [address, handler] of this.outside.handlers()) this.handlers.set(address, handler);
    this.handlers.set('underlay', this.underlay);
    this.handlers.set(PROCESSES_ADDRESS, this.processes);
    this.handlers.set(SHELL_ADDRESS, this.sessions);
  }

  private synced(info: SyncInfo): void {
    if (info.services.length === 0) return;
    const rules = `${info.rulesWritten} ${info.plans.length > 0 ? 'rules' : 'map entries'} written`;
    this.view.note(`Node//${info.nodeName}`, 'rules', `${rules} for ${info.services.join(', ')}`);
  }

  nodeOf(name: string): ClusterNode | undefined {
    return this.nodes.find((node) => node.machine.name === name);
  }

  machineOf(name: string): Machine | undefined {
    return this.outside.machineOf(name) ?? this.nodeOf(name)?.machine;
  }

  get facts(): ClusterFacts {
    return clusterFacts(this);
  }

  // ---- time

  /** Takes the next timer and lets its part handle it. Undefined when nothing is due ever. */
  step(): Timer | undefined {
    const timer = this.clock.take();
    if (timer === undefined) return undefined;
    const handler = this.handlers.get(timer.to);
    if (handler === undefined) throw new Error(`nobody takes timers for ${timer.to}`);
    handler.handle(timer.event, timer);
    return timer;
  }

  /** Runs everything that is due up to and including `atNs`, and stands there. */
  runUntil(atNs: Ns): void {
    const target = Math.max(this.clock.nowNs, Math.round(atNs));
    for (let next = this.clock.peek(); next !== undefined && next.atNs <= target; next = this.clock.peek())
      this.step();
    this.clock.advanceTo(target);
  }

  /** Runs until nothing but periodic work is left, or `limitNs` of virtual time have passed. True when it is at rest. */
  runUntilSettled(limitNs: Ns = BOOT_LIMIT): boolean {
    const end = this.clock.nowNs + limitNs;
    while (!this.settled && this.clock.nowNs < end) this.runUntil(this.clock.nowNs + 100 * MS);
    return this.settled;
  }

  get settled(): boolean {
    return this.rest.settled;
  }

  // ---- what people do

  /** Brings the cluster to what the files say. */
  apply(files: readonly WorkspaceFile[]): ApplyResult {
    this.timeline.record(this.clock.nowNs, { type: 'apply', files });
    return this.applyNow(files);
  }

  private applyNow(files: readonly WorkspaceFile[]): ApplyResult {
    this.applied = applyFiles(this.server, files, this.applied?.applied, this.applied?.settings);
    this.rollout.follow(this.applied.settings);
    this.files = files;
    const { rows, diagnostics } = this.applied;
    return { rows, diagnostics };
  }

  /** What apply would do, without doing it. */
  check(files: readonly WorkspaceFile[]): ApplyResult {
    const { applied, settings } = this.applied ?? {};
    const { rows, diagnostics } = checkFiles(this.server, files, applied, settings);
    return { rows, diagnostics };
  }

  /** Starts a line of the terminal; what it prints comes by `takeOutput` under the same id (a whole number in text). */
  exec(id: string, line: string): void {
    this.timeline.record(this.clock.nowNs, { type: 'exec', id, line });
    this.sessions.start(Number(id), line);
  }

  interrupt(id: string): void {
    this.timeline.record(this.clock.nowNs, { type: 'interrupt', id });
    this.sessions.interrupt(Number(id));
  }

  /** Runs until the line has ended; its exit code, or null when it has not within `limitNs`. */
  runUntilExit(id: string, limitNs: Ns = 3600 * SECOND): number | null {
    const end = this.clock.nowNs + limitNs;
    for (;;) {
      const exit = this.outputs.find((output) => output.type === 'exit' && output.id === Number(id));
      if (exit?.type === 'exit') return exit.code;
      if (this.clock.nowNs > end || this.step() === undefined) return null;
    }
  }

  /** Another mode of kube-proxy, one node after the other; or BPF maps in its place. */
  setProxyMode(mode: ProxyModeName): void {
    this.fault({ kind: 'proxy-mode', mode });
  }

  fault(fault: Fault): void {
    this.timeline.record(this.clock.nowNs, { type: 'fault', fault });
    carryOut(this, fault);
  }

  /** What the terminal has printed since the last call. */
  takeOutput(): TerminalOutput[] {
    const out = this.outputs;
    this.outputs = [];
    return out;
  }

  complete(line: string): readonly string[] {
    return this.sessions.complete(line);
  }

  /** Where the text is that an object, and a field of it, comes from; follows owners up to a manifest. */
  locate(ref: string, path: string): { range: SourceRange | null; from: string } {
    const range = this.applied?.sources.locate(ref, path) ?? null;
    if (range !== null) return { range, from: ref };
    const owner = this.store.byRef(ref)?.metadata.ownerReferences?.find((reference) => reference.controller);
    const namespace = ref.split('/')[1] ?? '';
    return owner ? this.locate(`${owner.kind}/${namespace}/${owner.name}`, '') : { range: null, from: ref };
  }

  /** A table of a machine or an object as text, for those who look at it now. */
  probe(probe: Probe): { text: string; rows?: readonly ProbeRow[] } {
    return probeCluster(this, probe);
  }

  /** Commands so far: with the seed, what a replay needs. */
  get commandLog(): readonly LoggedCommand<ClusterCommand>[] {
    return this.timeline.log;
  }

  // ---- there and back

  /** Takes a keyframe when one is due, so that `rewind` has where to start from. */
  keepKeyframe(): void {
    if (this.timeline.isDue(this.clock.nowNs)) this.timeline.keep(this.clock.nowNs, this.keyframe());
  }

  /** Goes back to a moment: the keyframe before it, and from there the same again. */
  rewind(toNs: Ns): void {
    const moment = this.timeline.before(toNs);
    if (moment === undefined) return;
    this.restore(moment.frame);
    const again = this.timeline.rewindTo(moment, toNs);
    for (const { atNs, command } of again) {
      this.runUntil(atNs);
      this.repeat(command);
    }
    this.runUntil(Math.max(toNs, moment.atNs));
  }

  private repeat(command: ClusterCommand): void {
    if (command.type === 'apply') this.apply(command.files);
    else if (command.type === 'exec') this.exec(command.id, command.line);
    else if (command.type === 'interrupt') this.interrupt(command.id);
    else this.fault(command.fault);
  }

  keyframe(): ClusterKeyframe {
    return {
      clock: this.clock.keyframe(),
      trace: this.trace.keyframe(),
      store: this.store.keyframe(),
      underlay: this.underlay.keyframe(),
      outside: this.outside.keyframe(),
      nodes: this.nodes.map((node) => node.keyframe()),
      controllers: this.controllers.map((loop) => loop.keyframe()),
      processes: this.processes.keyframe(),
      sessions: this.sessions.keyframe(),
      lastWriteNs: this.rest.keyframe(),
      rollout: this.rollout.keyframe(),
      applied: this.applied,
      files: this.files,
    };
  }

  restore(from: ClusterKeyframe): void {
    this.clock.restore(from.clock);
    this.trace.restore(from.trace);
    this.store.restore(from.store);
    this.underlay.restore(from.underlay);
    this.outside.restore(from.outside);
    this.nodes.forEach((node, i) => node.restore(from.nodes[i]!));
    this.controllers.forEach((loop, i) => loop.restore(from.controllers[i]!));
    this.processes.restore(from.processes);
    this.sessions.restore(from.sessions);
    this.rest.restore(from.lastWriteNs);
    this.applied = from.applied;
    this.rollout.restore(from.rollout);
    this.files = from.files;
  }

  /** One text for everything that was ever stored and every packet that ended (the latter with `hashTrace`). */
  hash(): string {
    const { version, tables } = this.store.keyframe();
    return sha256Hex(canonicalJson({ version, tables, trace: this.trace.hash, nowNs: this.clock.nowNs }));
  }
}
