/** timeout(1): runs a command and ends it when it takes too long (coreutils; exit code 124 then, as in busybox 143). */
import { toolFlavour } from './images';
import { MS, SECOND } from '../clock/clock';
import type { Program } from './program';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

interface TimeoutState {
  /** Pid of the command inside its container; 0 when it has been told to end. */
  readonly inner: number;
}

export const timeout: Program = {
  name: 'timeout',
  start(os) {
    const args = os.process.args.slice(1);
    let at = 0;
    while (/^-/.test(args[at] ?? '')) at += /^(-[sk]|--signal|--kill-after)$/.test(args[at]!) ? 2 : 1;
    // busybox had -t SECONDS once.
    const given = args[0] === '-t' ? args[1] : args[at];
    const command = args.slice(args[0] === '-t' ? 2 : at + 1);
    const [, number, unit] = /^(\d*\.?\d+)([smhd]?)$/.exec(given ?? '') ?? [];
    if (number === undefined || command.length === 0) {
      os.print(`timeout: invalid time interval '${given ?? ''}'\n`, 'stderr');
      os.exit(125);
      return;
    }
    const pid = os.spawn(command, os.process.stdin === undefined ? {} : { stdin: os.process.stdin });
    if (pid === null) {
      os.print(`timeout: can't execute '${command[0]}': No such file or directory\n`, 'stderr');
      os.exit(127);
      return;
    }
    os.setState({ inner: Math.max(...os.siblings().map((one) => one.pid)) });
    const limit = Number(number) * (UNITS[unit ?? ''] ?? 1) * SECOND;
    if (limit > 0) os.setTimer('limit', limit);
  },
  onEvent(os, event) {
    const isLate = (os.process.state as TimeoutState).inner === 0;
    const late = toolFlavour(os.process.container) === 'busybox' ? 143 : 124;
    if (event.type === 'child') os.exit(isLate ? late : event.code);
    else if (event.type === 'timer' && event.name === 'limit') {
      os.signal((os.process.state as TimeoutState).inner, 'TERM');
      os.setState({ inner: 0 });
      // A command that does not heed the signal is left behind.
      os.setTimer('over', MS);
    } else if (event.type === 'timer') os.exit(late);
  },
};
