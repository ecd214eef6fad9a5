/**
 * sh -c: a small POSIX shell. Its state is the syntax tree and a stack of frames, so that it can stop anywhere to wait
 * for a child and be kept in a keyframe. Not simulated: reading commands from a terminal, globbing and jobs control.
 */
import { MS } from '../clock/clock';
import type { Process, ProcessEvent, Program, SpawnOptions } from './program';
import { redirectText, stepCommand, stepSubshell } from './sh-command';
import { stepCall, stepCase, stepDefinition, stepTest } from './sh-compound';
import { expandWords } from './sh-expand';
import type { Node } from './sh-parse';
import { parseScript } from './sh-parse';
import type { Frame, ShellState } from './sh-state';
import { Shell, frameOf } from './sh-state';
import { ShellSyntaxError } from './sh-tokens';

/** Steps that a shell takes before a moment passes, so that a loop without children does not stand still in time. */
const STEPS_AT_ONCE = 200;

export const sh: Program = {
  name: 'sh',
  handlesSignals: (process: Process) =>
    Object.keys((process.state as Partial<ShellState>).traps ?? {}).length > 0,
  start(os) {
    const { args, env, stdin } = os.process;
    const flag = args.findIndex((arg, index) => index > 0 && /^-\w*c$/.test(arg));
    const file = flag < 0 ? args.slice(1).find((arg) => !arg.startsWith('-')) : undefined;
    const script =
      flag < 0 ? (file === undefined ? (stdin ?? '') : os.readFile(file)) : (args[flag + 1] ?? '');
    if (script === null) {
      os.print(`sh: can't open '${file}': No such file or directory\n`, 'stderr');
      os.exit(2);
      return;
    }
    try {
      const positional =
        flag < 0 ? args.slice(file === undefined ? 0 : args.indexOf(file)) : args.slice(flag + 2);
      const exitOnError = args.slice(1, flag < 0 ? undefined : flag + 1).some((arg) => /^-\w*e/.test(arg));
      const frames = [frameOf(parseScript(script))];
      const blank = { status: 0, waiting: null, background: [], traps: {}, pendingTrap: null, exitOnError };
      os.setState({
        frames,
        vars: env,
        exported: Object.keys(env),
        positional: positional.length > 0 ? positional : ['sh'],
        ...blank,
      });
      run(new Shell(os));
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      os.print(`sh: syntax error: ${error.message}\n`, 'stderr');
      os.exit(2);
    }
  },
  onEvent(os, event) {
    if (event.type === 'timer') run(new Shell(os));
    else if (event.type === 'child') onChild(new Shell(os), event);
    else if (event.type === 'signal') onSignal(new Shell(os), event.signal);
  },
};

function run(sh: Shell): void {
  for (let steps = 0; ; steps++) {
    const state = sh.state;
    if (state.waiting !== null) return;
    if (state.pendingTrap !== null) {
      sh.change({ pendingTrap: null });
      sh.push(parseScript(state.pendingTrap));
    }
    if (sh.state.frames.length === 0) {
      const onExit = state.traps.EXIT;
      if (onExit === undefined) {
        sh.os.exit(state.status);
        return;
      }
      const { EXIT: _done, ...traps } = state.traps;
      sh.change({ traps });
      sh.push(parseScript(onExit));
    }
    if (steps >= STEPS_AT_ONCE) {
      sh.os.setTimer('go-on', MS);
      return;
    }
    step(sh, sh.top);
  }
}

function step(sh: Shell, frame: Frame): void {
  const { node } = frame;
  switch (node.k) {
    case 'list':
      stepList(sh, frame, node);
      return;
    case 'while':
      stepWhile(sh, frame, node);
      return;
    case 'for':
      stepFor(sh, frame, node);
      return;
    case 'if':
      stepIf(sh, frame, node);
      return;
    case 'pipe':
      stepPipe(sh, frame, node);
      return;
    case 'group':
      if (node.child !== undefined) stepSubshell(sh, frame, node.child);
      else if (frame.step === 0) {
        sh.replaceTop({ ...frame, step: 1 });
        sh.push(node.body);
      } else sh.pop();
      return;
    case 'case':
      stepCase(sh, frame, node);
      return;
    case 'function':
      stepDefinition(sh, node);
      return;
    case 'call':
      stepCall(sh, frame, node);
      return;
    case 'test':
      stepTest(sh, frame, node);
      return;
    case 'command':
      stepCommand(sh, frame, node);
  }
}

function stepList(sh: Shell, frame: Frame, node: Node & { k: 'list' }): void {
  const { status, exitOnError, background } = sh.state;
  const before = node.items[frame.step - 1];
  const item = node.items[frame.step];
  if (
    exitOnError &&
    status !== 0 &&
    before !== undefined &&
    before.op === ';' &&
    frame.isTested !== true &&
    frame.skipped !== true &&
    (before.node.k === 'command' || before.node.k === 'test' || before.node.k === 'call')
  ) {
    sh.os.exit(status);
    sh.change({ waiting: { pid: -1, as: 'wait' } });
    return;
  }
  if (item === undefined) {
    sh.pop();
    return;
  }
  const skips = (before?.op === '&&' && status !== 0) || (before?.op === '||' && status === 0);
  sh.replaceTop({ ...frame, step: frame.step + 1, skipped: skips });
  if (skips) return;
  if (item.op === '&') {
    const pid = sh.os.spawn(['sh', '-c', sh.scriptOf(item.text)], { env: sh.environment });
    if (pid !== null) sh.change({ background: [...background, pid], status: 0 });
  } else if (item.op === ';') sh.push(item.node);
  else sh.push(item.node, true);
}

