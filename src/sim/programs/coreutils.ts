/** The small commands that shells and probes use, each a function from arguments and input to output and exit code. */
import type { Os, Program } from './program';
import { MORE_TEXT_TOOLS } from './more-text-tools';
import type { Applet } from './text-tools';
import { FAIL, OK, TEXT_TOOLS, splitFlags, unlines } from './text-tools';
import { awk } from './awk';
import { calendarOf } from './calendar';
import { FILE_TOOLS, filesUnder, isDirectory } from './file-tools';
import { plainPath } from './files';
import { sed } from './sed';
import { createTail } from './tail';

/** env(1): the environment with changes, printed or given to a command; printenv prints single values too. */
const env: Applet = (args, os) => {
  if (os.process.args[0]?.endsWith('printenv') === true && args.length > 0) {
    const values = args.flatMap((name) => os.process.env[name] ?? []);
    return { code: values.length === args.length ? 0 : 1, out: unlines(values) };
  }
  const words = args.filter((word) => !/^-/.test(word));
  const at = words.findIndex((word) => !/^\w+=/.test(word));
  const changes = words.slice(0, at < 0 ? words.length : at).map((word) => {
    const sign = word.indexOf('=');
    return [word.slice(0, sign), word.slice(sign + 1)] as const;
  });
  const all = { ...(args.includes('-i') ? {} : os.process.env), ...Object.fromEntries(changes) };
  if (at < 0) return OK(unlines(Object.entries(all).map(([name, value]) => `${name}=${value}`)));
  const command = words[at]!;
  if (os.become(args.slice(args.indexOf(command)), all)) return null;
  return FAIL(`env: can't execute '${command}': No such file or directory`, 127);
};

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
  const found = (path: string) => filesUnder(os, path).map(({ from }) => from);
  const missing = rest.filter((path) => found(path).length === 0);
  const isDeep = flags.has('r') || flags.has('R');
  for (const path of rest)
    for (const file of found(path))
      if (isDeep || /[*?]/.test(path) || file === plainPath(path)) os.writeFile(file, null);
  if (missing.length === 0 || flags.has('f') || isDeep) return OK();
  return FAIL(missing.map((path) => `rm: can't remove '${path}': No such file or directory`).join('\n'));
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
    if (a === '-d' || (a === '-e' && content === null)) return isDirectory(os, op);
    return a === '-s' ? (content ?? '') !== '' : /^-[efrwxhL]$/.test(a) && content !== null;
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
  ...TEXT_TOOLS,
  ...FILE_TOOLS,
  sed,
  awk,
  ...MORE_TEXT_TOOLS,
  env,
  hostname,
  touch,
  rm,
  date,
  ps,
  kill,
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
      const outcome = applet(os.process.args.slice(1), os);
      // Another program has taken over.
      if (outcome === null) return;
      const { code, out = '', err = '' } = outcome;
      os.print(out);
      os.print(err, 'stderr');
      os.exit(code);
    },
    onEvent: () => undefined,
  };
}

export const COREUTILS: readonly Program[] = Object.entries(APPLETS).map(([name, applet]) =>
  name === 'tail' ? createTail(applet) : appletProgram(name, applet),
);
