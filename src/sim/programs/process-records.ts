/**
 * The records of the process table: processes, containers, their logs and files, and where output goes. What happens to
 * them is in processes.ts.
 */
import type { Command, Purpose } from './commands';
import { commandOf } from './commands';
import type { Volumes } from './files';
import { pathsIn, placeOf, plainPath, readIn, withFile } from './files';
import type { ContainerSpec } from '../node/runtime';
import type { Container, Entry, ProcessDeps } from './process-table';
import type { Process, Program } from './program';

/** All of the process table's state. */
export interface ProcessesKeyframe {
  readonly lastPid: number;
  readonly entries: ReadonlyMap<number, Entry>;
  readonly containers: ReadonlyMap<string, Container>;
  readonly volumes: Volumes;
}

const LOG_LINES = 200;
const FRESH_LINES = 20;
/** How many ended containers keep their log for `kubectl logs --previous`. */
const KEEP_ENDED = 200;

/** The newest lines that a container has printed, oldest first. */
export function logOf({ log, freshLog }: Pick<Container, 'log' | 'freshLog'>): readonly string[] {
  return [...log, ...freshLog].slice(-LOG_LINES);
}

/** Holds the records; Processes builds on it. */
export class ProcessRecords {
  protected lastPid = 0;
  protected readonly entries = new Map<number, Entry>();
  protected readonly containers = new Map<string, Container>();
  /** What is kept outside of containers, by volume. */
  protected readonly volumes = new Map<string, Readonly<Record<string, string>>>();
  protected readonly programs: ReadonlyMap<string, Program>;

  constructor(readonly deps: ProcessDeps) {
    this.programs = new Map(deps.programs.map((program) => [program.name, program]));
  }

  entry(pid: number): Entry | undefined {
    return this.entries.get(pid);
  }

  replace(pid: number, entry: Entry): void {
    this.entries.set(pid, entry);
  }

  container(handle: string | undefined): Container | undefined {
    return handle === undefined ? undefined : this.containers.get(handle);
  }

  /** What a command line starts for a process, by the image it lives in. */
  commandFor(entry: Entry, argv: readonly string[], awaited: boolean): Command | null {
    const container = this.container(entry.process.handle);
    const isCheck = this.entries.get(entry.group)?.reply !== undefined;
    const purpose = entry.process.session !== undefined ? 'terminal' : isCheck ? 'check' : 'main';
    const readFile = (path: string) => this.readFile(entry, path);
    return commandOf(
      { image: container?.image ?? null, programs: this.programs, purpose, awaited, readFile },
      argv,
    );
  }

  /** What a command line starts as the first process of a container, or beside it. */
  protected commandIn(
    spec: ContainerSpec,
    container: Pick<Container, 'image' | 'files'>,
    argv: readonly string[],
    purpose: Purpose,
  ): Command | null {
    const { image, files } = container;
    const readFile = (path: string) => readIn({ spec, files }, this.volumes, path);
    return commandOf({ image, programs: this.programs, purpose, readFile }, argv);
  }

  readFile(entry: Entry, path: string): string | null {
    const container = this.container(entry.process.handle);
    return container === undefined ? (entry.files[path] ?? null) : readIn(container, this.volumes, path);
  }

  processesIn(handle: string): readonly Process[] {
    return [...this.entries.values()].map(({ process }) => process).filter((one) => one.handle === handle);
  }

  /** Paths of all files that a process sees. */
  listFiles(entry: Entry): readonly string[] {
    const container = this.container(entry.process.handle);
    return container === undefined ? Object.keys(entry.files) : pathsIn(container, this.volumes);
  }

  writeFile(handle: string | undefined, given: string, text: string | null): void {
    const container = this.container(handle);
    if (container === undefined || handle === undefined || given === '/dev/null') return;
    const path = plainPath(given);
    const place = placeOf(container.spec, path);
    if (place === null || container.spec.files?.[path] !== undefined) {
      this.containers.set(handle, { ...container, files: withFile(container.files, path, text) });
      return;
    }
    this.volumes.set(place.volume, withFile(this.volumes.get(place.volume) ?? {}, place.path, text));
  }

  /** Output of a process on its way: to a terminal, a container's log, a waiting parent or nowhere. */
  output(pid: number, stream: 'stdout' | 'stderr', text: string): void {
    const entry = this.entries.get(pid);
    if (entry === undefined || text === '') return;
    const way = entry[stream];
    if (way === 'discard') return;
    if (way === 'capture' || way === 'above') {
      const holder = this.captor(entry, way);
      if (holder === undefined) return;
      this.entries.set(holder.process.pid, { ...holder, captured: holder.captured + text });
    } else if (entry.process.session !== undefined) {
      this.deps.onOutput(entry.process.session, stream, text);
    } else if (entry.process.handle !== undefined && entry.reply === undefined) {
      this.appendLog(entry.process.handle, text);
    }
  }

  /** The process whose parent waits for what this one prints; none when it has ended meanwhile. */
  private captor(entry: Entry, way: 'capture' | 'above'): Entry | undefined {
    let holder: Entry | undefined = entry;
    for (let level = way; level === 'above';) {
      holder = holder?.parent == null ? undefined : this.entries.get(holder.parent);
      if (holder === undefined) return undefined;
      level = holder.stdout === 'capture' ? 'capture' : 'above';
    }
    return holder;
  }

  private appendLog(handle: string, text: string): void {
    const container = this.containers.get(handle);
    if (container === undefined) return;
    const lines = text.replace(/\n$/, '').split('\n');
    const freshLog = [...container.freshLog, ...lines];
    // Not all lines are copied for each new one.
    this.containers.set(
      handle,
      freshLog.length < FRESH_LINES
        ? { ...container, freshLog }
        : { ...container, log: logOf({ ...container, freshLog }), freshLog: [] },
    );
  }

  /** Ended containers beyond the newest ones are forgotten with their logs. */
  protected forgetEnded(): void {
    const ended = [...this.containers].filter(([, container]) => !container.running);
    for (const [handle] of ended.slice(0, Math.max(0, ended.length - KEEP_ENDED)))
      this.containers.delete(handle);
    const used = new Set(
      [...this.containers.values()].flatMap(({ spec }) => (spec.mounts ?? []).map((row) => row.volume)),
    );
    // What belongs to a pod goes with it; claims and nodes keep theirs.
    for (const volume of this.volumes.keys())
      if (volume.startsWith('pod/') && !used.has(volume)) this.volumes.delete(volume);
  }

  keyframe(): ProcessesKeyframe {
    const { lastPid, entries, containers, volumes } = this;
    return {
      lastPid,
      entries: new Map(entries),
      containers: new Map(containers),
      volumes: new Map(volumes),
    };
  }

  restore(from: ProcessesKeyframe): void {
    this.lastPid = from.lastPid;
    this.entries.clear();
    for (const [pid, entry] of from.entries) this.entries.set(pid, entry);
    this.containers.clear();
    for (const [handle, container] of from.containers) this.containers.set(handle, container);
    this.volumes.clear();
    for (const [volume, files] of from.volumes) this.volumes.set(volume, files);
  }
}
