/**
 * Which program a command line starts in a container: one of the image's, a script that is mounted or was written there, or,
 * in an image that we do not know, what we have to assume.
 *
 * Not simulated: images that we do not know. They are taken for healthy software that brings what its manifest calls: a
 * command of a probe, of a hook, or whose output somebody waits for succeeds at once; any other is a server on its
 * container's ports. Only at a terminal an unknown command is not found, as nobody could say what it would print.
 */
import type { ImageBehaviour } from './images';
import { findCommand } from './images';
import type { Program } from './program';

/** Who calls: the container's own start, a probe or hook, or a terminal. */
export type Purpose = 'main' | 'check' | 'terminal';

/** What decides on the program of a command line. */
export interface CommandFacts {
  /** Null outside of containers. */
  readonly image: ImageBehaviour | null;
  readonly programs: ReadonlyMap<string, Program>;
  readonly purpose: Purpose;
  /** True when the output is waited for, so that it must be a command that ends. */
  readonly awaited?: boolean;
  readFile(path: string): string | null;
}

/** A program with the words it is called by. */
export interface Command {
  readonly program: Program;
  /** As ps shows it: a script's interpreter comes first. */
  readonly argv: readonly string[];
}

/** The program and its arguments; null when there is no such command. */
export function commandOf(facts: CommandFacts, argv: readonly string[]): Command | null {
  const { image, programs, purpose, awaited = false } = facts;
  const [name = ''] = argv;
  const script = name.includes('/') ? facts.readFile(name) : null;
  if (script !== null && script !== '') {
    const interpreter = interpreterOf(script);
    const program = findCommand(image, interpreter, programs);
    return program && { program, argv: [interpreter, ...argv] };
  }
  const program = findCommand(image, name, programs);
  if (program !== null) return { program, argv };
  if (image?.isUnknown !== true || purpose === 'terminal' || name === '') return null;
  const assumed = programs.get(purpose === 'check' || awaited ? 'true' : 'server');
  return assumed === undefined ? null : { program: assumed, argv };
}

/** From "#!/usr/bin/env python3" to "python3"; the shell runs what has no such line. */
function interpreterOf(script: string): string {
  const [, path = '/bin/sh', argument] = /^#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(script) ?? [];
  const name = path.split('/').pop()!;
  return name === 'env' && argument !== undefined ? argument : name;
}
