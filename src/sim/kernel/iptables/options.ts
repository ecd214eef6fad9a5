/** The options of each match and target that parse.ts reads, one table entry an option (iptables-extensions(8)). */
import { canonicalIp } from '../../../lib/ip';
import type {
  AddressType,
  ConnState,
  Match,
  NatTo,
  PortRange,
  RejectWith,
  Target,
  TcpFlagName,
} from './rules';

/** Takes what is known so far and the words after the option, gives the match or target with the option in it. */
export type OptionReader<T> = (so: T, words: readonly string[], not: boolean) => T;

export interface ExtensionSyntax<T> {
  readonly start: T;
  readonly options: Readonly<Record<string, OptionReader<T>>>;
  /** How many words an option takes, where that is not one. */
  readonly words?: Readonly<Record<string, number>>;
}

function flag(not: boolean): { not?: true } {
  return not ? { not: true } : {};
}

function range(text: string, separator: string): { from: number; to: number } {
  const [from = '', to = from] = text.split(separator);
  return { from: Number(from), to: Number(to) };
}

function ports(text: string, not: boolean): PortRange {
  return { ...range(text, ':'), ...flag(not) };
}

/** Fits a reader of one match kind into the table, which is keyed by that kind. */
function of<K extends Match['kind']>(
  kind: K,
  read: (so: Extract<Match, { kind: K }>, words: readonly string[], not: boolean) => Match,
): OptionReader<Match> {
  return (so, words, not) => {
    if (so.kind !== kind) throw new Error(`iptables: option of ${kind} met ${so.kind}`);
    return read(so as Extract<Match, { kind: K }>, words, not);
  };
}

