/**
 * nslookup in its two forms: busybox (every name of the search list at once, A and AAAA; names with a dot are not
 * searched) and BIND's (one name after the other). Which one depends on the image.
 */
import { ipFamily } from '../../lib/ip';
import { MS, SECOND } from '../clock/clock';
import type { DnsMessage, ResourceRecord } from '../dns/message';
import { absolute, printRdata } from '../dns/message';
import { parseForLibc } from '../dns/resolv-conf';
import type { Asking } from './ask';
import { askEvent, beginAsk } from './ask';
import { toolFlavour } from './images';
import type { Os, Program } from './program';
import { reverseName } from './reverse-name';

interface NslookupState {
  readonly name: string;
  /** The name as it was typed. */
  readonly typed: string;
  readonly types: readonly string[];
  readonly servers: readonly string[];
  readonly requestId: number;
  readonly busybox: boolean;
  readonly asking: readonly Asking[];
  /** BIND: names still to be tried for the current type. */
  readonly candidates: readonly string[];
  readonly headed: boolean;
  readonly failed: boolean;
}

export const nslookup: Program = {
  name: 'nslookup',
  start(os) {
    const busybox = toolFlavour(os.process.container) === 'busybox';
    const { types, words, wrong } = readArgs(os.process.args.slice(1));
    const [name, server] = words;
    if (busybox && wrong !== null) {
      os.print(wrong.type === null ? USAGE : `nslookup: invalid query type "${wrong.type}"\n`, 'stderr');
      os.exit(1);
      return;
    }
    // BIND complains and goes on; without a name it waits for commands, of which there are none.
    if (wrong !== null)
      os.print(
        wrong.type === null ? `*** Invalid option: ${wrong.word}\n` : `unknown query type: ${wrong.type}\n`,
      );
    if (name === undefined) {
      os.print(busybox ? USAGE : '\n', busybox ? 'stderr' : 'stdout');
      os.exit(1);
      return;
    }
    const conf = parseForLibc(os.process.libc, os.readFile('/etc/resolv.conf') ?? '');
    const servers = server === undefined ? conf.nameservers : [server];
    if (server !== undefined && ipFamily(server) === null) {
      os.print(
        busybox
          ? `nslookup: bad address '${server}'\n`
          : `nslookup: couldn't get address for '${server}': not found\n`,
        'stderr',
      );
      os.exit(1);
      return;
    }
    const reverse = reverseName(name);
    const asked = reverse ?? name;
    const wanted = types ?? (reverse === null ? ['A', 'AAAA'] : ['PTR']);
    const requestId = os.beginRequest('dns', `nslookup ${name}`);
    const base = {
      types: wanted,
      servers,
      requestId,
      busybox,
      asking: [],
      candidates: [],
      // BIND says nothing of the server when it looks for an address' name.
      headed: !busybox && reverse !== null,
      failed: false,
    };
    set(os, { ...base, name: asked, typed: name });
    if (busybox) askAll(os, conf.search);
    else {
      set(os, { ...get(os), candidates: searchNames(asked, conf.search, conf.ndots, reverse !== null) });
      askNext(os);
    }
  },
  onEvent(os, event) {
    for (const [index, asking] of get(os).asking.entries()) {
      const next = askEvent(os, asking, event);
      if (next === null) continue;
      const { asking: all } = get(os);
      set(os, { ...get(os), asking: all.map((one, i) => (i === index ? next : one)) });
      if (next.result !== undefined) (get(os).busybox ? busyboxAnswer : bindAnswer)(os, next);
      return;
    }
  },
};

function get(os: Os): NslookupState {
  return os.process.state as NslookupState;
}

function set(os: Os, state: NslookupState): void {
  os.setState(state);
}

const USAGE =
  'BusyBox v1.37.0 multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\n' +
  'Query DNS about HOST\n\nQUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,srv,ptr,any\n';
