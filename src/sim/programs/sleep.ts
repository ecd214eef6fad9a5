/** sleep(1), as coreutils and busybox have it: it waits and ends (POSIX sleep; units and "infinity" are GNU's). */
import { SECOND } from '../clock/clock';
import { toolFlavour } from './images';
import type { Os, Program } from './program';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** What busybox and coreutils say of a missing or a wrong number. */
function troubleOf(os: Os, wrong: number): string {
  const word = os.process.args[wrong + 1];
  if (toolFlavour(os.process.container) === 'busybox')
    return word === undefined || wrong < 0
      ? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: sleep [N]...\n'
      : `sleep: invalid number '${word}'\n`;
  const said = wrong < 0 ? 'missing operand' : `invalid time interval ‘${word}’`;
  return `sleep: ${said}\nTry 'sleep --help' for more information.\n`;
}

/** sleep(1): seconds, with a unit, or "infinity". */
export const sleep: Program = {
  name: 'sleep',
  start: (os) => {
    const spans = os.process.args.slice(1).map((text) => {
      if (/^inf(inity)?$/i.test(text)) return Infinity;
      const [, number, unit = 's'] = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text) ?? [];
      return number === undefined ? NaN : Number(number) * (UNITS[unit] ?? 1) * SECOND;
    });
    if (spans.length === 0 || spans.some(Number.isNaN)) {
      os.print(troubleOf(os, spans.findIndex(Number.isNaN)), 'stderr');
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
