/** The commands that a learner may type, in the order in which `help` lists them. */
import { cat, date, echo, ls, no, sleep, yes } from './builtins';
import { help } from './help';
import { kubectl } from './kubectl/kubectl';
import { node } from './node-command';
import { OUTSIDE_TOOLS, outside } from './outside';
import type { ShellCommand } from './shell';

/** Every command by the name that is typed. */
export const COMMANDS: readonly ShellCommand[] = [
  kubectl,
  node,
  ...OUTSIDE_TOOLS.map(outside),
  help,
  sleep,
  date,
  echo,
  cat,
  ls,
  yes,
  no,
];

const byName = new Map(COMMANDS.map((command) => [command.name, command]));
// The alias that most people set.
byName.set('k', kubectl);

/** The command of that name, undefined when there is none. */
export function findCommand(name: string): ShellCommand | undefined {
  return byName.get(name);
}

const NODE_TOOLS = new Set([
  'iptables',
  'iptables-save',
  'ip',
  'bridge',
  'conntrack',
  'ss',
  'nft',
  'ipvsadm',
  'cilium',
  'cilium-dbg',
  'brctl',
]);

/** What a shell says about a name that it does not know, and where to go from there. */
export function notFoundText(name: string): string {
  const head = `sh: ${name}: command not found\n`;
  if (NODE_TOOLS.has(name)) return `${head}It is a tool of the nodes. Try: node node-1 -- ${name}\n`;
  if (name === 'watch') return `${head}Most things can watch by themselves. Try: kubectl get pods -w\n`;
  if (name === 'ssh') return `${head}To run something on a node, try: node node-1 -- ip route\n`;
  if (name === 'docker' || name === 'crictl')
    return `${head}The containers are pods here. Try: kubectl get pods -o wide\n`;
  return `${head}Type help to see what works here.\n`;
}