const TYPES = new Set('A AAAA CNAME MX NS PTR SOA SRV TXT ANY CAA HTTPS DS'.split(' '));
const OPTIONS =
  /^-{1,2}(debug|nodebug|d2|nod2|class|cl|po|port|timeout|t|retry|search|nosearch|recurse|norecurse|vc|novc)(=|$)/;

interface Args {
  readonly types: readonly string[] | null;
  readonly words: readonly string[];
  /** An option or a type that does not exist. */
  readonly wrong: { readonly word: string; readonly type: string | null } | null;
}

function readArgs(args: readonly string[]): Args {
  const words: string[] = [];
  let types: string[] | null = null;
  let wrong: Args['wrong'] = null;
  for (const arg of args) {
    const type = /^-{1,2}(?:q|qt|ty|type|query|querytype)=(\w+)$/i.exec(arg)?.[1];
    if (type !== undefined && TYPES.has(type.toUpperCase())) types = [type.toUpperCase()];
    else if (type !== undefined) wrong = { word: arg.replace(/^-+/, ''), type };
    else if (!arg.startsWith('-')) words.push(arg);
    else if (!OPTIONS.test(arg)) wrong = { word: arg.replace(/^-+/, ''), type: null };
  }
  return { types, words, wrong };
}

/** Names in the order that BIND's tools try them: the search list first, and only, where there are fewer dots than ndots. */
export function searchNames(
  name: string,
  search: readonly string[],
  ndots: number,
  absoluteOnly: boolean,
): string[] {
  if (absoluteOnly || name.endsWith('.') || name.split('.').length - 1 >= ndots) return [name];
  return [...search.filter((domain) => domain !== '.').map((domain) => `${name}.${domain}`), name];
}

function ask(os: Os, name: string, type: string, server: string): Asking {
  const { requestId, busybox } = get(os);
  const limits = busybox ? { tries: 2, timeoutNs: 2500 * MS } : { tries: 3, timeoutNs: 5 * SECOND };
  return beginAsk(os, { server, port: 53, name, type, requestId, overTcp: false, ...limits });
}

function finish(os: Os, ok: boolean, text: string): void {
  os.endRequest(get(os).requestId, ok, text);
  os.exit(ok ? 0 : 1);
}

function header(os: Os, server: string): void {
  const state = get(os);
  if (state.headed) return;
  const address = state.busybox
    ? ipFamily(server) === 6
      ? `[${server}]:53`
      : `${server}:53`
    : `${server}#53`;
  os.print(`Server:\t\t${server}\nAddress:\t${address}\n\n`);
  set(os, { ...state, headed: true });
}

// ---- busybox

function askAll(os: Os, search: readonly string[]): void {
  const { name, types, servers } = get(os);
  const plain = types.includes('PTR') || search.length === 0 || name.includes('.');
  const names = plain ? [name] : search.map((domain) => `${name}.${domain}`);
  const asking = types.flatMap((type) => names.map((full) => ask(os, full, type, servers[0]!)));
  set(os, { ...get(os), asking });
}

function busyboxAnswer(os: Os, asking: Asking): void {
  const result = asking.result!;
  if (typeof result === 'object') {
    header(os, asking.question.server);
    if (result.rcode !== 'NOERROR') {
      os.print(`** server can't find ${asking.question.name}: ${result.rcode}\n`);
      set(os, { ...get(os), failed: true });
    } else os.print((result.aa ? '' : 'Non-authoritative answer:\n') + recordLines(result, true));
    os.print('\n');
  }
  const { asking: all, failed } = get(os);
  if (all.some((one) => one.result === undefined)) return;
  const answers = all.map((one) => one.result).filter((one): one is DnsMessage => typeof one === 'object');
  if (answers.length === 0 && all.some((one) => one.result === 'refused'))
    os.print(`nslookup: write to '${asking.question.server}': Connection refused\n`, 'stderr');
  if (answers.length === 0) os.print(';; connection timed out; no servers could be reached\n\n');
  const found = answers.flatMap((message) => message.answers.map((record) => printRdata(record)));
  os.endRequest(get(os).requestId, found.length > 0, found.join(', ') || (answers[0]?.rcode ?? 'no answer'));
  os.exit(failed || answers.length === 0 ? 1 : 0);
}

