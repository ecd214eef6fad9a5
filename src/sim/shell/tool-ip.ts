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
  if (words.includes('local') && words.includes('table'))
    return printed(ipRouteLocal(machine, netns, family));
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

/** `ip [-4|-6|-br|-d|-n] OBJECT [show …]`. */
export function ip(machine: Machine, netns: string, argv: readonly string[]): Printed {
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
      return printed(brief ? ipAddrBrief(machine, netns, family) : ipAddr(machine, netns, device, family));
    case 'link':
      return printed(
        brief ? ipLinkBrief(machine, netns) : ipLink(machine, netns, device, options.includes('-d')),
      );
    case 'rule':
      return printed(
        '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n',
      );
    case 'netns':
      return printed('');
    default:
      return printed(ipNeigh(machine, netns, device, family));
  }
}

/** `bridge fdb [show [dev|br DEVICE]]` and `bridge link`. */
export function bridge(machine: Machine, netns: string, argv: readonly string[]): Printed {
  const [object = '', ...rest] = argv.filter((word) => !word.startsWith('-'));
  if (!'fdb'.startsWith(object) || object === '') {
    return refused(`bridge ${object} is not simulated; bridge fdb show is\n`);
  }
  const words = rest.filter((word) => word !== 'show');
  const at = words.findIndex((word) => word === 'dev' || word === 'br' || word === 'brport');
  const device = at >= 0 ? words[at + 1] : undefined;
  return missing(machine, netns, device) ?? printed(bridgeFdb(machine, netns, device));
}
