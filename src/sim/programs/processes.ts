/**
 * The process table of all machines: what containerd, runc and the kernel's process side do together. The kubelet starts
 * and stops containers through it (CRI), `kubectl exec` and terminals start commands, and sockets' news find their process.
 */
import type { Plain } from '../../lib/plain';
import type { Timer, TimerEvent, TimerHandler } from '../clock/clock';
import { MS } from '../clock/clock';
import type { SocketEvent } from '../kernel/machine-api';
import type { ContainerRuntime, ContainerSpec } from '../node/runtime';
import { CALL_ANNOTATION } from './annotations';
import { behaviourOf, findCommand } from './images';
import { ProcessOs } from './os';
import { logOf, ProcessRecords } from './process-records';
import type { Entry, ProcessTable, SpawnRequest } from './process-table';
import { PROCESSES_ADDRESS } from './process-table';
import type { Process, ProcessEvent, Program, SpawnOptions } from './program';

/** What fork and exec cost. It also keeps an endless shell loop from standing still in time. */
const SPAWN_NS = MS;
const KILLED = 137;

export class Processes extends ProcessRecords implements ContainerRuntime, TimerHandler, ProcessTable {
  // ---- what the kubelet asks (CRI)

  start(spec: ContainerSpec): { handle: string } | { error: string } {
    const image = behaviourOf(spec);
    const command = this.commandIn(spec, { image, files: {} }, image.argv, 'main');
    if (image.argv.length === 0) return { error: 'no command specified' };
    if (command === null) {
      return {
        error:
          'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
          `unable to start container process: exec: ${notFound(image.argv[0]!)}: unknown`,
      };
    }
    const pid = this.lastPid + 1;
    const handle = `${spec.podRef}/${spec.container}#${pid}`;
    this.containers.set(handle, {
      spec,
      image,
      mainPid: pid,
      running: true,
      files: {},
      log: [],
      freshLog: [],
    });
    this.forgetEnded();
    const { machine, netns, podRef: owner, env } = spec;
    const base = { machine, netns, owner, container: spec, handle, libc: image.libc };
    this.spawn({
      ...base,
      argv: command.argv,
      env: { ...image.env, HOME: '/root', ...env },
      program: command.program.name,
    });
    this.startCaller(spec, handle);
    return { handle };
  }

  /** The annotation hopyard.dev/call gives a pod one process that calls an address over and over. */
  private startCaller(spec: ContainerSpec, handle: string): void {
    if (spec.annotations[CALL_ANNOTATION] === undefined) return;
    const running = [...this.entries.values()].map(({ process }) => process);
    if (running.some((other) => other.program === 'caller' && other.owner === spec.podRef)) return;
    const { machine, netns, podRef: owner } = spec;
    const libc = this.containers.get(handle)!.image.libc;
    this.spawn({ argv: ['caller'], machine, netns, owner, env: spec.env, container: spec, handle, libc });
  }

  signal(handle: string, signal: 'TERM' | 'KILL'): void {
    const container = this.containers.get(handle);
    if (container === undefined || !container.running) return;
    if (signal === 'KILL') this.finish(container.mainPid, KILLED);
    else this.deliverSignal(container.mainPid, 'TERM');
  }

  exec(handle: string, command: readonly string[], replyTo: string, token: Plain): void {
    const pid = this.spawnIn(handle, command);
    const reply = { to: replyTo, token };
    if (typeof pid === 'number')
      this.entries.set(pid, { ...this.entries.get(pid)!, reply, stdout: 'discard', stderr: 'discard' });
    else
      this.deps.clock.schedule(0, replyTo, { type: 'exec-done', token, exitCode: 126, message: pid.error });
  }

  isRunning(handle: string): boolean {
    return this.containers.get(handle)?.running ?? false;
  }

  /** Lines that a container has printed, oldest first; empty for an unknown one. */
  logs(handle: string): readonly string[] {
    const container = this.containers.get(handle);
    return container === undefined ? [] : logOf(container);
  }

  /** Logs of the instances of a pod's container that are still kept, the oldest first; the last one may still run. */
  instanceLogs(podRef: string, container: string): readonly (readonly string[])[] {
    return [...this.containers.values()]
      .filter(({ spec }) => spec.podRef === podRef && spec.container === container)
      .map(logOf);
  }

  // ---- what terminals ask

  /** Starts a command, in a container or bare on a machine. Its output and exit go to the session. */
  execIn(
    target: { readonly handle: string } | Omit<SpawnRequest, 'argv'>,
    argv: readonly string[],
    session: string,
  ): number | { error: string } {
    if ('argv' in target || !('machine' in target)) return this.spawnIn(target.handle!, argv, session);
    const program = findCommand(null, argv[0] ?? '', this.programs);
    if (program === null) return { error: `sh: ${argv[0]}: not found` };
    return this.spawn({ ...target, argv, session, program: program.name });
  }

