/** Where a client of a server connects: its options, a URL, its environment, or its server's usual port on this host. */
import type { Ns } from '../clock/clock';

/** Where a client connects, and what it was told to do there. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** No host was given: the server beside it, in the real tools often through a Unix socket. */
  readonly isLocal: boolean;
  /** Words that are no options: a command, a query. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly limitNs?: Ns;
}

/** From arguments and environment. */
export type ReadTarget = (args: readonly string[], env: Readonly<Record<string, string>>) => Target;

/** How one tool names host and port. */
export interface Naming {
  readonly port: number;
  readonly hostFlags?: string;
  readonly portFlags?: string;
  /** Other options that take a value; the rest take none. */
  readonly valued?: string;
  readonly hostEnv?: string;
  readonly portEnv?: string;
}

/** "redis://:pw@db:6379/0", "db:6379", "[::1]:80", ":8080": host (may be empty) and port, null for other words. */
export function hostPort(text: string): { host: string; port: number | null } | null {
  const bare = text.replace(/^[a-z+]+:\/\//, '').replace(/^[^@/]*@/, '');
  const match = /^(?:\[([^\]]+)\]|([^:/?,]*))(?::(\d+))?(?:[/?,].*)?$/.exec(bare);
  if (match === null) return null;
  return { host: match[1] ?? match[2] ?? '', port: match[3] === undefined ? null : Number(match[3]) };
}

/** Options (by their name without dashes) and words of a command line. */
function readOptions(args: readonly string[], valued: ReadonlySet<string>) {
  const options: Record<string, string> = {};
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [, name = '', value] = /^--?([A-Za-z][\w-]+)(?:=([^]*))?$/.exec(arg) ?? [];
    if (name !== '' && (value !== undefined || valued.has(name) || arg.startsWith('--')))
      options[name] = value ?? (valued.has(name) ? (args[++i] ?? '') : '');
    else if (/^-[A-Za-z]/.test(arg)) {
      // Letters in a row; the first that takes a value takes the rest, or the next word.
      let at = 1;
      while (at < arg.length - 1 && !valued.has(arg[at]!)) options[arg[at++]!] = '';
      options[arg[at]!] = valued.has(arg[at]!) ? arg.slice(at + 1) || (args[++i] ?? '') : '';
    } else words.push(arg);
  }
  return { options, words };
}

const names = (text = ''): string[] => text.split(' ').filter((name) => name !== '');

/** Reads a command line by these names. */
export function targetBy(naming: Naming): ReadTarget {
  const hosts = names(naming.hostFlags);
  const ports = names(naming.portFlags);
  const valued = new Set([...hosts, ...ports, ...names(naming.valued)]);
  return (args, env) => {
    const { options, words } = readOptions(args, valued);
    const first = (list: readonly string[]) => list.map((name) => options[name]).find(Boolean);
    const url = words.find((word) => word.includes('://'));
    const given = hostPort(url ?? first(hosts) ?? env[naming.hostEnv ?? ''] ?? '');
    const isPath = given === null || given.host === '';
    const port = Number(first(ports) ?? given?.port ?? env[naming.portEnv ?? ''] ?? naming.port);
    const host = isPath ? '127.0.0.1' : given.host;
    return { host, port: port || naming.port, isLocal: isPath, words, options };
  };
}
