/**
 * The page's end of the line to the cluster: starts the Worker, posts Commands, pairs answers with questions. What is
 * not an answer goes to the listener. It knows nothing of stores, React or the DOM.
 */
import { NOT_STARTED } from '../lib/unreachable';
import type { ApplyResult, SourceRange } from '../sim/view';
import type { BootSettings, Command, Probe, ProbeRow, Report, SourceFile } from './protocol';

/** The part of a Worker that the client needs; tests and fixtures bring their own. */
export interface Mailbox {
  postMessage(message: Command): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Report>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** Where an object or one of its fields stands in the user's text; `from` says in words what else made it. */
export interface Located {
  readonly range: SourceRange | null;
  readonly from: string;
}

/** What a live table of a machine says now. */
export interface ProbeAnswer {
  readonly text: string;
  readonly rows: readonly ProbeRow[];
}

/** Commands that have no answer of their own. */
export type Order = Extract<
  Command,
  { type: 'fault' | 'pace' | 'step-event' | 'step-hop' | 'run-to' | 'rewind' }
>;

/** The worker answers `boot`, which has no id, as the apply of this one. */
const BOOT_ID = 0;

type Waiting = (report: Report) => void;

/** A cluster that runs somewhere else. Questions to a cluster that is gone stay unanswered; `boot` starts a new one. */
export class Client {
  private box: Mailbox | null = null;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly spawn: () => Mailbox,
    private readonly listen: (report: Report) => void,
  ) {}

  /** Starts a new cluster with these files; the one before, if any, is gone. Answers what applying them did. */
  boot(seed: number, files: readonly SourceFile[], settings: BootSettings = {}): Promise<ApplyResult> {
    this.close();
    const box = this.spawn();
    box.onmessage = (event) => {
      if (this.box === box) this.hear(event.data);
    };
    box.onerror = (event) => {
      if (this.box !== box) return;
      const message = event.message || NOT_STARTED;
      this.listen({ type: 'crashed', message, replay: '' });
    };
    this.box = box;
    const chosen = Object.keys(settings).length > 0 ? { settings } : {};
    this.post({ type: 'boot', seed, files, ...chosen });
    return new Promise((resolve) => {
      this.waiting.set(BOOT_ID, (report) => {
        if (report.type !== 'applied') return;
        this.waiting.delete(BOOT_ID);
        resolve(report.result);
      });
    });
  }

  close(): void {
    this.box?.terminate();
    this.box = null;
    this.waiting.clear();
  }

  send(order: Order): void {
    this.post(order);
  }

  apply(files: readonly SourceFile[]): Promise<ApplyResult> {
    const id = ++this.lastId;
    return this.ask({ type: 'apply', id, files }, (report) =>
      report.type === 'applied' ? report.result : undefined,
    );
  }

  /** What `apply` would say, without doing it. */
  check(files: readonly SourceFile[]): Promise<ApplyResult> {
    const id = ++this.lastId;
    return this.ask({ type: 'check', id, files }, (report) =>
      report.type === 'checked' ? report.result : undefined,
    );
  }

  locate(ref: string, path: string): Promise<Located> {
    const id = ++this.lastId;
    return this.ask({ type: 'locate', id, ref, path }, (report) =>
      report.type === 'located' ? { range: report.range, from: report.from } : undefined,
    );
  }

  complete(line: string): Promise<readonly string[]> {
    const id = ++this.lastId;
    return this.ask({ type: 'complete', id, line }, (report) =>
      report.type === 'completed' ? report.words : undefined,
    );
  }

  /** Runs a command line. `onText` hears its output; `onExit` its end, once. Returns what Ctrl-C does. */
  exec(
    line: string,
    onText: (text: string, stream: 'stdout' | 'stderr') => void,
    onExit: (code: number) => void,
  ): () => void {
    const id = ++this.lastId;
    this.waiting.set(id, (report) => {
      if (report.type === 'output') onText(report.text, report.stream);
      if (report.type !== 'exit') return;
      this.waiting.delete(id);
      onExit(report.code);
    });
    this.post({ type: 'exec', id, line });
    return () => this.post({ type: 'interrupt', id });
  }

  /** Keeps a machine's table live until the returned function is called. */
  probe(probe: Probe, onAnswer: (answer: ProbeAnswer) => void): () => void {
    const id = ++this.lastId;
    this.waiting.set(id, (report) => {
      if (report.type === 'probed') onAnswer({ text: report.text, rows: report.rows ?? [] });
    });
    this.post({ type: 'probe', id, probe });
    return () => {
      if (this.waiting.delete(id)) this.post({ type: 'unprobe', id });
    };
  }

  private ask<V>(command: Command & { id: number }, read: (report: Report) => V | undefined): Promise<V> {
    return new Promise((resolve) => {
      this.waiting.set(command.id, (report) => {
        const answer = read(report);
        if (answer === undefined) return;
        this.waiting.delete(command.id);
        resolve(answer);
      });
      this.post(command);
    });
  }

  private hear(report: Report): void {
    if ('id' in report) this.waiting.get(report.id)?.(report);
    else this.listen(report);
  }

  private post(command: Command): void {
    this.box?.postMessage(command);
  }
}

/** The real cluster, in a Web Worker. */
export function spawnWorker(): Mailbox {
  return new Worker(new URL('./entry.ts', import.meta.url), { type: 'module', name: 'hopyard cluster' });
}
