/**
 * sysctl (procps-ng 4), and the same values as files below /proc/sys.
 * Not simulated: writing settings with sysctl, and those that nothing here reads.
 */
import type { Machine } from '../kernel/machine';
import { sysctlNames } from '../kernel/netns';
import type { Printed } from './tool-result';

/** The name of a value in a path of /proc/sys; null for other paths. */
function sysctlOf(path: string): string | null {
  const match = /^\/proc\/sys\/(.+)$/.exec(path);
  return match === null ? null : match[1]!.replaceAll('/', '.');
}

/** The text of a file below /proc/sys, or null. */
export function sysctlFile(machine: Machine, netns: string, path: string): string | null {
  const name = sysctlOf(path);
  const known = name !== null && sysctlNames(machine.netns(netns)).includes(name);
  return known ? `${machine.sysctl(netns, name)}\n` : null;
}

/** `sysctl [-n] NAME…` and `sysctl -a`. */
export function sysctl(machine: Machine, netns: string, argv: readonly string[]): Printed {
  const bare = argv.some((word) => /^-[a-z]*n/.test(word));
  const all = argv.some((word) => /^-[a-z]*a/.test(word));
  const known = sysctlNames(machine.netns(netns));
  const wanted = all ? known : argv.filter((word) => !word.startsWith('-'));
  if (wanted.length === 0)
    return {
      stdout: '',
      stderr: "sysctl: no variables specified\nTry `sysctl --help' for more information.\n",
      code: 1,
    };
  let [stdout, stderr] = ['', ''];
  for (const word of wanted) {
    const name = word.replaceAll('/', '.');
    if (word.includes('=')) stderr += `sysctl: permission denied on key "${name.split('=')[0]}"\n`;
    else if (!known.includes(name)) {
      stderr += `sysctl: cannot stat /proc/sys/${name.replaceAll('.', '/')}: No such file or directory\n`;
    } else stdout += `${bare ? '' : `${name} = `}${machine.sysctl(netns, name)}\n`;
  }
  return { stdout, stderr, code: stderr === '' ? 0 : 1 };
}
