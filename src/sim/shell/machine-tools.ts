/** Tools that print a machine's tables: iptables-save, iptables -L, ip, bridge, conntrack, ss, netstat, hostname and cat. */
import { Machine } from '../kernel/machine';
import type { MachineApi } from '../kernel/machine-api';
import { arpTable, netstat, routeTable } from '../kernel/print/net-tools';
import { printed, refused } from './tool-result';
import type { Printed, ToolContext } from './tool-result';
import { bridge, ip } from './tool-ip';
import { cilium } from './tool-cilium';
import { conntrack } from './tool-conntrack';
import { ipset, ipvsadm, nft } from './tool-rules';
import { ss } from './tool-ss';
import { sysctl, sysctlFile } from './tool-sysctl';
import { iptables, iptablesSave } from './tool-iptables';

export type { Printed } from './tool-result';

/** The letters of a command line's short options: "-tl -np" has t, l, n and p. */
function lettersOf(argv: readonly string[]): string {
  const long: Readonly<Record<string, string>> = {
    '--tcp': 't',
    '--udp': 'u',
    '--listening': 'l',
    '--all': 'a',
    '--processes': 'p',
    '--programs': 'p',
    '--route': 'r',
    '--no-header': 'H',
    '--summary': 's',
    '--ipv4': '4',
    '--ipv6': '6',
  };
  const words = argv.slice(1);
  return words.map((word) => (/^-[a-zA-Z0-9]+$/.test(word) ? word.slice(1) : (long[word] ?? ''))).join('');
}

function sockets(machine: Machine, netns: string, argv: readonly string[], context: ToolContext): Printed {
  const letters = lettersOf(argv);
  const { holderOf = () => null, busybox = false } = context;
  const options = {
    tcp: letters.includes('t'),
    udp: letters.includes('u'),
    listening: letters.includes('l'),
    all: letters.includes('a'),
    ...(letters.includes('p') ? { holderOf } : {}),
    ...(letters.includes('4') ? { family: 4 as const } : letters.includes('6') ? { family: 6 as const } : {}),
    bare: letters.includes('H'),
  };
  if (argv[0] === 'ss') return ss(machine, netns, argv, options);
  if (letters.includes('r')) return printed(routeTable(machine, netns, true));
  return printed(netstat(machine, netns, { ...options, busybox }));
}

function cat(machine: Machine, argv: readonly string[], files: Readonly<Record<string, string>>): Printed {
  let stdout = '';
  for (const path of argv.slice(1)) {
    const text = files[path] ?? sysctlFile(machine, 'host', path) ?? undefined;
    if (text === undefined) return { ...refused(`cat: ${path}: No such file or directory\n`), stdout };
    stdout += text;
  }
  return printed(stdout);
}

/** Runs a table printer in a network namespace; undefined when the first word names no such tool. */
export function printTool(
  machine: MachineApi,
  netns: string,
  argv: readonly string[],
  context: ToolContext,
): Printed | undefined {
  if (!(machine instanceof Machine) || !machine.hasNetns(netns)) return undefined;
  switch (argv[0]) {
    case 'ip':
      return ip(machine, netns, argv.slice(1), context.busybox);
    case 'bridge':
      return bridge(machine, netns, argv.slice(1));
    case 'ss':
    case 'netstat':
      return sockets(machine, netns, argv, context);
    case 'route':
      return printed(routeTable(machine, netns, false));
    case 'arp':
      return printed(arpTable(machine, netns, context.busybox ?? false));
    case 'iptables-save':
      return iptablesSave(machine, netns, argv);
    case 'iptables':
      return iptables(machine, netns, argv.slice(1));
    case 'nft':
      return nft(machine, netns, argv.slice(1));
    case 'ipvsadm':
      return ipvsadm(machine, netns, argv.slice(1));
    case 'ipset':
      return ipset(machine, netns, argv.slice(1));
    case 'cilium':
    case 'cilium-dbg':
      return cilium(machine, argv.slice(1));
    case 'sysctl':
      return sysctl(machine, netns, argv.slice(1));
    case 'conntrack':
      return conntrack(machine, netns, argv, context.nowNs);
    case 'ip6tables-save':
      return iptablesSave(machine, netns, argv, 6);
    case 'ip6tables':
      return iptables(machine, netns, argv.slice(1), 6);
    case 'hostname':
      return context.inPod ? undefined : printed(`${machine.name}\n`);
    case 'cat':
      return context.inPod ? undefined : cat(machine, argv, context.files);
    default:
      return undefined;
  }
}
