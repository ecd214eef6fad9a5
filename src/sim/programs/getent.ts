/** getent hosts and ahosts: what the C library makes of a name, or of an address. */
import { canonicalIp, ipFamily } from '../../lib/ip';
import { SECOND } from '../clock/clock';
import type { LookupResult } from '../dns/resolver';
import { parseForLibc } from '../dns/resolv-conf';
import type { Asking } from './ask';
import { askEvent } from './ask';
import { beginAskName, namesIn } from './ask-name';
import type { Os, Program } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved } from './resolve';

interface GetentState {
  readonly resolving?: Resolving;
  readonly asking?: Asking;
  readonly name: string;
  readonly database: string;
  readonly requestId: number;
}

const DATABASES = new Set(['hosts', 'ahosts', 'ahostsv4', 'ahostsv6']);
const HELP = "Try `getent --help' or `getent --usage' for more information.\n";
/** Not simulated: users and groups other than root, for getent. */
const ROOT: Readonly<Record<string, string>> = {
  passwd: 'root:x:0:0:root:/root:/bin/bash\n',
  group: 'root:x:0:\n',
};

export const getent: Program = {
  name: 'getent',
  start(os) {
    const [, database, name] = os.process.args;
    if (database === undefined) return end(os, 1, `getent: wrong number of arguments\n${HELP}`, 'stderr');
    const known = ROOT[database];
    if (known !== undefined)
      return name === undefined || name === 'root' || name === '0' ? end(os, 0, known) : end(os, 2);
    if (!DATABASES.has(database)) return end(os, 1, `Unknown database: ${database}\n${HELP}`, 'stderr');
    if (name === undefined) return end(os, 0, hostLines(os).map(hostLine).join(''));
    const requestId = os.beginRequest('dns', `getent ${database} ${name}`);
    const base = { name, database, requestId };
    if (database === 'hosts' && ipFamily(name) !== null) return backwards(os, base);
    const family = database === 'ahostsv6' ? 'inet6' : database === 'ahostsv4' ? 'inet' : 'unspec';
    const state: GetentState = { ...base, resolving: beginResolve(os, name, requestId, family) };
    os.setState(state);
    conclude(os);
  },
  onEvent(os, event) {
    const state = os.process.state as GetentState;
    if (state.asking !== undefined) {
      const asking = askEvent(os, state.asking, event);
      if (asking !== null) os.setState({ ...state, asking });
      if (asking?.result !== undefined) named(os, asking.result);
      return;
    }
    const resolving = state.resolving === undefined ? null : resolveEvent(os, state.resolving, event);
    if (resolving === null) return;
    os.setState({ ...state, resolving });
    conclude(os);
  },
};

function end(os: Os, code: number, text = '', to: 'stdout' | 'stderr' = 'stdout'): void {
  if (text !== '') os.print(text, to);
  os.exit(code);
}

/** Address and names of each line of /etc/hosts. */
function hostLines(os: Os): string[][] {
  const lines = (os.readFile('/etc/hosts') ?? '')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  return lines.filter(([ip]) => ip !== undefined && ipFamily(ip) !== null);
}

function hostLine([ip = '', ...names]: readonly string[]): string {
  return `${row(ip, names.join(' '))}\n`;
}

function row(ip: string, text: string): string {
  return `${ip.padEnd(15)} ${text}`;
}

/** From an address to its names: the hosts file, then a PTR record. */
function backwards(os: Os, base: Pick<GetentState, 'name' | 'database' | 'requestId'>): void {
  const { name, requestId } = base;
  const ip = canonicalIp(name);
  const listed = hostLines(os).find(([own]) => canonicalIp(own!) === ip);
  if (listed !== undefined) {
    os.endRequest(requestId, true, listed[1] ?? '');
    return end(os, 0, hostLine(listed));
  }
  const { timeout, attempts } = parseForLibc(os.process.libc, os.readFile('/etc/resolv.conf') ?? '');
  const limits = { tries: attempts, timeoutNs: timeout * SECOND };
  os.setState({ ...base, asking: beginAskName(os, ip, requestId, limits) });
}

function named(os: Os, result: NonNullable<Asking['result']>): void {
  const { name, requestId } = os.process.state as GetentState;
  const names = namesIn(result);
  os.endRequest(requestId, names.length > 0, names.join(', ') || 'no name');
  if (names.length > 0) end(os, 0, hostLine([canonicalIp(name), ...names]));
  else end(os, 2);
}

function conclude(os: Os): void {
  const { resolving, database, requestId } = os.process.state as GetentState;
  const result = resolved(resolving!);
  if (result === undefined) return;
  if ('error' in result) {
    os.endRequest(requestId, false, result.error);
    os.exit(2);
    return;
  }
  os.endRequest(requestId, true, result.addresses.join(', '));
  end(os, 0, `${lines(result, database).join('\n')}\n`);
}

function lines(result: Exclude<LookupResult, { error: unknown }>, database: string): string[] {
  const bare = (text: string) => text.replace(/\.$/, '');
  const alias = bare(result.found);
  const name = result.canonical === undefined ? alias : bare(result.canonical);
  const v6 = result.addresses.filter((ip) => ipFamily(ip) === 6);
  // "hosts" takes IPv6 addresses when there are any, and IPv4 ones otherwise.
  const shown = database === 'hosts' && v6.length > 0 ? v6 : result.addresses;
  return shown.flatMap((ip, index) =>
    database === 'hosts'
      ? [row(ip, name === alias ? name : `${name} ${alias}`)]
      : [row(ip, `STREAM ${index === 0 ? name : ''}`), row(ip, 'DGRAM  '), row(ip, 'RAW    ')],
  );
}
