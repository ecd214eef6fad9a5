/**
 * Running command lines: a session is one line that was typed, as data, with its remaining commands, the state of the one
 * that runs and the filters behind its pipes. Watching commands are stepped by timers addressed to "shell".
 */
import type { Plain } from '../../lib/plain';
import type { Clock, TimerEvent, TimerHandler } from '../clock/clock';
import { findCommand, notFoundText } from './commands';
import { endFilter, feedFilter, startFilter } from './filters';
import type { FilterState } from './filters';
import { parseLine, wordsToComplete } from './line';
import type { Pipeline } from './line';
import type { Io, ShellCommand, ShellSettings, ShellWorld, Step, StepCause } from './shell';
import { completeWords } from './complete';

/** Timer address of the shell. */
export const SHELL_ADDRESS = 'shell';

const INTERRUPTED = 130;
const USAGE = 2;

interface Running {
  readonly argv: readonly string[];
  readonly stdin: string | null;
  readonly filters: readonly FilterState[];
  readonly state: Plain | object;
  /** Timer of the next tick; null while only a process' exit is awaited. */
  readonly timer: number | null;
  /** True while a process runs that hears of Ctrl-C itself. */
  readonly process: boolean;
}

interface Session {
  readonly id: number;
  readonly todo: readonly Pipeline[];
  readonly running: Running | null;
  readonly code: number;
  readonly interrupted: boolean;
}

export interface SessionsKeyframe {
  readonly sessions: ReadonlyMap<number, Session>;
  readonly settings: ShellSettings;
}

export interface SessionsDeps {
  readonly clock: Clock;
  readonly world: ShellWorld;
  onOutput(id: number, text: string, stream: 'stdout' | 'stderr'): void;
  onExit(id: number, code: number): void;
}

export class Sessions implements TimerHandler {
  private readonly sessions = new Map<number, Session>();
  private settings: ShellSettings = { namespace: 'default' };

  constructor(private readonly deps: SessionsDeps) {}

  /** Starts a line that was typed. Output and the end are told by `onOutput` and `onExit`, perhaps before this returns. */
  start(id: number, line: string): void {
    const parsed = parseLine(line);
    const todo = 'error' in parsed ? [] : parsed.pipelines;
    this.sessions.set(id, { id, todo, running: null, code: 0, interrupted: false });
    if ('error' in parsed) {
      this.deps.onOutput(id, `${parsed.error}\n`, 'stderr');
      this.end(id, USAGE);
      return;
    }
    this.advance(id);
  }

  /** Ctrl-C. A running process gets SIGINT and may still say something; a second one ends the session at once. */
  interrupt(id: number): void {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    const running = session.running;
    this.replace(id, { todo: [] });
    this.deps.world.processes.interrupt(String(id));
    // The process may have ended in answer to the signal.
    const now = this.sessions.get(id);
    if (now === undefined) return;
    if (running?.process === true && !session.interrupted && now.running !== null) {
      this.replace(id, { interrupted: true });
    } else {
      this.deps.clock.cancel(running?.timer);
      this.end(id, INTERRUPTED);
    }
  }

  isRunning(id: number): boolean {
    return this.sessions.has(id);
  }

  /** The namespace of the current context. */
  get namespace(): string {
    return this.settings.namespace;
  }

  /** Words that may complete a half-typed line. */
  complete(line: string): readonly string[] {
    return completeWords(this.deps.world, wordsToComplete(line), this.settings);
  }

  /** A process of a session has printed; the session's name is the id as text. */
  processOutput(session: string, stream: 'stdout' | 'stderr', text: string): void {
    const id = Number(session);
    if (stream === 'stdout') this.out(id, text);
    else this.deps.onOutput(id, text, 'stderr');
  }

  /** A process of a session has ended. */
  processExit(session: string, code: number): void {
    this.resume(Number(session), { type: 'exit', code });
  }

  handle(event: TimerEvent): void {
    if (event.type === 'tick') this.resume(Number(event['id']), { type: 'tick' });
  }

  keyframe(): SessionsKeyframe {
    return { sessions: new Map(this.sessions), settings: { ...this.settings } };
  }

