/** A terminal's world with an API server and nothing else: no machines, no processes. For tests and conformance runs. */
import type { Clock, Ns } from '../clock/clock';
import type { ApiServer } from '../api/server';
import { kubeApi } from './kube-api';
import { Sessions } from './sessions';
import type { ShellWorld } from './shell';

export interface BareOptions {
  /** The moment that ages are counted to; the clock's by default. */
  readonly nowNs?: () => Ns;
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  /** Parts of the world that the caller has. */
  readonly world?: Partial<ShellWorld>;
}

/** What one line printed. `code` is null while it still runs. */
export interface Transcript {
  stdout: string;
  stderr: string;
  code: number | null;
}

export interface BareShell {
  readonly sessions: Sessions;
  readonly transcripts: ReadonlyMap<number, Transcript>;
  /** Starts a line; answers its id. */
  type(line: string): number;
}

/** A shell on a server of its own. */
export function bareShell(server: ApiServer, clock: Clock, options: BareOptions = {}): BareShell {
  const files = options.files ?? [];
  const world: ShellWorld = {
    clock,
    get nowNs() {
      return options.nowNs?.() ?? clock.nowNs;
    },
    api: kubeApi(server),
    processes: {
      execIn: () => ({ error: 'nothing runs here' }),
      interrupt: () => undefined,
      instanceLogs: () => [],
    },
    machineOf: () => undefined,
    nodePlace: () => undefined,
    podOf: () => undefined,
    readFiles: (name) => {
      const found = name === '.' ? files : files.filter((file) => file.name === name);
      return found.length === 0 && name !== '.' ? null : found;
    },
    ...options.world,
  };
  const transcripts = new Map<number, Transcript>();
  const sessions = new Sessions({
    clock,
    world,
    onOutput: (id, text, stream) => {
      transcripts.get(id)![stream] += text;
    },
    onExit: (id, code) => {
      transcripts.get(id)!.code = code;
    },
  });
  return {
    sessions,
    transcripts,
    type: (line) => {
      const id = transcripts.size + 1;
      transcripts.set(id, { stdout: '', stderr: '', code: null });
      sessions.start(id, line);
      return id;
    },
  };
}
