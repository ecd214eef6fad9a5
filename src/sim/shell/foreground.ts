/**
 * A program in the foreground of the terminal, in a container, on a node or outside: it is waited for, and a machine that
 * loses power under it is noticed, since a dead process tells nobody.
 */
import { SECOND } from '../clock/clock';
import type { Io, ShellWorld, Step, StepCause } from './shell';

interface Foreground {
  readonly machine: string;
}

/** How often somebody looks whether the machine still runs. */
const LOOK_EVERY_NS = SECOND;

/** The step of a command whose program has just started on a machine. */
export function inForeground(machine: string): Step {
  return { state: { machine } satisfies Foreground, afterNs: LOOK_EVERY_NS, process: true };
}

/** What comes next: the program's end, the machine's, or another look. `lost` is what is printed when the machine is gone. */
export function awaitForeground(
  world: ShellWorld,
  io: Io,
  state: unknown,
  cause: StepCause,
  lost: (machine: string) => string,
): Step {
  const { machine } = state as Foreground;
  if (world.machineOf(machine)?.poweredOn !== false) {
    return cause.type === 'exit' ? { code: cause.code } : inForeground(machine);
  }
  io.err(lost(machine));
  return { code: 255 };
}