  private spawnIn(handle: string, argv: readonly string[], session?: string): number | { error: string } {
    const container = this.containers.get(handle);
    if (container === undefined || !container.running) return { error: 'container not found' };
    const { spec, image } = container;
    const purpose = session === undefined ? 'check' : 'terminal';
    const command = this.commandIn(spec, container, argv, purpose);
    if (command === null) return { error: `exec: ${notFound(argv[0] ?? '')}` };
    const { machine, netns, podRef: owner } = spec;
    const env = { ...image.env, ...spec.env, HOSTNAME: spec.hostname, HOME: spec.env.HOME ?? '/root' };
    const base = { machine, netns, owner, env, container: spec, handle, libc: image.libc };
    const { program } = command;
    return this.spawn({
      ...base,
      argv: command.argv,
      program: program.name,
      ...(session === undefined ? {} : { session }),
    });
  }

  /** Makes a process; it runs a moment later. Returns its pid. */
  spawn(request: SpawnRequest, parent: number | null = null, options: SpawnOptions = {}): number {
    const pid = ++this.lastPid;
    const { argv, machine, netns, owner, container, handle, session, stdin } = request;
    const inside = this.container(handle);
    const innerPid = (inside?.born ?? 0) + 1;
    if (inside !== undefined) this.containers.set(handle!, { ...inside, born: innerPid });
    const process: Process = {
      pid,
      ...(inside !== undefined && { innerPid }),
      program: request.program ?? argv[0] ?? '',
      machine,
      netns,
      owner,
      args: argv,
      env: request.env ?? {},
      libc: request.libc ?? 'glibc',
      state: {},
      ...(container && { container }),
      ...(handle !== undefined && { handle }),
      ...(session !== undefined && { session }),
      ...(stdin !== undefined && { stdin }),
    };
    const above = parent === null ? undefined : this.entries.get(parent);
    const stream = (wish: SpawnOptions['stdout'], inherited: Entry['stdout'] | undefined) =>
      wish === 'capture' || wish === 'discard'
        ? wish
        : inherited === 'capture'
          ? 'above'
          : (inherited ?? 'out');
    this.entries.set(pid, {
      process,
      parent,
      group: above?.group ?? pid,
      stdout: stream(options.stdout, above?.stdout),
      stderr: stream(options.stderr, above?.stderr),
      captured: '',
      timers: new Set(),
      requests: new Set(),
      files: request.files ?? above?.files ?? {},
    });
    this.deps.clock.schedule(SPAWN_NS, PROCESSES_ADDRESS, { type: 'start', pid });
    return pid;
  }

  /** Who holds a socket, by its owner's key: the command's name, and the pid that it has in its container. */
  holderOf(key: string | number): { name: string; pid: number } | null {
    const process = typeof key === 'number' ? this.entries.get(key)?.process : undefined;
    if (process === undefined) return null;
    const name = process.args[0]?.split('/').pop() ?? process.program;
    return { name, pid: process.innerPid ?? process.pid };
  }

  /** Ctrl-C in a terminal: every process of the session's foreground group gets INT. */
  interrupt(session: string): void {
    for (const [pid, entry] of [...this.entries]) {
      if (entry.process.session === session) this.deliverSignal(pid, 'INT');
    }
  }

  /** exec(2): the same pid, another program. Sockets of the old one are closed, its timers forgotten. */
  become(
    pid: number,
    program: Program,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
  ): void {
    const entry = this.entries.get(pid)!;
    for (const id of entry.timers) this.deps.clock.cancel(id);
    const process = { ...entry.process, program: program.name, args: argv, env, state: {} };
    this.entries.set(pid, { ...entry, process, timers: new Set() });
    this.deps.clock.schedule(SPAWN_NS, PROCESSES_ADDRESS, { type: 'start', pid });
  }

  // ---- what Os needs (see os.ts)

  /** A signal from within the container, a moment later. The kernel shields its first process from KILL there. */
  signalFrom(pid: number, signal: 'TERM' | 'INT' | 'KILL'): void {
    this.deps.clock.schedule(0, PROCESSES_ADDRESS, { type: 'signal', pid, signal });
  }

  // ---- timers

  handle(event: TimerEvent, timer: Timer): void {
    if (event.type === 'socket') {
      this.dispatch(Number(event.key), { type: 'socket', event: event.event as SocketEvent });
      return;
    }
    const pid = Number(event.pid);
    if (event.type === 'start') this.dispatch(pid, null);
    else if (event.type === 'signal') {
      const isFirst = this.container(this.entries.get(pid)?.process.handle)?.mainPid === pid;
      if (event.signal !== 'KILL') this.deliverSignal(pid, event.signal as 'TERM' | 'INT');
      else if (!isFirst) this.finish(pid, KILLED);
    } else if (event.type === 'timer') {
      const entry = this.entries.get(pid);
      if (entry === undefined) return;
      const timers = new Set([...entry.timers].filter((id) => id !== timer.id));
      this.entries.set(pid, { ...entry, timers });
      const data = event.data as Plain | object | undefined;
      this.dispatch(pid, {
        type: 'timer',
        name: String(event.name),
        ...(data === undefined ? {} : { data }),
      });
    } else if (event.type === 'child') {
      const { child, code, output } = event;
      this.dispatch(pid, { type: 'child', pid: Number(child), code: Number(code), output: String(output) });
    }
  }

