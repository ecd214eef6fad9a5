/** `node NODE -- COMMAND`: a command on a node, in its own network namespace, as after `ssh NODE`. */
import { awaitForeground, inForeground } from './foreground';
import { printTool } from './machine-tools';
import type { Io, ShellCommand, ShellWorld, Step } from './shell';

function nodeNames(world: ShellWorld): string[] {
  const nodes = world.api.resources().find((resource) => resource.plural === 'nodes');
  return nodes === undefined ? [] : world.api.list(nodes).map((node) => node.metadata.name);
}

function run(world: ShellWorld, argv: readonly string[], io: Io): Step {
  const name = argv[1];
  if (name === undefined || name.startsWith('-')) {
    io.err(`usage: node NODE -- COMMAND\nnodes: ${nodeNames(world).join(', ')}\n`);
    return { code: 2 };
  }
  const place = world.nodePlace(name);
  const machine = world.machineOf(name);
  if (place === undefined || machine === undefined) {
    io.err(`node: ${name}: no such node (nodes: ${nodeNames(world).join(', ')})\n`);
    return { code: 1 };
  }
  const command = argv.slice(argv[2] === '--' ? 3 : 2);
  if (command.length === 0) {
    io.err(`node: what should run on ${name}? For example: node ${name} -- ip route\n`);
    return { code: 2 };
  }
  if (!machine.poweredOn) {
    io.err(`ssh: connect to host ${name} port 22: No route to host\n`);
    return { code: 255 };
  }
  const holderOf = (key: string | number) => world.processes.holderOf?.(key) ?? null;
  const context = { files: place.files ?? {}, nowNs: world.nowNs, holderOf };
  const printed = printTool(machine, 'host', command, context);
  if (printed !== undefined) {
    io.out(printed.stdout);
    io.err(printed.stderr);
    return { code: printed.code };
  }
  const started = world.processes.execIn(place, command, io.session);
  if (typeof started === 'number') return inForeground(name);
  io.err(`sh: ${command[0]}: command not found\n`);
  return { code: 127 };
}

const TOOLS = [
  'bridge fdb show',
  'cat /etc/resolv.conf',
  'conntrack -L',
  'curl',
  'dig',
  'ip addr',
  'ip link',
  'ip neigh',
  'ip route',
  'iptables -t nat -L -n',
  'iptables-save',
  'ping',
  'ss -tln',
];

export const node: ShellCommand = {
  name: 'node',
  synopsis: 'runs a command on a node: node node-1 -- ip route',
  run,
  resume: (world, _argv, io, _settings, state, cause) =>
    awaitForeground(
      world,
      io,
      state,
      cause,
      (lost) => `client_loop: send disconnect: Broken pipe (${lost})\n`,
    ),
  complete: (world, argv, index) => {
    if (index === 1) return nodeNames(world);
    if (index === 2) return ['--'];
    const typed = argv.slice(3, index);
    return TOOLS.map((tool) => tool.split(' '))
      .filter((words) => typed.every((word, i) => words[i] === word))
      .map((words) => words[typed.length])
      .filter((word) => word !== undefined);
  },
};