function recordLines(message: DnsMessage, busybox: boolean): string {
  const bare = (name: string) => name.replace(/\.$/, '');
  const target = (text: string) => (busybox ? bare(text) : text);
  const line = (record: ResourceRecord): string => {
    const name = bare(record.name);
    const data = printRdata(record);
    switch (record.type) {
      case 'A':
      case 'AAAA':
        return `Name:\t${name}\nAddress: ${data}`;
      case 'CNAME':
        return `${name}\tcanonical name = ${target(data)}`;
      case 'PTR':
        return `${name}\tname = ${target(data)}`;
      case 'NS':
        return `${name}\tnameserver = ${target(data)}`;
      case 'SRV':
        return `${name}\tservice = ${target(data)}`;
      case 'TXT':
        return `${name}\ttext = ${data}`;
      case 'MX':
        return `${name}\tmail exchanger = ${target(data)}`;
      default:
        return `${name}\t${record.type} ${data}`;
    }
  };
  return message.answers.map((record) => `${line(record)}\n`).join('');
}

// ---- BIND

function askNext(os: Os): void {
  const { candidates, types, servers } = get(os);
  const [name, ...rest] = candidates;
  if (name === undefined) return;
  set(os, { ...get(os), candidates: rest });
  const asking = ask(os, name, types[0]!, servers[0]!);
  set(os, { ...get(os), asking: [asking] });
}

function bindAnswer(os: Os, asking: Asking): void {
  const result = asking.result!;
  const { server, name } = asking.question;
  if (typeof result !== 'object') {
    const why = result === 'refused' ? 'connection refused' : 'timed out';
    os.print(`;; communications error to ${server}#53: ${why}\n`.repeat(asking.tried));
    const others = get(os).servers.slice(1);
    if (others.length > 0) {
      set(os, { ...get(os), servers: others, candidates: [name, ...get(os).candidates] });
      askNext(os);
      return;
    }
    os.print(';; no servers could be reached\n\n');
    finish(os, false, 'no servers could be reached');
    return;
  }
  const { candidates } = get(os);
  // A name that exists ends the search, even without a record of the type.
  if (result.rcode === 'NXDOMAIN' && candidates.length > 0 && !get(os).headed) {
    askNext(os);
    return;
  }
  const first = !get(os).headed;
  header(os, server);
  if (result.rcode !== 'NOERROR') {
    os.print(`** server can't find ${name.replace(/\.$/, '')}: ${result.rcode}\n\n`);
    finish(os, false, result.rcode);
    return;
  }
  if (result.answers.length > 0) {
    os.print((result.aa || !first ? '' : 'Non-authoritative answer:\n') + recordLines(result, false));
  } else if (first && get(os).types.length === 1) {
    os.print(`${result.aa ? '' : 'Non-authoritative answer:\n'}*** Can't find ${get(os).typed}: No answer\n`);
  }
  nextType(os, name, result);
}

/** The next type for the name that was found; the end after the last one. */
function nextType(os: Os, name: string, message: DnsMessage): void {
  const [, ...types] = get(os).types;
  if (types.length === 0) {
    os.print('\n');
    finish(os, true, message.answers.map((record) => printRdata(record)).join(', ') || 'found');
    return;
  }
  // BIND asks for the other type at the end of the CNAME chain.
  const aliases = new Map(
    message.answers.filter(({ type }) => type === 'CNAME').map((one) => [one.name, String(one.data)]),
  );
  let last = absolute(name);
  for (let i = 0; i < aliases.size && aliases.has(last); i++) last = aliases.get(last)!;
  set(os, { ...get(os), types, candidates: [last] });
  askNext(os);
}
