/** sleep(1), as coreutils and busybox have it: it waits and ends (POSIX sleep; units and "infinity" are GNU's). */
import { SECOND } from '../clock/clock';
import { parseDuration } from './annotations';
import type { Program } from './program';

/** sleep(1): seconds, with a unit, or "infinity". */
export const sleep: Program = {
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
