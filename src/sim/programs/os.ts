/** The system calls of one process, made for the time of one event: what the C library and the kernel offer it. */
import type { Plain } from '../../lib/plain';
import type { Ns } from '../clock/clock';
import type { MachineApi } from '../kernel/machine-api';
import type { Entry, ProcessTable } from './process-table';
import { PROCESSES_ADDRESS } from './process-table';
import type { Os, Process, SpawnOptions } from './program';

/** The Os of process `pid`. A class, so that an event does not make a closure for each call that it may want. */
export class ProcessOs implements Os {
  readonly owner: Os['owner'];
  /** What the process left with, if it did. */
  exitCode: number | null = null;

  constructor(
    private readonly table: ProcessTable,
    private readonly pid: number,
  ) {
    this.owner = { to: PROCESSES_ADDRESS, key: pid };
  }

  get process(): Process {
    return this.entry.process;
  }

  get machine(): MachineApi {
    return this.table.deps.machineOf(this.entry.process.machine);
  }

  get nowNs(): Ns {
    return this.table.deps.clock.nowNs;
  }

  setState(state: Plain | object): void {
    this.change({ process: { ...this.process, state } });
  }

  setTimer(name: string, delayNs: Ns, data?: Plain | object): number {
    const event = { type: 'timer', pid: this.pid, name, ...(data === undefined ? {} : { data }) };
    const id = this.table.deps.clock.schedule(delayNs, PROCESSES_ADDRESS, event);
    this.change({ timers: new Set(this.entry.timers).add(id) });
    return id;
  }

  cancelTimer(id: number): void {
    this.table.deps.clock.cancel(id);
    this.change({ timers: without(this.entry.timers, id) });
  }

  random(stream: string): number {
    return this.table.deps.clock.random.next(stream);
  }

  print(text: string, to: 'stdout' | 'stderr' = 'stdout'): void {
    this.table.output(this.pid, to, text);
  }

  exit(code: number): void {
    this.exitCode ??= code;
  }

  beginRequest(kind: Parameters<Os['beginRequest']>[0], what: string): number {
    const { clock, trace } = this.table.deps;
    const id = trace.beginRequest({ from: this.process.owner, what, kind, startNs: clock.nowNs });
    this.change({ requests: new Set(this.entry.requests).add(id) });
    return id;
  }

  endRequest(id: number, ok: boolean, text: string): void {
    const { clock, trace } = this.table.deps;
    trace.endRequest(id, clock.nowNs, { ok, text });
    this.change({ requests: without(this.entry.requests, id) });
  }

  readFile(path: string): string | null {
    return this.table.readFile(this.entry, path);
  }

  listFiles(): readonly string[] {
    return this.table.listFiles(this.entry);
  }

  writeFile(path: string, text: string | null): void {
    this.table.writeFile(this.process.handle, path, text);
  }

  spawn(argv: readonly string[], options: SpawnOptions = {}): number | null {
    return spawnChild(this.table, this.entry, argv, options);
  }

  siblings(): { readonly pid: number; readonly args: readonly string[] }[] {
    return inContainer(this.table, this.entry).map(({ pid, args }) => ({ pid, args }));
  }

  signal(target: number, name: 'TERM' | 'INT' | 'KILL'): boolean {
    const found = inContainer(this.table, this.entry).find((one) => one.pid === target);
    if (found !== undefined) this.table.signalFrom(found.globalPid, name);
    return found !== undefined;
  }

  become(argv: readonly string[], env: Readonly<Record<string, string>>): boolean {
    const command = this.table.commandFor(this.entry, argv, false);
    if (command !== null) this.table.become(this.pid, command.program, command.argv, env);
    return command !== null;
  }

  private get entry(): Entry {
    return this.table.entry(this.pid)!;
  }

  private change(more: Partial<Entry>): void {
    this.table.replace(this.pid, { ...this.entry, ...more });
  }
}

function without(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const rest = new Set(ids);
  rest.delete(id);
  return rest;
}

/** Processes of the same container by the pids that they see. */
function inContainer(table: ProcessTable, entry: Entry) {
  const { handle } = entry.process;
  if (handle === undefined || table.container(handle) === undefined) return [];
  return table.processesIn(handle).map(({ pid: globalPid, innerPid, args }) => {
    return { pid: innerPid ?? globalPid, globalPid, args };
  });
}

function spawnChild(
  table: ProcessTable,
  entry: Entry,
  argv: readonly string[],
  options: SpawnOptions,
): number | null {
  const awaited = (options.stdout ?? 'inherit') !== 'inherit';
  const command = table.commandFor(entry, argv, awaited);
  if (command === null) return null;
  const { machine, netns, owner, env, session, container, handle, libc } = entry.process;
  const request = {
    argv: command.argv,
    machine,
    netns,
    owner,
    libc,
    program: command.program.name,
    env: options.env ?? env,
    ...(session === undefined ? {} : { session }),
    ...(container === undefined ? {} : { container }),
    ...(handle === undefined ? {} : { handle }),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  };
  return table.spawn(request, entry.process.pid, options);
}
