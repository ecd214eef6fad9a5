/**
 * Going back in time: keyframes of the whole cluster every so often, and the log of what people did. Version, seed and log
 * are the run, so any moment can be reached again from the keyframe before it by doing the same things once more.
 */
import type { Ns } from './clock/clock';
import { SECOND } from './clock/clock';

/** Something that came from outside the simulation, at its moment. */
export interface LoggedCommand<C> {
  readonly atNs: Ns;
  readonly command: C;
}

export interface Moment<F> {
  readonly atNs: Ns;
  /** How many commands had been taken by then. */
  readonly commands: number;
  readonly frame: F;
}

/** Least virtual time between two keyframes. */
const SPACING: Ns = SECOND;
const KEEP = 48;

export class Timeline<C, F> {
  private moments: readonly Moment<F>[] = [];
  private commands: readonly LoggedCommand<C>[] = [];

  get log(): readonly LoggedCommand<C>[] {
    return this.commands;
  }

  record(atNs: Ns, command: C): void {
    this.commands = [...this.commands, { atNs, command }];
  }

  /** True when it is time for a keyframe. */
  isDue(nowNs: Ns): boolean {
    const last = this.moments.at(-1);
    return last === undefined || nowNs - last.atNs >= SPACING;
  }

  keep(atNs: Ns, frame: F): void {
    const all = [...this.moments, { atNs, commands: this.commands.length, frame }];
    // The past thins out: of the older half every second keyframe goes.
    this.moments = all.length > KEEP ? all.filter((_, i) => i > KEEP / 2 || i % 2 === 0) : all;
  }

  /** The latest keyframe not after `atNs`, or the oldest one. */
  before(atNs: Ns): Moment<F> | undefined {
    return this.moments.findLast((moment) => moment.atNs <= atNs) ?? this.moments[0];
  }

  /**
   * Forgets what lies after `moment` and returns the commands from there up to `untilNs`, to be done again. Commands later
   * than that are given up: going back means taking another way.
   */
  rewindTo(moment: Moment<F>, untilNs: Ns): readonly LoggedCommand<C>[] {
    this.moments = this.moments.filter((other) => other.atNs <= moment.atNs);
    const again = this.commands.slice(moment.commands).filter((logged) => logged.atNs <= untilNs);
    this.commands = this.commands.slice(0, moment.commands);
    return again;
  }
}
