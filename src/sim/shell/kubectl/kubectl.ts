/** The kubectl command: finds the subcommand, parses its flags, runs it, and words its errors (kubectl pkg/cmd/cmd.go). */
import { ApiError } from '../../api/errors';
import type { Plain } from '../../../lib/plain';
import type { Io, ShellCommand, ShellSettings, ShellWorld, Step, StepCause } from '../shell';
import { UsageError, errorText } from './api';
import { CONTEXT_NAME, FAILED, epochMs } from './context';
import type { Kubectl } from './context';
import { findVerb } from './find-verb';
import { flagsOf } from './flag-table';
import { parseFlags } from './flags';
import type { Flags } from './flags';
import { didYouMean } from './suggest';
import { completeKubectl } from './complete';
import { helpText } from './kubectl-help';

function unknown(words: readonly string[], rest: readonly string[]): UsageError {
  const typed = rest.find((word) => !word.startsWith('-'));
  if (words.length > 0) {
    return new UsageError(
      `unknown command "${typed ?? ''}"`,
      `See 'kubectl ${words.join(' ')} -h' for help and examples`,
    );
  }
  return new UsageError(`unknown command "${typed ?? ''}" for "kubectl"${didYouMean(typed ?? '')}`);
}

function contextOf(world: ShellWorld, io: Io, settings: ShellSettings, flags: Flags): Kubectl {
  const named = flags.text('context');
  if (named !== '' && named !== CONTEXT_NAME) {
    throw new UsageError(
      `Error in configuration: context was not found for specified context: ${named}`,
      undefined,
      true,
    );
  }
  return {
    world,
    api: world.api,
    io,
    settings,
    flags,
    args: flags.args,
    namespace: flags.text('namespace') || settings.namespace,
    allNamespaces: flags.bool('all-namespaces'),
    nowMs: epochMs(world.nowNs),
  };
}

/** Runs one step; what is thrown for the learner becomes text and exit code 1. */
function guarded(io: Io, step: () => Step): Step {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof ApiError)) throw error;
    io.err(errorText(error));
    return FAILED;
  }
}

function wantsHelp(rest: readonly string[]): boolean {
  const dash = rest.indexOf('--');
  return (dash < 0 ? rest : rest.slice(0, dash)).some((word) => word === '-h' || word === '--help');
}

function prepare(world: ShellWorld, argv: readonly string[], io: Io, settings: ShellSettings) {
  const { verb, words, rest } = findVerb(argv.slice(1));
  if (verb === null) throw unknown(words, rest);
  return { verb, k: contextOf(world, io, settings, parseFlags(rest, flagsOf(verb.path), verb.path)) };
}

function run(world: ShellWorld, argv: readonly string[], io: Io, settings: ShellSettings): Step {
  const { verb, words, rest } = findVerb(argv.slice(1));
  const bare = verb === null && rest.every((word) => word.startsWith('-'));
  if (argv[1] === 'help' || (bare && words.length === 0) || wantsHelp(rest)) {
    io.out(helpText(argv[1] === 'help' ? argv.slice(2).join(' ') : words.join(' ')));
    return { code: 0 };
  }
  if (bare) {
    // A group of commands shows what it holds and fails; only rollout does so on stdout.
    (words[0] === 'rollout' ? io.out : io.err)(helpText(words.join(' ')));
    return FAILED;
  }
  return guarded(io, () => {
    const { verb: found, k } = prepare(world, argv, io, settings);
    return found.run(k);
  });
}

function resume(
  world: ShellWorld,
  argv: readonly string[],
  io: Io,
  settings: ShellSettings,
  state: Plain | object,
  cause: StepCause,
): Step {
  return guarded(io, () => {
    const { verb, k } = prepare(world, argv, io, settings);
    if (verb.resume === undefined) throw new Error(`kubectl ${verb.path} cannot go on`);
    return verb.resume(k, state, cause);
  });
}

export const kubectl: ShellCommand = {
  name: 'kubectl',
  synopsis: 'controls the cluster: kubectl get pods, kubectl describe svc web, kubectl exec POD -- curl web',
  run,
  resume,
  complete: completeKubectl,
};
