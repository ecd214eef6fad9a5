/** What a shell remembers, and the stack that it walks a script with. */
import type { Os } from './program';
import type { Node } from './sh-parse';
import type { Scope } from './sh-expand';

/** One level of the walk: a node and how far it has come. */
export interface Frame {
  readonly node: Node;
  readonly step: number;
  /** Items of a for loop. */
  readonly items?: readonly string[];
  /** Output of the part of a pipeline before this one. */
  readonly input?: string;
  /** Results of command substitutions of this node so far. */
  readonly outputs: readonly string[];
  /** Its status is looked at, so that `set -e` does not end the shell in it. */
  readonly isTested?: boolean;
  /** The last item of a list was passed over. */
  readonly skipped?: boolean;
}

export interface ShellState {
  readonly frames: readonly Frame[];
  readonly vars: Readonly<Record<string, string>>;
  readonly exported: readonly string[];
  readonly positional: readonly string[];
  readonly status: number;
  /** The child that is waited for, and what its end means. */
  readonly waiting: {
    readonly pid: number;
    readonly as: 'command' | 'substitution' | 'pipe' | 'wait';
    readonly files?: FileWishes;
  } | null;
  readonly background: readonly number[];
  readonly traps: Readonly<Record<string, string>>;
  /** A trapped signal that came while a child was running; the shell gets to it when the child has ended. */
  readonly pendingTrap: string | null;
  readonly exitOnError: boolean;
  readonly functions?: Readonly<Record<string, { readonly body: Node; readonly text: string }>>;
  /** How much of standard input `read` has taken. */
  readonly readTo?: number;
}

/** Files that a child's captured output goes to. */
interface FileWishes {
  readonly out?: string;
  readonly append?: boolean;
}

/** The state of the shell that runs in `os`, and small steps on it. */
export class Shell {
  constructor(readonly os: Os) {}

  get state(): ShellState {
    return this.os.process.state as ShellState;
  }

  change(more: Partial<ShellState>): void {
    this.os.setState({ ...this.state, ...more });
  }

  get top(): Frame {
    const { frames } = this.state;
    return frames[frames.length - 1]!;
  }

  replaceTop(frame: Frame): void {
    this.change({ frames: [...this.state.frames.slice(0, -1), frame] });
  }

  /** Goes into a node; `isTested` also holds for all within. */
  push(node: Node, isTested = this.state.frames.at(-1)?.isTested ?? false): void {
    const frame = isTested ? { ...frameOf(node), isTested } : frameOf(node);
    this.change({ frames: [...this.state.frames, frame] });
  }

  /** A part of the script for a shell of its own, which knows the functions, too. */
  scriptOf(text: string): string {
    return [...Object.values(this.state.functions ?? {}).map((one) => one.text), text].join('\n');
  }

  /** A node is done; its status stays in `status`. */
  pop(status?: number): void {
    const { frames, status: before } = this.state;
    this.change({ frames: frames.slice(0, -1), status: status ?? before });
  }

  scope(frame: Frame): Scope {
    const { vars, positional, status } = this.state;
    return { vars, positional, status, pid: this.os.process.pid, outputs: frame.outputs };
  }

  /** Variables that children see. */
  get environment(): Record<string, string> {
    const { vars, exported } = this.state;
    return Object.fromEntries(Object.entries(vars).filter(([name]) => exported.includes(name)));
  }

  /** Runs a command for its output; the frame is tried again with it. */
  substitute(script: string): void {
    const text = this.scriptOf(script.replace(/^\s*</, 'cat '));
    const pid = this.os.spawn(['sh', '-c', text], { env: { ...this.state.vars }, stdout: 'capture' });
    this.change({ waiting: { pid: pid ?? -1, as: 'substitution' } });
  }
}

/** A frame that begins with a node. */
export function frameOf(node: Node): Frame {
  return { node, step: 0, outputs: [] };
}
