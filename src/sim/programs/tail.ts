/** tail -f and -F: goes on after the last lines and prints what is added (POSIX tail; coreutils and busybox for -F). */
import { SECOND } from '../clock/clock';
import type { Os, Program } from './program';
import type { Applet } from './text-tools';
import { splitFlags } from './text-tools';

/** How often it looks, as both do. */
const LOOK_NS = SECOND;

interface TailState {
  readonly paths: readonly string[];
  /** Characters of each file that have been printed. */
  readonly seen: readonly number[];
}

/** The program, of which `once` is the part that ends. */
export function createTail(once: Applet): Program {
  return {
    name: 'tail',
    start(os) {
      const args = os.process.args.slice(1).map((arg) => (arg === '--follow' ? '-f' : arg));
      const { flags, rest } = splitFlags(
        args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg)),
        'nc',
      );
      const { code, out = '', err = '' } = once(args, os) ?? { code: 0 };
      os.print(out);
      os.print(err, 'stderr');
      // Standard input has an end here; -f of a file that is not there has nothing to follow, -F waits for it.
      const paths = rest.filter(
        (path) => flags.has('F') || path === '/dev/null' || os.readFile(path) !== null,
      );
      if (!(flags.has('f') || flags.has('F')) || paths.length === 0) return os.exit(code);
      os.setState({ paths, seen: paths.map((path) => (os.readFile(path) ?? '').length) });
      os.setTimer('look', LOOK_NS);
    },
    onEvent(os, event) {
      if (event.type === 'timer') look(os);
    },
  };
}

function look(os: Os): void {
  const { paths, seen } = os.process.state as TailState;
  const lengths = paths.map((path, index) => {
    const text = os.readFile(path) ?? '';
    const from = text.length < seen[index]! ? 0 : seen[index]!;
    os.print(text.slice(from));
    return text.length;
  });
  os.setState({ paths, seen: lengths });
  // Nothing is ever added to this one: it only keeps a container alive.
  if (paths.some((path) => path !== '/dev/null')) os.setTimer('look', LOOK_NS);
}
