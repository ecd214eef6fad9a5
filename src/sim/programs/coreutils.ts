/** The small commands that shells and probes use, each a function from arguments and input to output and exit code. */
import { SECOND } from '../clock/clock';
import type { Os, Program } from './program';
import { parseDuration } from './annotations';
import { calendarOf } from './calendar';

interface Outcome {
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
}
type Applet = (args: readonly string[], os: Os) => Outcome;

const OK = (out = ''): Outcome => ({ code: 0, out });
const FAIL = (err: string, code = 1): Outcome => ({ code, err: `${err}\n` });

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function unlines(rows: readonly string[]): string {
  return rows.length === 0 ? '' : `${rows.join('\n')}\n`;
}

/** Contents of the named files, or of standard input without any; errors in the words of the tool. */
function inputOf(os: Os, tool: string, paths: readonly string[]): { text: string; err: string } {
  if (paths.length === 0 || (paths.length === 1 && paths[0] === '-'))
    return { text: os.process.stdin ?? '', err: '' };
  let text = '';
  let err = '';
  for (const path of paths) {
    const content = os.readFile(path);
    if (content === null) err += `${tool}: ${path}: No such file or directory\n`;
    else text += content;
  }
  return { text, err };
}

function splitFlags(args: readonly string[], withValue = ''): { flags: Map<string, string>; rest: string[] } {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-[A-Za-z0-9]/.test(arg)) {
      rest.push(arg);
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const letter = arg[j]!;
      if (withValue.includes(letter)) {
        flags.set(letter, arg.slice(j + 1) || (args[++i] ?? ''));
        break;
      }
      flags.set(letter, '');
    }
  }
  return { flags, rest };
}

const cat: Applet = (args, os) => {
  const { text, err } = inputOf(os, 'cat', splitFlags(args).rest);
  return { code: err === '' ? 0 : 1, out: text, err };
};

/** echo and the builtin of the same name: -n leaves out the line end, -e reads escapes. */
export const echoText = (args: readonly string[]): string => {
  let at = 0;
  let end = '\n';
  let escapes = false;
  while (/^-[neE]+$/.test(args[at] ?? '')) {
    if (args[at]!.includes('n')) end = '';
    if (args[at]!.includes('e')) escapes = true;
    at++;
  }
  const text = args.slice(at).join(' ');
  return (escapes ? unescapeText(text) : text) + end;
};

function unescapeText(text: string): string {
  return text.replace(
    /\\([ntr\\0])/g,
    (_, c: string) => ({ n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0' })[c] ?? c,
  );
}

const printf: Applet = (args) => {
  const values = args.slice(1);
  const format = unescapeText(args[0] ?? '');
  return OK(format.replace(/%(s|d|%)/g, (_, kind: string) => (kind === '%' ? '%' : (values.shift() ?? ''))));
};

function counted(tool: 'head' | 'tail'): Applet {
  return (args, os) => {
    const dashed = args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg));
    const { flags, rest } = splitFlags(dashed, 'nc');
    const { text, err } = inputOf(os, tool, rest);
    const count = Math.abs(Number(flags.get('n') ?? 10));
    const rows = lines(text);
    const kept = tool === 'head' ? rows.slice(0, count) : rows.slice(Math.max(0, rows.length - count));
    return { code: err === '' ? 0 : 1, out: unlines(kept), err };
  };
}

const grep: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'emA');
  const pattern = flags.get('e') ?? rest.shift() ?? '';
  const { text, err } = inputOf(os, 'grep', rest);
  const source = flags.has('F')
    ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    : pattern.replace(/\\\|/g, '|');
  let test: RegExp;
  try {
    test = new RegExp(flags.has('w') ? `\\b(?:${source})\\b` : source, flags.has('i') ? 'i' : '');
  } catch {
    return FAIL(`grep: bad regex '${pattern}'`, 2);
  }
  const hits = lines(text).filter((line) => test.test(line) !== flags.has('v'));
  const limit = Number(flags.get('m') ?? Infinity);
  const shown = hits.slice(0, limit);
  const matches = flags.has('o')
    ? shown.flatMap((line) => line.match(new RegExp(test, `${test.flags}g`)) ?? [])
    : shown;
  const out = flags.has('q') ? '' : flags.has('c') ? `${shown.length}\n` : unlines(matches);
  return { code: err !== '' ? 2 : hits.length > 0 ? 0 : 1, out, err };
};