function transport(kind: 'tcp' | 'udp' | 'sctp'): ExtensionSyntax<Match> {
  const dport: OptionReader<Match> = (so, [text = ''], not) => ({ ...so, dport: ports(text, not) }) as Match;
  const sport: OptionReader<Match> = (so, [text = ''], not) => ({ ...so, sport: ports(text, not) }) as Match;
  const names = (text: string) => (text === 'NONE' ? [] : (text.split(',') as TcpFlagName[]));
  return {
    start: { kind },
    options: {
      '--dport': dport,
      '--destination-port': dport,
      '--sport': sport,
      '--source-port': sport,
      '--tcp-flags': (so, [mask = '', set = ''], not) =>
        ({ ...so, flags: { mask: names(mask), set: names(set), ...flag(not) } }) as Match,
      '--syn': (so, _words, not) =>
        ({ ...so, flags: { mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'], ...flag(not) } }) as Match,
    },
    words: { '--tcp-flags': 2, '--syn': 0 },
  };
}

function multiport(side: 'sports' | 'dports' | 'ports'): OptionReader<Match> {
  return (_so, [text = ''], not) => ({
    kind: 'multiport',
    side,
    ports: text.split(',').map((port) => range(port, ':')),
    ...flag(not),
  });
}

function recentOp(op: 'set' | 'rcheck' | 'update' | 'remove'): OptionReader<Match> {
  return of('recent', (so, _words, not) => ({ ...so, op, ...flag(not) }));
}

const states = of('conntrack', (so, [text = ''], not) => ({
  ...so,
  states: sortStates(text.split(',') as ConnState[]),
  ...flag(not),
}));

/** The kernel holds states as bits, so they come back in one order. */
function sortStates(list: readonly ConnState[]): ConnState[] {
  const order: ConnState[] = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'];
  return order.filter((state) => list.includes(state));
}

/** "0x4000/0x4000", "16384" (all bits). */
function markOf(text: string): { value: number; mask: number } {
  const [value = '0', mask = '0xffffffff'] = text.split('/');
  return { value: Number(value) >>> 0, mask: Number(mask) >>> 0 };
}

/** libxt_ipvs takes a protocol by name and prints it by number. */
const IPVS_PROTOCOLS: Readonly<Record<string, 'tcp' | 'udp' | 'sctp'>> = {
  tcp: 'tcp',
  udp: 'udp',
  sctp: 'sctp',
  '6': 'tcp',
  '17': 'udp',
  '132': 'sctp',
};

export const MATCH_OPTIONS: Readonly<Record<string, ExtensionSyntax<Match>>> = {
  tcp: transport('tcp'),
  udp: transport('udp'),
  sctp: transport('sctp'),
  comment: {
    start: { kind: 'comment', text: '' },
    options: { '--comment': (_so, [text = '']) => ({ kind: 'comment', text }) },
  },
  icmp: {
    start: { kind: 'icmp', type: 255 },
    options: { '--icmp-type': icmpType, '--icmpv6-type': icmpType },
  },
  multiport: {
    start: { kind: 'multiport', side: 'ports', ports: [] },
    options: {
      '--dports': multiport('dports'),
      '--destination-ports': multiport('dports'),
      '--sports': multiport('sports'),
      '--ports': multiport('ports'),
    },
  },
  addrtype: {
    start: { kind: 'addrtype' },
    options: {
      '--dst-type': of('addrtype', (so, [text], not) => ({
        ...so,
        dst: { type: text as AddressType, ...flag(not) },
      })),
      '--src-type': of('addrtype', (so, [text], not) => ({
        ...so,
        src: { type: text as AddressType, ...flag(not) },
      })),
    },
  },
  mark: {
    start: { kind: 'mark', value: 0, mask: 0 },
    options: { '--mark': (_so, [text = ''], not) => ({ kind: 'mark', ...markOf(text), ...flag(not) }) },
  },
  conntrack: {
    start: { kind: 'conntrack', states: [] },
    options: { '--ctstate': states, '--state': states },
  },
  statistic: {
    start: { kind: 'statistic', chance: 0 },
    options: {
      '--mode': (so) => so,
      '--probability': of('statistic', (so, [text], not) => ({
        ...so,
        chance: chanceOf(Number(text)),
        ...flag(not),
      })),
    },
  },
  recent: {
    start: { kind: 'recent', op: 'rcheck', name: 'DEFAULT' },
    options: {
      '--set': recentOp('set'),
      '--rcheck': recentOp('rcheck'),
      '--update': recentOp('update'),
      '--remove': recentOp('remove'),
      '--name': of('recent', (so, [name = '']) => ({ ...so, name })),
      '--seconds': of('recent', (so, [seconds]) => ({ ...so, seconds: Number(seconds) })),
      '--hitcount': of('recent', (so, [hits]) => ({ ...so, hitcount: Number(hits) })),
      '--reap': of('recent', (so) => ({ ...so, reap: true })),
      '--rsource': (so) => so,
      '--mask': (so) => so,
    },
    words: { '--set': 0, '--rcheck': 0, '--update': 0, '--remove': 0, '--reap': 0, '--rsource': 0 },
  },
  set: {
    start: { kind: 'set', name: '', flags: [] },
    options: {
      '--match-set': (_so, [name = '', flags = ''], not) => ({
        kind: 'set',
        name,
        flags: flags.split(',') as ('src' | 'dst')[],
        ...flag(not),
      }),
    },
    words: { '--match-set': 2 },
  },
  nfacct: {
    start: { kind: 'nfacct', name: '' },
    options: { '--nfacct-name': (_so, [name = '']) => ({ kind: 'nfacct', name }) },
  },
  ipvs: {
    start: { kind: 'ipvs', address: '', protocol: 'tcp', port: 0 },
    options: {
      '--vaddr': (so, [address = '']) => ({ ...(so as IpvsMatch), address: address.replace(/\/\d+$/, '') }),
      '--vproto': (so, [name = '']) => ({ ...(so as IpvsMatch), protocol: IPVS_PROTOCOLS[name] ?? 'tcp' }),
      '--vport': (so, [port = '']) => ({ ...(so as IpvsMatch), port: Number(port) }),
    },
  },
  physdev: {
    start: { kind: 'physdev', flag: 'is-bridged' },
    options: { '--physdev-is-bridged': physdev('is-bridged'), '--physdev-is-in': physdev('is-in') },
    words: { '--physdev-is-bridged': 0, '--physdev-is-in': 0 },
  },
};

type IpvsMatch = Extract<Match, { kind: 'ipvs' }>;

function physdev(which: 'is-bridged' | 'is-in'): OptionReader<Match> {
  return (_so, _words, not) => ({ kind: 'physdev', flag: which, ...flag(not) });
}

function icmpType(_so: Match, [text = '']: readonly string[], not: boolean): Match {
  const [type = '', code] = text.split('/');
  const named: Readonly<Record<string, number>> = {
    'echo-request': 8,
    'echo-reply': 0,
    'destination-unreachable': 3,
  };
  const number = named[type] ?? Number(type);
  return { kind: 'icmp', type: number, ...(code === undefined ? {} : { code: Number(code) }), ...flag(not) };
}

/** A probability as the kernel holds it: 31 bits, rounded. */
export function chanceOf(probability: number): number {
  return Math.round(probability * 0x80000000);
}

/** "10.0.0.1:80", "[fd00::1]:80-90", "10.0.0.1", ":8080". */
export function natTo(text: string): NatTo {
  const found = /^(?:\[([^\]]+)\]|([^:]*(?::[^:]*:.*)?))(?::(\d+)(?:-(\d+))?)?$/.exec(text);
  const ip = found?.[1] ?? found?.[2] ?? '';
  const from = found?.[3];
  const upper = found?.[4] ?? from;
  return {
    ...(ip === '' ? {} : { ip: canonicalIp(ip) }),
    ...(from === undefined ? {} : { ports: { from: Number(from), to: Number(upper) } }),
  };
}

function markTarget(
  read: (value: number, mask: number) => { value: number; mask: number },
): OptionReader<Target> {
  return (_so, [text = '']) => {
    const { value, mask } = markOf(text);
    const done = read(value, mask);
    return { kind: 'MARK', value: done.value >>> 0, mask: done.mask >>> 0 };
  };
}

const randomFully: OptionReader<Target> = (so) => ({ ...so, randomFully: true }) as Target;

export const TARGET_OPTIONS: Readonly<Record<string, ExtensionSyntax<Target>>> = {
  ACCEPT: { start: { kind: 'ACCEPT' }, options: {} },
  DROP: { start: { kind: 'DROP' }, options: {} },
  RETURN: { start: { kind: 'RETURN' }, options: {} },
  REJECT: {
    start: { kind: 'REJECT', with: 'icmp-port-unreachable' },
    options: { '--reject-with': (_so, [text]) => ({ kind: 'REJECT', with: text as RejectWith }) },
  },
  MARK: {
    start: { kind: 'MARK', value: 0, mask: 0 },
    options: {
      '--set-xmark': markTarget((value, mask) => ({ value, mask })),
      '--set-mark': markTarget((value, mask) => ({ value, mask: value | mask })),
      '--or-mark': markTarget((value) => ({ value, mask: value })),
      '--xor-mark': markTarget((value) => ({ value, mask: 0 })),
      '--and-mark': markTarget((value) => ({ value: 0, mask: ~value })),
    },
  },
  DNAT: {
    start: { kind: 'DNAT', to: {} },
    options: {
      '--to-destination': (_so, [text = '']) => ({ kind: 'DNAT', to: natTo(text) }),
      '--random-fully': randomFully,
    },
    words: { '--random-fully': 0 },
  },
  SNAT: {
    start: { kind: 'SNAT', to: {} },
    options: {
      '--to-source': (_so, [text = '']) => ({ kind: 'SNAT', to: natTo(text) }),
      '--random-fully': randomFully,
    },
    words: { '--random-fully': 0 },
  },
  MASQUERADE: {
    start: { kind: 'MASQUERADE' },
    options: {
      '--to-ports': (so, [text = '']) => ({ ...so, ports: range(text, '-') }) as Target,
      '--random-fully': randomFully,
    },
    words: { '--random-fully': 0 },
  },
  CT: { start: { kind: 'NOTRACK' }, options: { '--notrack': (so) => so }, words: { '--notrack': 0 } },
};
