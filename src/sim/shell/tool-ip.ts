/** `ip` and `bridge` (iproute2): argument words to the kernel's printers. */
import type { Machine } from '../kernel/machine';
import { ipAddr, ipAddrBrief, ipLink, ipLinkBrief } from '../kernel/print/links';
import { bridgeFdb, ipNeigh } from '../kernel/print/neighbours';
import { ipRoute, ipRouteGet, ipRouteLocal } from '../kernel/print/routes';
import { printed, refused } from './tool-result';
import type { Printed } from './tool-result';

/** The full name of an abbreviated word, as iproute2 takes any beginning. */
function expand(word: string, names: readonly string[]): string | undefined {
  return word === '' ? undefined : names.find((name) => name.startsWith(word));
}

const OBJECTS = ['address', 'route', 'neighbour', 'neighbor', 'link', 'netns', 'rule'];
const ACTIONS = ['show', 'list', 'lst', 'get', 'add', 'del', 'replace', 'set', 'flush', 'append', 'change'];

function deviceOf(words: readonly string[]): string | undefined {
  const at = words.indexOf('dev');
  return at >= 0 ? words[at + 1] : words[0];
}

function missing(machine: Machine, netns: string, device: string | undefined): Printed | null {
  if (device === undefined || machine.netns(netns).devices.has(device)) return null;
  return refused(`Device "${device}" does not exist.\n`);
}

function route(machine: Machine, netns: string, words: readonly string[], family: 4 | 6): Printed {
  const action = expand(words[0] ?? 'show', ACTIONS) ?? 'show';
  if (action === 'get') {
    const address = words[1] ?? '';
    const text = ipRouteGet(machine, netns, address);
    return /^(RTNETLINK|Error)/.test(text) ? refused(text, 2) : printed(text);
  }
  const table = words[words.indexOf('table') + 1];
  if (words.includes('table') && table === 'local') return printed(ipRouteLocal(machine, netns, family));
  if (words.includes('table') && (table === 'all' || table === '0')) {
    // Tables other than main are named in each line, behind the device.
    const local = ipRouteLocal(machine, netns, family).replace(/ dev (\S+) /g, ' dev $1 table local ');
    return printed(ipRoute(machine, netns, family) + local);
  }
  if (words.includes('table') && table !== 'main' && table !== '254')
    return /^\d+$/.test(table ?? '')
      ? refused('Error: ipv4: FIB table does not exist.\nDump terminated\n', 2)
      : refused(`Error: argument "${table ?? ''}" is wrong: table id value is invalid\n\n`, 255);
  const dev = words.includes('dev') ? deviceOf(words) : undefined;
  const wrong = missing(machine, netns, dev);
  if (wrong !== null) return refused(`Cannot find device "${dev}"\n`);
  const all = ipRoute(machine, netns, family)
    .split('\n')
    .filter((line) => line !== '');
  const shown =
    dev === undefined
      ? all
      : all.filter((line) => line.includes(` dev ${dev} `)).map((line) => line.replace(` dev ${dev} `, ' '));
  return printed(shown.map((line) => `${line}\n`).join(''));
}

const BUSYBOX_USAGE = `BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.

Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]
`;

/**
 * What busybox prints of the same tables: it knows neither states nor groups, takes a veth's flag of its other end for
 * M-DOWN, and leaves out who made a route.
 */
function asBusybox(result: Printed): Printed {
  const stdout = result.stdout
    .replace(/^(\d+: \S+@\S+: <[^>]*)>/gm, '$1,M-DOWN>')
    .replace(/^(\d+: .*?) state \S+(?: mode DEFAULT)? group default/gm, '$1')
    .replace(/ link-netns(?:id)? \S+$/gm, '')
    .replace(/ proto \S+/g, '')
    .replace(/ src (\S+) ?$/gm, '  src $1 ')
    .replace(/ uid 0 \n {4}cache (?:<local> )?\n/g, ' \n')
    .replace(/^(\S+)( via \S+)? dev (\S+) src (\S+) $/gm, '$1$2 dev $3  src $4 ');
  return { ...result, stdout };
}

/** One line for each record, as -o prints: the device's name comes first, line breaks become backslashes. */
function oneLine(text: string): string {
  const out: string[] = [];
  let name = '';
  for (const line of text.split('\n')) {
    const head = /^(\d+: )([^:@]+)/.exec(line);
    if (head !== null) name = `${head[1]}${head[2]}`;
    else if (/^ {4}inet/.test(line)) out.push(`${name}${line}`);
    else if (/^ {7}valid/.test(line)) out[out.length - 1] += `\\${line}`;
  }
  return out.map((line) => `${line}\n`).join('');
}

