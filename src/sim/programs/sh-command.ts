/** Simple commands of a shell: expansion, redirection, execution (POSIX Shell Command Language, 2.9.1). */
import { BUILTINS } from './sh-builtins';
import { expandText, expandWords } from './sh-expand';
import type { Node, Redirection } from './sh-parse';
import type { Frame, Shell } from './sh-state';
import type { Word } from './sh-tokens';

type CommandNode = Node & { readonly k: 'command' };

/** Expands a simple command and runs it: assignments, builtin or child, with its redirections. */
export function stepCommand(sh: Shell, frame: Frame, node: CommandNode): void {
  const scope = sh.scope(frame);
  const files = node.redirections.flatMap((entry) => (typeof entry.to === 'string' ? [] : [entry.to]));
  const values = node.assigns.flatMap((entry) => entry.list ?? [entry.value]);
  const inputs: Word[] = [...node.words, ...values, ...files];
  // One expansion over everything keeps the substitutions in order; the parts are then taken one by one.
  const all = expandWords(inputs, scope);
  if ('need' in all) {
    sh.substitute(all.need);
    return;
  }
  const words = expandWords(node.words, scope) as { fields: readonly string[] };
  let used = countSubstitutions(node.words);
  const textOf = (word: Word) => {
    const result = expandText(word, { ...scope, outputs: scope.outputs.slice(used) });
    used += countSubstitutions([word]);
    return 'text' in result ? result.text : '';
  };
  const assigned = Object.fromEntries(
    node.assigns.flatMap(({ name, value, list }) =>
      list === undefined
        ? [[name, textOf(value)]]
        : list.map((word, index) => [`${name}[${index}]`, textOf(word)]),
    ),
  );
  const targets = node.redirections.map((entry) => ({
    ...entry,
    file: typeof entry.to === 'string' ? entry.to : textOf(entry.to),
  }));
  if (words.fields.length === 0) {
    sh.change({ vars: { ...sh.state.vars, ...assigned } });
    for (const target of targets)
      if (target.from > 0 && !target.file.startsWith('&')) redirectText(sh, target, '');
    sh.pop(frame.outputs.length > 0 ? sh.state.status : 0);
    return;
  }
  execute(sh, words.fields, assigned, targets);
}

/** A group that needs a shell of its own: it sees all variables, and its redirections hold for all of it. */
export function stepSubshell(
  sh: Shell,
  frame: Frame,
  child: { readonly text: string; readonly redirections: readonly Redirection[] },
): void {
  const targets = child.redirections.map((entry) => {
    if (typeof entry.to === 'string') return { ...entry, file: entry.to };
    const text = expandText(entry.to, sh.scope(frame));
    return { ...entry, file: 'text' in text ? text.text : '/dev/null' };
  });
  execute(sh, ['sh', '-c', sh.scriptOf(child.text)], sh.state.vars, targets);
}

function countSubstitutions(words: readonly Word[]): number {
  return words.reduce((sum, word) => sum + word.parts.filter(({ t }) => t === 'sub').length, 0);
}

export type Target = Redirection & { readonly file: string };

/** Its arguments take the place of the script's until it ends. */
function callFunction(sh: Shell, argv: readonly string[], assigned: Readonly<Record<string, string>>): void {
  const { positional, vars, functions } = sh.state;
  sh.pop();
  sh.push({ k: 'call', body: functions![argv[0]!]!.body, positional });
  sh.change({ positional: [positional[0] ?? 'sh', ...argv.slice(1)], vars: { ...vars, ...assigned } });
}

/** A word so that a shell reads it as it is. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Writes text to where a redirection points. */
export function redirectText(sh: Shell, target: Target, text: string): void {
  if (target.file === '/dev/null') return;
  if (target.file === '/dev/stdout' || target.file === '/proc/1/fd/1') sh.os.print(text);
  else if (target.file === '/dev/stderr') sh.os.print(text, 'stderr');
  else sh.os.writeFile(target.file, (target.append ? (sh.os.readFile(target.file) ?? '') : '') + text);
}

function execute(
  sh: Shell,
  argv: readonly string[],
  assigned: Readonly<Record<string, string>>,
  targets: readonly Target[],
): void {
  // These only say how a command is looked for or started.
  if (argv[0] === 'command' && argv[1] === '-v') argv = ['which', ...argv.slice(2)];
  else if (['command', 'nohup', 'setsid'].includes(argv[0]!) && argv.length > 1) argv = argv.slice(1);
  const isFunction = sh.state.functions?.[argv[0]!] !== undefined;
  if (isFunction && targets.length === 0) return callFunction(sh, argv, assigned);
  if (isFunction) argv = ['sh', '-c', sh.scriptOf(argv.map(quoted).join(' '))];
  const builtin = BUILTINS[argv[0]!];
  const out = targets.filter((target) => target.from === 1).pop();
  if (builtin !== undefined) {
    const result = builtin(sh, argv);
    if (result === null) return;
    sh.os.print(result.err ?? '', 'stderr');
    if (out === undefined) sh.os.print(result.out ?? '');
    else if (out.file === '&2') sh.os.print(result.out ?? '', 'stderr');
    else redirectText(sh, out, result.out ?? '');
    if (result.pop !== false) sh.pop(result.code);
    return;
  }
  const err = targets.filter((target) => target.from === 2).pop();
  const toFile = out !== undefined && !out.file.startsWith('&') && out.file !== '/dev/null';
  const stdout = out?.file === '/dev/null' ? 'discard' : toFile ? 'capture' : 'inherit';
  const follows = err?.file === '&1' && stdout !== 'inherit';
  const stderr =
    err?.file === '/dev/null' || (follows && stdout === 'discard')
      ? 'discard'
      : follows
        ? 'capture'
        : 'inherit';
  const env = { ...sh.environment, ...assigned };
  const input = targets.filter((target) => target.from === 0).pop();
  const stdin =
    input === undefined
      ? sh.os.process.stdin
      : input.inline
        ? input.file
        : (sh.os.readFile(input.file) ?? '');
  const pid = sh.os.spawn(argv, {
    env,
    stdout,
    stderr,
    ...(stdin === undefined ? {} : { stdin }),
  });
  if (pid === null) {
    if (stderr !== 'discard') sh.os.print(`sh: ${argv[0]}: not found\n`, 'stderr');
    sh.pop(127);
    return;
  }
  const files = toFile ? { files: { out: out.file, append: out.append } } : {};
  sh.change({ waiting: { pid, as: 'command', ...files } });
}