const wc: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args);
  const { text, err } = inputOf(os, 'wc', rest);
  const counts: Record<string, number> = {
    l: text.split('\n').length - 1,
    w: text.split(/\s+/).filter((word) => word !== '').length,
    c: text.length,
  };
  const wanted = ['l', 'w', 'c'].filter((key) => flags.size === 0 || flags.has(key));
  const out =
    wanted.length === 1
      ? String(counts[wanted[0]!])
      : wanted.map((key) => String(counts[key]).padStart(7)).join(' ');
  return { code: err === '' ? 0 : 1, out: `${out}${rest.length > 0 ? ` ${rest[0]}` : ''}\n`, err };
};

const sort: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args, 'k');
  const { text, err } = inputOf(os, 'sort', rest);
  const rows = lines(text);
  rows.sort((a, b) =>
    flags.has('n') ? parseFloat(a) - parseFloat(b) || (a < b ? -1 : 1) : a < b ? -1 : a > b ? 1 : 0,
  );
  if (flags.has('r')) rows.reverse();
  return { code: err === '' ? 0 : 1, out: unlines(flags.has('u') ? [...new Set(rows)] : rows), err };
};

const seq: Applet = (args) => {
  const numbers = args.map(Number);
  if (numbers.length === 0 || numbers.some(Number.isNaN)) return FAIL('seq: invalid number');
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0]!]
      : numbers.length === 2
        ? [numbers[0]!, 1, numbers[1]!]
        : (numbers as [number, number, number]);
  const rows: string[] = [];
  const past = (n: number) => (step > 0 ? n > last : n < last);
  for (let n = first; step !== 0 && !past(n) && rows.length < 10_000; n += step) rows.push(String(n));
  return OK(unlines(rows));
};

const env: Applet = (_args, os) =>
  OK(unlines(Object.entries(os.process.env).map(([name, value]) => `${name}=${value}`)));

const hostname: Applet = (args, os) => {
  const { container, machine } = os.process;
  if (args.includes('-i') || args.includes('-I')) return OK(`${(container?.podIPs ?? []).join(' ')}\n`);
  return OK(`${container?.hostname ?? machine}\n`);
};

const touch: Applet = (args, os) => {
  for (const path of splitFlags(args).rest) if (os.readFile(path) === null) os.writeFile(path, '');
  return OK();
};

const rm: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args);
  const missing = rest.filter((path) => os.readFile(path) === null);
  for (const path of rest) os.writeFile(path, null);
  if (missing.length === 0 || flags.has('f')) return OK();
  return FAIL(missing.map((path) => `rm: can't remove '${path}': No such file or directory`).join('\n'));
};

// Not simulated: directories. `ls` knows files by their full path only.
const ls: Applet = (args, os) => {
  const { rest } = splitFlags(args);
  const missing = rest.filter((path) => os.readFile(path) === null);
  const out = unlines(rest.filter((path) => !missing.includes(path)));
  return {
    code: missing.length > 0 ? 1 : 0,
    out,
    err: missing.map((path) => `ls: ${path}: No such file or directory\n`).join(''),
  };
};

/** test(1): the checks that scripts in manifests use. */
export function testExpression(words: readonly string[], os: Os): boolean {
  if (words[0] === '!') return !testExpression(words.slice(1), os);
  const [a = '', op = '', b = ''] = words;
  if (words.length === 1) return a !== '';
  if (words.length === 2) {
    if (a === '-n') return op !== '';
    if (a === '-z') return op === '';
    const content = os.readFile(op);
    return a === '-s' ? (content ?? '') !== '' : /^-[efr]$/.test(a) && content !== null;
  }
  const compare: Record<string, boolean> = {
    '=': a === b,
    '==': a === b,
    '!=': a !== b,
    '-eq': Number(a) === Number(b),
    '-ne': Number(a) !== Number(b),
    '-lt': Number(a) < Number(b),
    '-le': Number(a) <= Number(b),
    '-gt': Number(a) > Number(b),
    '-ge': Number(a) >= Number(b),
  };
  return compare[op] ?? false;
}