  /** Runs a program's start (null) or event function, and buries the process if it exited meanwhile. */
  private dispatch(pid: number, event: ProcessEvent | null): void {
    const entry = this.entries.get(pid);
    const program = entry && this.programs.get(entry.process.program);
    if (entry === undefined || program === undefined) return;
    if (!this.hasPlace(entry)) {
      this.vanish((other) => other === entry);
      return;
    }
    const os = new ProcessOs(this, pid);
    if (event === null) program.start(os);
    else program.onEvent(os, event);
    if (os.exitCode !== null) this.finish(pid, os.exitCode);
  }

  private deliverSignal(pid: number, signal: 'TERM' | 'INT'): void {
    const entry = this.entries.get(pid);
    const program = entry && this.programs.get(entry.process.program);
    if (entry === undefined || program === undefined) return;
    const { handlesSignals = false } = program;
    const handles = typeof handlesSignals === 'function' ? handlesSignals(entry.process) : handlesSignals;
    if (handles) this.dispatch(pid, { type: 'signal', signal });
    else if (this.container(entry.process.handle)?.mainPid !== pid)
      this.finish(pid, signal === 'TERM' ? 143 : 130);
  }

  /** A process is over: sockets go, open requests end, whoever waits hears of it. */
  private finish(pid: number, code: number): void {
    const entry = this.entries.get(pid);
    if (entry === undefined) return;
    const { clock, trace, machineOf } = this.deps;
    this.entries.delete(pid);
    for (const id of entry.timers) clock.cancel(id);
    machineOf(entry.process.machine).closeAllOf({ to: PROCESSES_ADDRESS, key: pid });
    for (const id of entry.requests) {
      trace.endRequest(id, clock.nowNs, {
        ok: false,
        text: code === 130 ? 'interrupted' : 'the process ended',
      });
    }
    if (entry.parent !== null && this.entries.has(entry.parent)) {
      const event = { type: 'child', pid: entry.parent, child: pid, code, output: entry.captured };
      clock.schedule(0, PROCESSES_ADDRESS, event);
    } else if (entry.parent === null && entry.process.session !== undefined) {
      this.deps.onExit(entry.process.session, code);
    }
    if (entry.reply !== undefined) {
      clock.schedule(0, entry.reply.to, { type: 'exec-done', token: entry.reply.token, exitCode: code });
    }
    this.finishContainer(entry, code);
  }

  private finishContainer(entry: Entry, code: number): void {
    const handle = entry.process.handle;
    const container = this.container(handle);
    if (container === undefined || handle === undefined || container.mainPid !== entry.process.pid) return;
    this.containers.set(handle, { ...container, running: false });
    for (const [pid, other] of [...this.entries])
      if (other.process.handle === handle) this.finish(pid, KILLED);
    const reason = code === 0 ? 'Completed' : 'Error';
    this.deps.clock.schedule(0, container.spec.replyTo, {
      type: 'container-exited',
      handle,
      exitCode: code,
      reason,
    });
  }

  /** Power off: everything on a machine is gone at once and nobody is told. */
  killMachine(machine: string): void {
    this.vanish(({ process }) => process.machine === machine);
    for (const [handle, container] of this.containers) {
      if (container.spec.machine === machine) this.containers.set(handle, { ...container, running: false });
    }
  }

  /** False when the machine is off or the network namespace has been taken away under the process. */
  private hasPlace({ process }: Entry): boolean {
    const machine = this.deps.machineOf(process.machine);
    return machine.poweredOn && machine.hasNetns(process.netns);
  }

  private vanish(isGone: (entry: Entry) => boolean): void {
    const { clock, trace } = this.deps;
    for (const [pid, entry] of [...this.entries].filter(([, one]) => isGone(one))) {
      for (const id of entry.timers) clock.cancel(id);
      for (const id of entry.requests) {
        trace.endRequest(id, clock.nowNs, { ok: false, text: 'the machine lost power' });
      }
      this.entries.delete(pid);
      const container = this.container(entry.process.handle);
      if (container?.mainPid === pid)
        this.containers.set(entry.process.handle!, { ...container, running: false });
      if (entry.parent === null && entry.process.session !== undefined) {
        this.deps.onExit(entry.process.session, KILLED);
      }
    }
  }
}

/** The words of Go's exec.LookPath, which runc passes on. */
function notFound(command: string): string {
  return command.includes('/')
    ? `"${command}": stat ${command}: no such file or directory`
    : `"${command}": executable file not found in $PATH`;
}