/** Network namespaces as `ip netns` lists them, with the ids that the host's links give them. */
function netnsNames(machine: Machine): string {
  const peers = [...machine.netns('host').devices.values()].flatMap(({ peer }) => peer?.netns ?? []);
  const others = [...new Set(peers)].filter((name) => name !== 'host');
  return others
    .map((name, id) => `${name} (id: ${id})\n`)
    .reverse()
    .join('');
}

/** `ip [-4|-6|-br|-d|-n|-o] OBJECT [show …]`, of iproute2 or of busybox. */
export function ip(machine: Machine, netns: string, argv: readonly string[], busybox = false): Printed {
  const odd = argv.find((word) => /^-/.test(word) && !/^-(4|6|o|oneline|f|family|s)$/.test(word));
  if (busybox && (odd !== undefined || argv.length === 0)) return refused(BUSYBOX_USAGE);
  const result = iproute(machine, netns, argv);
  return busybox ? asBusybox(result) : result;
}

function iproute(machine: Machine, netns: string, argv: readonly string[]): Printed {
  const options = argv.filter((word) => word.startsWith('-'));
  const [object = '', ...rest] = argv.filter((word) => !word.startsWith('-'));
  const kind = expand(object, OBJECTS);
  if (kind === undefined) {
    return object === ''
      ? refused('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n', 255)
      : refused(`Object "${object}" is unknown, try "ip help".\n`);
  }
  const family = options.includes('-6') ? 6 : options.includes('-4') ? 4 : undefined;
  if (kind === 'route') return route(machine, netns, rest, family ?? 4);
  const action = expand(rest[0] ?? 'show', ACTIONS);
  const words = action === 'show' || action === 'list' ? rest.slice(1) : rest;
  if (action !== undefined && !['show', 'list', 'lst'].includes(action)) {
    return refused(
      `ip ${kind} ${rest[0]} is not simulated: what you see is what the node's agents set up\n`,
      2,
    );
  }
  const device = words.length > 0 ? deviceOf(words.filter((word) => word !== 'up')) : undefined;
  const wrong = missing(machine, netns, device);
  if (wrong !== null) return wrong;
  const brief = options.some((option) => option === '-br' || option === '-brief');
  switch (kind) {
    case 'address':
      return printed(
        brief
          ? ipAddrBrief(machine, netns, family)
          : options.some((option) => option === '-o' || option === '-oneline')
            ? oneLine(ipAddr(machine, netns, device, family))
            : ipAddr(machine, netns, device, family),
      );
    case 'link':
      return printed(
        brief ? ipLinkBrief(machine, netns) : ipLink(machine, netns, device, options.includes('-d')),
      );
    case 'rule':
      return printed(
        '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n',
      );
    case 'netns':
      return printed(netns === 'host' ? netnsNames(machine) : '');
    default:
      return printed(ipNeigh(machine, netns, device, family));
  }
}

const BRIDGE_USAGE = 'Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }\n';

/** Ports of bridges: the first line of `ip link`, shorter, and how they forward. */
function bridgeLinks(machine: Machine, netns: string): string {
  const lines = ipLink(machine, netns)
    .split('\n')
    .filter((line) => / master \S+ /.test(line));
  const state = 'state forwarding priority 32 cost 2 ';
  return lines.map((line) => `${line.replace(/ qdisc \S+( master \S+) .*$/, '$1')} ${state}\n`).join('');
}

/** `bridge fdb [show [dev|br DEVICE]]` and `bridge link`. */
export function bridge(machine: Machine, netns: string, argv: readonly string[]): Printed {
  const [object = '', ...rest] = argv.filter((word) => !word.startsWith('-'));
  if (object !== '' && 'link'.startsWith(object)) return printed(bridgeLinks(machine, netns));
  if (!'fdb'.startsWith(object) || object === '') {
    return 'vlan mdb monitor vni'.split(' ').some((name) => object !== '' && name.startsWith(object))
      ? refused(`bridge ${object} is not simulated; bridge fdb show is\n`)
      : refused(
          object === '' ? BRIDGE_USAGE : `Object "${object}" is unknown, try "bridge help".\n`,
          object === '' ? 255 : 1,
        );
  }
  const words = rest.filter((word) => word !== 'show');
  const at = words.findIndex((word) => word === 'dev' || word === 'br' || word === 'brport');
  const device = at >= 0 ? words[at + 1] : undefined;
  return missing(machine, netns, device) ?? printed(bridgeFdb(machine, netns, device));
}