const date: Applet = (args, os) => {
  const now = calendarOf(os.nowNs);
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1) ?? '%a %b %e %H:%M:%S UTC %Y';
  const values: Record<string, string> = {
    ...now,
    F: `2026-${now.m}-${now.d}`,
    T: `${now.H}:${now.M}:${now.S}`,
  };
  return OK(`${format.replace(/%([a-zA-Z%])/g, (whole, key: string) => values[key] ?? whole)}\n`);
};

const ps: Applet = (_args, os) => {
  const rows = os
    .siblings()
    .map(({ pid, args }) => `${String(pid).padStart(5)} root      0:00 ${args.join(' ')}`);
  return OK(unlines(['PID   USER     TIME  COMMAND', ...rows]));
};

const SIGNALS: Readonly<Record<string, 'TERM' | 'INT' | 'KILL'>> = {
  '15': 'TERM',
  TERM: 'TERM',
  '2': 'INT',
  INT: 'INT',
  '9': 'KILL',
  KILL: 'KILL',
  QUIT: 'TERM',
  '3': 'TERM',
};

/** kill, the command and the shell's builtin: by the pids inside the container. */
export const kill: Applet = (args, os) => {
  const option =
    args
      .find((arg) => /^-[A-Z0-9]/.test(arg))
      ?.slice(1)
      .replace(/^SIG/, '') ?? 'TERM';
  const signal = SIGNALS[option];
  if (signal === undefined) return FAIL(`kill: bad signal name '${option}'`);
  const missing = args.filter((arg) => /^\d+$/.test(arg) && !os.signal(Number(arg), signal));
  return missing.length === 0
    ? OK()
    : FAIL(missing.map((pid) => `kill: can't kill pid ${pid}: No such process`).join('\n'));
};

const APPLETS: Readonly<Record<string, Applet>> = {
  cat,
  echo: (args) => OK(echoText(args)),
  printf,
  head: counted('head'),
  tail: counted('tail'),
  grep,
  wc,
  sort,
  seq,
  env,
  hostname,
  touch,
  rm,
  ls,
  date,
  ps,
  kill,
  mkdir: () => OK(),
  pwd: () => OK('/\n'),
  id: () => OK('uid=0(root) gid=0(root) groups=0(root)\n'),
  uname: (args, os) =>
    OK(
      args.includes('-a')
        ? `Linux ${os.process.container?.hostname ?? os.process.machine} 6.8.0 x86_64 GNU/Linux\n`
        : 'Linux\n',
    ),
  true: () => OK(),
  false: () => ({ code: 1 }),
  ':': () => OK(),
  test: (args, os) => ({ code: testExpression(args, os) ? 0 : 1 }),
  '[': (args, os) => ({ code: testExpression(args.slice(0, -1), os) ? 0 : 1 }),
};

function appletProgram(name: string, applet: Applet): Program {
  return {
    name,
    start: (os) => {
      const { code, out = '', err = '' } = applet(os.process.args.slice(1), os);
      os.print(out);
      os.print(err, 'stderr');
      os.exit(code);
    },
    onEvent: () => undefined,
  };
}

/** sleep(1): seconds, with a unit, or "infinity". */
const sleep: Program = {
  name: 'sleep',
  start: (os) => {
    const spans = os.process.args.slice(1).map((text) => {
      if (text === 'infinity' || text === 'inf') return Infinity;
      return /^\d*\.?\d+$/.test(text)
        ? Number(text) * SECOND
        : (parseDuration(text.replace(/d$/, '')) ?? NaN);
    });
    if (spans.length === 0 || spans.some(Number.isNaN)) {
      os.print(`sleep: invalid number '${os.process.args[1] ?? ''}'\n`, 'stderr');
      os.exit(1);
      return;
    }
    const total = spans.reduce((sum, span) => sum + span, 0);
    if (total !== Infinity) os.setTimer('done', total);
  },
  onEvent: (os, event) => {
    if (event.type === 'timer') os.exit(0);
  },
};

export const COREUTILS: readonly Program[] = [
  ...Object.entries(APPLETS).map(([name, applet]) => appletProgram(name, applet)),
  sleep,
];
