/** Commands that a shell carries out itself (POSIX, special and regular built-in utilities). */
import { kill, testExpression } from './coreutils';
import { parseScript } from './sh-parse';
import type { Shell } from './sh-state';
import { echoText } from './text-tools';

/** What a builtin came to. */
export interface BuiltinResult {
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
  /** False when the builtin has changed the frames itself. */
  readonly pop?: boolean;
}

/** Commands of the shell itself. Null: the process is ending or waits. */
export const BUILTINS: Readonly<
  Record<string, (sh: Shell, argv: readonly string[]) => BuiltinResult | null>
> = {
  ':': () => ({ code: 0 }),
  true: () => ({ code: 0 }),
  '.': (sh, argv) => source(sh, argv[1] ?? ''),
  source: (sh, argv) => source(sh, argv[1] ?? ''),
  eval: (sh, argv) => {
    sh.pop(0);
    sh.push(parseScript(argv.slice(1).join(' ')));
    return { code: 0, pop: false };
  },
  shift: (sh, argv) => {
    const [name = 'sh', ...rest] = sh.state.positional;
    sh.change({ positional: [name, ...rest.slice(Number(argv[1] ?? 1))] });
    return { code: 0 };
  },
  local: (sh, argv) => {
    const pairs = argv
      .slice(1)
      .map((text) => [text.split('=')[0]!, text.slice(text.indexOf('=') + 1)] as const);
    const given = pairs.filter(([name], at) => argv[at + 1] !== name);
    sh.change({ vars: { ...sh.state.vars, ...Object.fromEntries(given) } });
    return { code: 0 };
  },
  return: (sh, argv) => {
    const { frames, status } = sh.state;
    let at = frames.length - 1;
    while (at > 0 && frames[at]!.node.k !== 'call') at--;
    sh.change({ frames: frames.slice(0, at + 1) });
    const code = argv[1] === undefined ? status : Number(argv[1]) & 255;
    if (frames[at]?.node.k !== 'call') return { code };
    sh.change({ status: code });
    return { code, pop: false };
  },
  read: (sh, argv) => {
    const text = sh.os.process.stdin ?? '';
    const { readTo = 0, vars } = sh.state;
    if (readTo >= text.length) return { code: 1 };
    const end = text.indexOf('\n', readTo);
    const line = text.slice(readTo, end < 0 ? undefined : end);
    const names = argv.slice(1).filter((arg) => !arg.startsWith('-'));
    const words = line.trim().split(/\s+/);
    const values = names.map((name, at) => [
      name,
      at < names.length - 1 ? (words[at] ?? '') : words.slice(at).join(' '),
    ]);
    const read = names.length === 0 ? [['REPLY', line]] : values;
    sh.change({ readTo: end < 0 ? text.length : end + 1, vars: { ...vars, ...Object.fromEntries(read) } });
    return { code: 0 };
  },
  false: () => ({ code: 1 }),
  cd: () => ({ code: 0 }),
  // Not simulated: limits, masks and open files.
  ulimit: () => ({ code: 0 }),
  umask: () => ({ code: 0 }),
  echo: (_sh, argv) => ({ code: 0, out: echoText(argv.slice(1)) }),
  test: (sh, argv) => ({ code: testExpression(argv.slice(1), sh.os) ? 0 : 1 }),
  '[': (sh, argv) => ({ code: testExpression(argv.slice(1, -1), sh.os) ? 0 : 1 }),
  set: (sh, argv) => {
    if (argv.some((arg) => /^-\w*e/.test(arg))) sh.change({ exitOnError: true });
    if (argv.some((arg) => /^\+\w*e/.test(arg))) sh.change({ exitOnError: false });
    return { code: 0 };
  },
  export: (sh, argv) => {
    const { vars, exported } = sh.state;
    const pairs = argv
      .slice(1)
      .map((text) => /^(\w+)(?:=([^]*))?$/.exec(text))
      .filter((match) => match !== null);
    const values = pairs.filter((pair) => pair[2] !== undefined).map((pair) => [pair[1]!, pair[2]!] as const);
    sh.change({
      vars: { ...vars, ...Object.fromEntries(values) },
      exported: [...new Set([...exported, ...pairs.map((pair) => pair[1]!)])],
    });
    return { code: 0 };
  },
  kill: (sh, argv) => kill(argv.slice(1), sh.os),
  unset: (sh, argv) => {
    const vars = Object.fromEntries(Object.entries(sh.state.vars).filter(([name]) => !argv.includes(name)));
    sh.change({ vars });
    return { code: 0 };
  },
  trap: (sh, argv) => {
    const [script = '', ...signals] = argv.slice(1);
    const names = signals.map(
      (name) => ({ '0': 'EXIT', '2': 'INT', '15': 'TERM' })[name] ?? name.replace(/^SIG/, ''),
    );
    const given = Object.fromEntries(names.map((name) => [name, script]));
    sh.change({ traps: { ...sh.state.traps, ...given } });
    return { code: 0 };
  },
  exit: (sh, argv) => {
    const state = sh.state;
    const code = argv[1] === undefined ? state.status : Number(argv[1]) & 255;
    sh.change({ frames: [], status: code });
    return { code, pop: false };
  },
  wait: (sh) => {
    if (sh.state.background.length === 0) return { code: 0 };
    sh.change({ waiting: { pid: -1, as: 'wait' } });
    return null;
  },
  exec: (sh, argv) => {
    if (argv.length === 1) return { code: 0 };
    if (sh.os.become(argv.slice(1), sh.environment)) return null;
    return { code: 127, err: `sh: exec: ${argv[1]}: not found\n` };
  },
  break: (sh) => ({ code: 0, pop: leaveLoop(sh, false) }),
  continue: (sh) => ({ code: 0, pop: leaveLoop(sh, true) }),
};

/** Reads commands from a file, here and now. */
function source(sh: Shell, path: string): BuiltinResult {
  const text = sh.os.readFile(path);
  if (text === null) return { code: 1, err: `sh: .: can't open '${path}': No such file or directory\n` };
  sh.pop(0);
  sh.push(parseScript(text));
  return { code: 0, pop: false };
}

/** Drops the frames up to the innermost loop, which it leaves in place to go on or takes as well. Always false. */
function leaveLoop(sh: Shell, goesOn: boolean): false {
  const { frames } = sh.state;
  let at = frames.length - 1;
  while (at >= 0 && frames[at]!.node.k !== 'while' && frames[at]!.node.k !== 'for') at--;
  sh.change({ frames: frames.slice(0, Math.max(0, goesOn ? at + 1 : at)), status: 0 });
  return false;
}
