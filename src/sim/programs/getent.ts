/** getent hosts and ahosts: what the C library makes of a name. */
import { ipFamily } from '../../lib/ip';
import type { Os, Program } from './program';
import type { Resolving } from './resolve';
import { beginResolve, resolveEvent, resolved } from './resolve';

interface GetentState {
  readonly resolving: Resolving;
  readonly database: string;
  readonly requestId: number;
}

const DATABASES = new Set(['hosts', 'ahosts', 'ahostsv4', 'ahostsv6']);

export const getent: Program = {
  name: 'getent',
  start(os) {
    const [, database = '', name] = os.process.args;
    if (!DATABASES.has(database)) {
      os.print(`Unknown database: ${database}\n`, 'stderr');
      os.exit(1);
      return;
    }
    if (name === undefined) {
      os.print(os.readFile('/etc/hosts') ?? '');
      os.exit(0);
      return;
    }
    const requestId = os.beginRequest('dns', `getent ${database} ${name}`);
    const family = database === 'ahostsv6' ? 'inet6' : database === 'ahostsv4' ? 'inet' : 'unspec';
    const state: GetentState = { resolving: beginResolve(os, name, requestId, family), database, requestId };
    os.setState(state);
    conclude(os);
  },
  onEvent(os, event) {
    const state = os.process.state as GetentState;
    const resolving = resolveEvent(os, state.resolving, event);
    if (resolving === null) return;
    os.setState({ ...state, resolving });
    conclude(os);
  },
};

function conclude(os: Os): void {
  const { resolving, database, requestId } = os.process.state as GetentState;
  const result = resolved(resolving);
  if (result === undefined) return;
  if ('error' in result) {
    os.endRequest(requestId, false, result.error);
    os.exit(2);
    return;
  }
  const name = result.found.replace(/\.$/, '');
  const v6 = result.addresses.filter((ip) => ipFamily(ip) === 6);
  // "hosts" takes IPv6 addresses when there are any, and IPv4 ones otherwise.
  const shown = database === 'hosts' && v6.length > 0 ? v6 : result.addresses;
  const row = (ip: string, text: string) => `${ip.padEnd(15)} ${text}`;
  const lines = shown.flatMap((ip, index) =>
    database === 'hosts'
      ? [row(ip, name)]
      : [row(ip, `STREAM ${index === 0 ? name : ''}`), row(ip, 'DGRAM  '), row(ip, 'RAW    ')],
  );
  os.endRequest(requestId, true, result.addresses.join(', '));
  os.print(`${lines.join('\n')}\n`);
  os.exit(0);
}
