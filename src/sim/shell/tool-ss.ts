/**
 * ss(8) of iproute2: its options, and of its filters states, ports and addresses.
 * Not simulated: parentheses in filters of ss, which are read as if they were not there, timers and memory (-o, -m, -i).
 */
import type { Machine } from '../kernel/machine';
import type { SocketRow, SsOptions } from '../kernel/print/sockets';
import { ss as printSockets } from '../kernel/print/sockets';
import { printed, refused } from './tool-result';
import type { Printed } from './tool-result';

/** Names of states in filters, and what they stand for. */
const STATES: Readonly<Record<string, (state: string) => boolean>> = {
  all: () => true,
  connected: (state) => state !== 'LISTEN' && state !== 'UNCONN',
  synchronized: (state) => !/^(LISTEN|UNCONN|SYN-SENT)$/.test(state),
  bucket: (state) => /^(TIME-WAIT|SYN-RECV)$/.test(state),
  big: (state) => !/^(TIME-WAIT|SYN-RECV)$/.test(state),
  established: (state) => state === 'ESTAB',
  'syn-sent': (state) => state === 'SYN-SENT',
  'syn-recv': (state) => state === 'SYN-RECV',
  'fin-wait-1': (state) => state === 'FIN-WAIT-1',
  'fin-wait-2': (state) => state === 'FIN-WAIT-2',
  'time-wait': (state) => state === 'TIME-WAIT',
  closed: (state) => state === 'UNCONN',
  'close-wait': (state) => state === 'CLOSE-WAIT',
  'last-ack': (state) => state === 'LAST-ACK',
  listening: (state) => state === 'LISTEN',
  closing: (state) => state === 'CLOSING',
};
const OPTIONS =
  /^--(help|version|no-header|resolve|numeric|all|listening|options|extended|memory|processes|info|summary|tcp|udp|sctp|ipv4|ipv6|packet|unix|oneline|no-queues)$/;
const USAGE = 'Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n';

interface Filter {
  readonly hasState: boolean;
  fits(row: SocketRow): boolean;
}

/** Reads "state NAME", "sport = :80", "dst 10.0.0.1:80" and the like, with and, or and parentheses as one level. */
function filterOf(words: readonly string[]): Filter | string {
  let hasState = false;
  const states: ((state: string) => boolean)[] = [];
  const alternatives: ((row: SocketRow) => boolean)[][] = [[]];
  const rest = words
    .join(' ')
    .replace(/[()]/g, ' ')
    .replace(/(!=|==|>=|<=|=|<|>)/g, ' $1 ')
    .split(/\s+/)
    .filter((word) => word !== '');
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (word === 'state' || word === 'exclude') {
      const name = rest.shift() ?? '';
      const test = STATES[name];
      if (test === undefined) return `ss: wrong state name: ${name}\n`;
      hasState = true;
      states.push(word === 'state' ? test : (state) => !test(state));
    } else if (word === 'or' || word === '||' || word === '|') alternatives.push([]);
    else if (/^[sd]port$/.test(word)) {
      const sign = /^[!=<>]/.test(rest[0] ?? '') ? rest.shift()! : '=';
      const port = Number((rest.shift() ?? '').replace(/^.*:/, ''));
      alternatives[alternatives.length - 1]!.push((row) => {
        const own = (word === 'sport' ? row.local : row.remote)?.port;
        return own !== undefined && compared(own, sign, port);
      });
    } else if (word === 'src' || word === 'dst') {
      const sign = /^[!=]/.test(rest[0] ?? '') ? rest.shift()! : '=';
      const [, ip = '', port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(rest.shift() ?? '') ?? [];
      alternatives[alternatives.length - 1]!.push((row) => {
        const end = word === 'src' ? row.local : row.remote;
        const same =
          end !== null && (ip === '' || end.ip === ip) && (port === undefined || end.port === Number(port));
        return same !== (sign === '!=');
      });
    } else if (!/^(and|&&|&)$/.test(word))
      return `ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n${USAGE}`;
  }
  const fits = (row: SocketRow) =>
    (states.length === 0 || states.some((test) => test(row.state))) &&
    alternatives.some((tests) => tests.every((test) => test(row)));
  return { hasState, fits };
}

function compared(own: number, sign: string, port: number): boolean {
  switch (sign) {
    case '!=':
      return own !== port;
    case '>':
      return own > port;
    case '<':
      return own < port;
    case '>=':
      return own >= port;
    case '<=':
      return own <= port;
    default:
      return own === port;
  }
}

/** Runs ss; `options` are those of its letters, which netstat has too. */
export function ss(machine: Machine, netns: string, argv: readonly string[], options: SsOptions): Printed {
  const words = argv.slice(1);
  const wrong = words.find((word) => word.startsWith('--') && !OPTIONS.test(word));
  if (wrong !== undefined) return refused(`ss: unrecognized option '${wrong}'\n${USAGE}`, 255);
  if (words.includes('-V') || words.includes('--version')) return printed('ss utility, iproute2-6.1.0\n');
  const filter = filterOf(words.filter((word) => !word.startsWith('-')));
  if (typeof filter === 'string') return refused(filter, 255);
  const { hasState, fits } = filter;
  // A state that is asked for by name is shown whatever -l and -a say, and needs no column.
  const asked = hasState ? { all: true, listening: false, stateless: true } : {};
  return printed(printSockets(machine, netns, { ...options, ...asked, only: fits }));
}