function stepWhile(sh: Shell, frame: Frame, node: Node & { k: 'while' }): void {
  // Even steps: the condition is to be looked at. Odd steps: it has been.
  if (frame.step % 2 === 0) {
    sh.replaceTop({ ...frame, step: 1 });
    sh.push(node.condition, true);
    return;
  }
  if ((sh.state.status === 0) === node.until) {
    sh.pop(0);
    return;
  }
  sh.replaceTop({ ...frame, step: 0 });
  sh.push(node.body);
}

function stepFor(sh: Shell, frame: Frame, node: Node & { k: 'for' }): void {
  if (frame.items === undefined) {
    const expansion = expandWords(node.words, sh.scope(frame));
    if ('need' in expansion) sh.substitute(expansion.need);
    else sh.replaceTop({ ...frame, items: expansion.fields });
    return;
  }
  const item = frame.items[frame.step];
  if (item === undefined) {
    sh.pop();
    return;
  }
  sh.replaceTop({ ...frame, step: frame.step + 1 });
  sh.change({ vars: { ...sh.state.vars, [node.name]: item } });
  sh.push(node.body);
}

function stepIf(sh: Shell, frame: Frame, node: Node & { k: 'if' }): void {
  const branch = node.branches[Math.floor(frame.step / 2)];
  if (frame.step < 0) {
    sh.pop();
  } else if (branch === undefined) {
    sh.replaceTop({ ...frame, step: -1 });
    if (node.otherwise !== undefined) sh.push(node.otherwise);
    else sh.change({ status: 0 });
  } else if (frame.step % 2 === 0) {
    sh.replaceTop({ ...frame, step: frame.step + 1 });
    sh.push(branch.condition, true);
  } else if (sh.state.status === 0) {
    sh.replaceTop({ ...frame, step: -1 });
    sh.push(branch.body);
  } else sh.replaceTop({ ...frame, step: frame.step + 1 });
}

/** Parts run one after the other, each with the output of the one before as its input. */
function stepPipe(sh: Shell, frame: Frame, node: Node & { k: 'pipe' }): void {
  const part = node.parts[frame.step];
  if (part === undefined) {
    const { status } = sh.state;
    sh.pop(node.negate ? Number(status === 0) : status);
    return;
  }
  const isLast = frame.step === node.parts.length - 1;
  sh.replaceTop({ ...frame, step: frame.step + 1 });
  const options: SpawnOptions = {
    env: sh.environment,
    stdout: isLast ? 'inherit' : 'capture',
    ...(frame.input === undefined ? {} : { stdin: frame.input }),
  };
  const words = part.node.k === 'command' ? part.node.words : [];
  const { functions = {} } = sh.state;
  const plain = words.every((word) => word.parts.every(({ t }) => t !== 'sub'));
  const isSimple =
    part.node.k === 'command' &&
    part.node.assigns.length === 0 &&
    part.node.redirections.length === 0 &&
    plain;
  const expansion = isSimple ? expandWords(words, sh.scope(frame)) : { need: '' };
  const argv =
    'fields' in expansion && expansion.fields.length > 0 && functions[expansion.fields[0]!] === undefined
      ? expansion.fields
      : ['sh', '-c', sh.scriptOf(part.text)];
  const pid = sh.os.spawn(argv, options);
  if (pid === null) {
    sh.os.print(`sh: ${argv[0]}: not found\n`, 'stderr');
    sh.change({ status: 127 });
    sh.replaceTop({ ...sh.top, input: '' });
  } else sh.change({ waiting: { pid, as: 'pipe' } });
}

function onChild(sh: Shell, event: ProcessEvent & { type: 'child' }): void {
  const { waiting, background } = sh.state;
  if (waiting === null || waiting.pid !== event.pid) {
    const left = background.filter((pid) => pid !== event.pid);
    const isOver = waiting?.as === 'wait' && left.length === 0;
    sh.change({ background: left, ...(isOver ? { waiting: null } : {}) });
    if (isOver) {
      sh.pop(0);
      run(sh);
    }
    return;
  }
  sh.change({ waiting: null, status: event.code });
  const frame = sh.top;
  if (waiting.as === 'substitution') sh.replaceTop({ ...frame, outputs: [...frame.outputs, event.output] });
  else if (waiting.as === 'pipe') sh.replaceTop({ ...frame, input: event.output });
  else {
    if (waiting.files?.out !== undefined) {
      const target = {
        from: 1 as const,
        to: '&1' as const,
        append: waiting.files.append ?? false,
        file: waiting.files.out,
      };
      redirectText(sh, target, event.output);
    }
    sh.pop(event.code);
  }
  run(sh);
}

function onSignal(sh: Shell, signal: 'TERM' | 'INT'): void {
  const { traps, waiting } = sh.state;
  const script = traps[signal];
  if (script === undefined) {
    sh.os.exit(signal === 'TERM' ? 143 : 130);
    return;
  }
  sh.change({ pendingTrap: script });
  // `wait` is broken off by a trapped signal; any other child is waited for first.
  if (waiting?.as === 'wait') {
    sh.change({ waiting: null });
    sh.pop(signal === 'TERM' ? 143 : 130);
  }
  if (sh.state.waiting === null) run(sh);
}