  restore(from: SessionsKeyframe): void {
    this.sessions.clear();
    for (const [id, session] of from.sessions) this.sessions.set(id, session);
    this.settings = { ...from.settings };
  }

  /** Starts pipelines until one goes on by itself or none is left. */
  private advance(id: number): void {
    for (;;) {
      const session = this.sessions.get(id);
      if (session === undefined || session.running !== null) return;
      const [next, ...todo] = session.todo;
      if (next === undefined) {
        this.end(id, session.code);
        return;
      }
      this.sessions.set(id, { ...session, todo });
      const wanted = next.when === 'always' || (next.when === 'ok') === (session.code === 0);
      if (wanted) this.begin(id, next);
    }
  }

  private begin(id: number, pipeline: Pipeline): void {
    const [argv = [], ...behind] = pipeline.stages;
    const filters: FilterState[] = [];
    for (const stage of behind) {
      const filter = startFilter(stage);
      if ('error' in filter) return this.refuse(id, filter.error, USAGE);
      filters.push(filter);
    }
    const command = findCommand(argv[0] ?? '');
    if (command === undefined) return this.refuse(id, notFoundText(argv[0] ?? ''), 127);
    const running: Running = {
      argv,
      stdin: pipeline.hereDoc,
      filters,
      state: null,
      timer: null,
      process: false,
    };
    this.replace(id, { running });
    this.take(id, command.run(this.deps.world, argv, this.io(id, running.stdin), this.settings));
  }

  private refuse(id: number, text: string, code: number): void {
    this.deps.onOutput(id, text, 'stderr');
    this.replace(id, { code });
  }

  private resume(id: number, cause: StepCause): void {
    const running = this.sessions.get(id)?.running;
    if (running == null) return;
    const command: ShellCommand = findCommand(running.argv[0]!)!;
    if (cause.type === 'exit') this.deps.clock.cancel(running.timer);
    const io = this.io(id, running.stdin);
    if (command.resume === undefined) throw new Error(`${command.name} cannot go on`);
    this.take(id, command.resume(this.deps.world, running.argv, io, this.settings, running.state, cause));
    this.advance(id);
  }

  /** Takes in what a step answered: an end, or the state for the next one. */
  private take(id: number, step: Step): void {
    const running = this.sessions.get(id)?.running;
    if (running == null) return;
    if ('code' in step) {
      this.replace(id, { code: this.endFilters(id, step.code), running: null });
      return;
    }
    const timer =
      step.afterNs === undefined
        ? null
        : this.deps.clock.schedule(step.afterNs, SHELL_ADDRESS, { type: 'tick', id });
    this.replace(id, { running: { ...running, state: step.state, timer, process: step.process === true } });
  }

  /** Ends the filters from left to right; the pipe's exit code is its last command's. */
  private endFilters(id: number, code: number): number {
    const filters = this.sessions.get(id)!.running!.filters;
    let last = code;
    filters.forEach((_filter, i) => {
      const current = this.sessions.get(id)!.running!.filters[i]!;
      const ended = endFilter(current);
      last = ended.code;
      this.feed(id, ended.text, i + 1);
    });
    return last;
  }

  private io(id: number, stdin: string | null): Io {
    return {
      session: String(id),
      stdin,
      out: (text) => this.out(id, text),
      err: (text) => {
        if (text !== '') this.deps.onOutput(id, text, 'stderr');
      },
    };
  }

  private out(id: number, text: string): void {
    this.feed(id, text, 0);
  }

  /** Sends text through the filters from the given one on, then to the terminal. */
  private feed(id: number, given: string, from: number): void {
    const running = this.sessions.get(id)?.running;
    let text = given;
    if (running != null && from < running.filters.length) {
      const filters = running.filters.map((filter, i) => {
        if (i < from) return filter;
        const fed = feedFilter(filter, text);
        text = fed.text;
        return fed.state;
      });
      this.replace(id, { running: { ...running, filters } });
    }
    if (text !== '') this.deps.onOutput(id, text, 'stdout');
  }

  private replace(id: number, change: Partial<Session>): void {
    const session = this.sessions.get(id);
    if (session !== undefined) this.sessions.set(id, { ...session, ...change });
  }

  private end(id: number, code: number): void {
    this.sessions.delete(id);
    this.deps.onExit(id, code);
  }
}
