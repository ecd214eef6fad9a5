/**
 * `conntrack -L`, `-C` and their filters, as conntrack-tools 1.4.7 has them.
 * Not simulated: changing the table with conntrack, its events and statistics; deleting is left to kube-proxy.
 */
import type { Ns } from '../clock/clock';
import { printConnections } from '../kernel/conntrack-print';
import type { Machine } from '../kernel/machine';
import { netfilterState } from '../kernel/netfilter/state';
import { printed, refused } from './tool-result';
import type { Printed } from './tool-result';

const TOOL = 'conntrack v1.4.7 (conntrack-tools)';
const HINT = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
const USAGE = `Command line interface for the connection tracking system. Version 1.4.7
Usage: conntrack [commands] [options]

Commands:
  -L [table] [options]		List conntrack or expectation table
  -C [table]			Show counter
`;

/** Options by their letters; those in `VALUES` take a word. */
const LONG: Readonly<Record<string, string>> = {
  '--dump': 'L',
  '--count': 'C',
  '--delete': 'D',
  '--flush': 'F',
  '--event': 'E',
  '--get': 'G',
  '--stats': 'S',
  '--src': 's',
  '--orig-src': 's',
  '--dst': 'd',
  '--orig-dst': 'd',
  '--reply-src': 'r',
  '--reply-dst': 'q',
  '--protonum': 'p',
  '--proto': 'p',
  '--family': 'f',
  '--mark': 'm',
  '--status': 'u',
  '--zone': 'w',
  '--output': 'o',
  '--src-nat': 'n',
  '--dst-nat': 'g',
  '--any-nat': 'j',
  '--sport': 'sport',
  '--orig-port-src': 'sport',
  '--dport': 'dport',
  '--orig-port-dst': 'dport',
  '--reply-port-src': 'rsport',
  '--reply-port-dst': 'rdport',
  '--state': 'state',
  '--version': 'V',
  '--help': 'h',
};
const VALUES = new Set([
  's',
  'd',
  'r',
  'q',
  'p',
  'f',
  'm',
  'u',
  'w',
  'o',
  'sport',
  'dport',
  'rsport',
  'rdport',
  'state',
]);
const FLAGS = new Set([...'LCDFEGSIUngjVhz']);
const PROTOCOLS = /^(tcp|udp|udplite|icmp|icmpv6|sctp|dccp|gre|\d+)$/;

/** The options of a command line, or the tool's complaint. The words of -n, -g and -j, an address each, may be absent. */
function optionsOf(argv: readonly string[]): ReadonlyMap<string, string> | Printed {
  const options = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith('-')) continue;
    const [name = '', inline] = word.startsWith('--') ? word.split('=') : [word.slice(0, 2), word.slice(2)];
    const key = LONG[name] ?? name.replace(/^-/, '');
    if (!VALUES.has(key) && !FLAGS.has(key)) {
      const shown = name.startsWith('--')
        ? `unknown option \`${name}'`
        : `unknown option \`-${name.slice(1)}'`;
      return refused(`${TOOL}: ${shown}\n${HINT}`, 2);
    }
    const following = argv[i + 1];
    const takes =
      VALUES.has(key) || ('ngj'.includes(key) && following !== undefined && !following.startsWith('-'));
    options.set(key, takes ? inline || (argv[++i] ?? '') : '');
  }
  const protocol = options.get('p');
  const family = options.get('f');
  const wrong = protocol !== undefined && !PROTOCOLS.test(protocol) ? protocol : undefined;
  const odd = wrong ?? (family !== undefined && !/^ipv[46]$/.test(family) ? family : undefined);
  return odd === undefined ? options : refused(`${TOOL}: \`${odd}' unsupported protocol\n${HINT}`, 2);
}

/** The two directions of a listed connection: addresses and ports in the order of the line. */
function tuplesOf(line: string): { readonly there: readonly string[]; readonly back: readonly string[] } {
  const values = [...line.matchAll(/ (?:src|dst|sport|dport)=(\S+)/g)].map((match) => match[1]!);
  return { there: values.slice(0, values.length / 2), back: values.slice(values.length / 2) };
}

function filterOf(options: ReadonlyMap<string, string>): (line: string) => boolean {
  const places: readonly (readonly [string, 'there' | 'back', number])[] = [
    ['s', 'there', 0],
    ['d', 'there', 1],
    ['sport', 'there', 2],
    ['dport', 'there', 3],
    ['r', 'back', 0],
    ['q', 'back', 1],
    ['rsport', 'back', 2],
    ['rdport', 'back', 3],
  ];
  return (line) => {
    const family = options.get('f');
    if (family !== undefined && /src=\S*:/.test(line) !== (family === 'ipv6')) return false;
    const protocol = options.get('p');
    const [name, number] = line.split(/ +/);
    if (protocol !== undefined && protocol !== name && protocol !== number) return false;
    const state = options.get('state');
    if (state !== undefined && !line.includes(` ${state.toUpperCase()} `)) return false;
    const status = options.get('u')?.toUpperCase().replace('SEEN_REPLY', '');
    if (status === 'UNREPLIED' || status === 'ASSURED') if (!line.includes(`[${status}]`)) return false;
    const mark = options.get('m');
    if (mark !== undefined && !line.includes(` mark=${Number(mark.split('/')[0])} `)) return false;
    const tuples = tuplesOf(line);
    if (places.some(([key, side, at]) => options.has(key) && tuples[side][at] !== options.get(key)))
      return false;
    return isTranslated(tuples, options);
  };
}

/** -n, -g and -j: the answer goes elsewhere than the question came from, or comes from elsewhere than it went. */
function isTranslated(
  { there, back }: ReturnType<typeof tuplesOf>,
  options: ReadonlyMap<string, string>,
): boolean {
  const fits = (key: string, address: string | undefined) => ['', address].includes(options.get(key));
  const source = (there[0] !== back[1] || there[2] !== back[3]) && back[1];
  const target = (there[1] !== back[0] || there[3] !== back[2]) && back[0];
  if (options.has('n') && (source === false || !fits('n', source))) return false;
  if (options.has('g') && (target === false || !fits('g', target))) return false;
  if (!options.has('j')) return true;
  return (source !== false && fits('j', source)) || (target !== false && fits('j', target));
}

/** What a node's table of connections holds. */
export function conntrack(machine: Machine, netns: string, argv: readonly string[], nowNs: Ns): Printed {
  const options = optionsOf(argv.slice(1));
  if (!('get' in options)) return options;
  if (options.has('V')) return printed(`${TOOL}\n`);
  if (options.has('h') || argv.length === 1) return printed(USAGE);
  const writes = [...'DFIUEGS'].find((letter) => options.has(letter));
  if (writes !== undefined)
    return refused(
      `conntrack -${writes} is not simulated: kube-proxy clears what it must; conntrack -L shows it\n`,
    );
  const { conntrack: table } = netfilterState(machine.netfilter(netns));
  const lines = printConnections(table.list(), nowNs).slice(0, -1);
  if (options.has('C')) return printed(`${lines.length}\n`);
  if (!options.has('L')) return refused(`${TOOL}: ${HINT}`, 2);
  const extended = options.get('o')?.includes('extended') ?? false;
  const shown = lines.filter(filterOf(options)).map((line) => {
    return extended ? `${/src=\S*:/.test(line) ? 'ipv6     10' : 'ipv4     2'} ${line}\n` : `${line}\n`;
  });
  const stderr = `${TOOL}: ${shown.length} flow entries have been shown.\n`;
  return { stdout: shown.join(''), stderr, code: 0 };
}
