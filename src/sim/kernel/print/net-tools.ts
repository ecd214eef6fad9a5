/**
 * `netstat`, `route` and `arp` of net-tools 2.10, and busybox' short versions of them, whose columns are nearly the same.
 * Not simulated: names for addresses and ports in netstat, route and arp (all is as with -n), queues, and counters of routes.
 */
import { addressBytes, parsePrefix } from '../../../lib/ip';
import type { Machine } from '../machine';
import type { PeerAddress } from '../machine-api';
import { pairValues } from '../pair-map';
import type { SsOptions } from './sockets';
import { socketRows } from './sockets';

/** What ss takes, and in whose form it is printed. */
export interface NetstatOptions extends SsOptions {
  readonly busybox?: boolean;
}

/** States as netstat spells them, by ss' names. */
const STATES: Readonly<Record<string, string>> = {
  ESTAB: 'ESTABLISHED',
  'SYN-RECV': 'SYN_RECV',
  'SYN-SENT': 'SYN_SENT',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  'TIME-WAIT': 'TIME_WAIT',
  UNCONN: '',
};

/** `netstat -n` with -t, -u, -l, -a and -p. */
export function netstat(machine: Machine, netns: string, options: NetstatOptions): string {
  const { busybox = false, holderOf, listening = false, all = false } = options;
  const which = listening ? 'only servers' : all ? 'servers and established' : 'w/o servers';
  const state = (text: string) => text.padEnd(busybox ? 12 : 11);
  const users = (text: string) => (holderOf === undefined ? '' : `${busybox ? '' : ' '}${text.padEnd(20)}`);
  const line = (proto: string, local: string, remote: string, said: string, user: string) =>
    `${proto.padEnd(4)}       0      0 ${local.padEnd(23)} ${remote.padEnd(23)} ${state(said)}${users(user)}\n`;
  const rows = socketRows(machine, netns, options)
    .sort((a, b) => Number(a.netid === 'udp') - Number(b.netid === 'udp'))
    .map(({ netid, state: said, local, remote, owner }) => {
      const isSix = local === null || local.ip === '0.0.0.0' || local.ip.includes(':');
      const holder = owner === undefined ? null : (holderOf?.(owner.key) ?? null);
      const user = holder === null ? '-' : `${holder.pid}/${holder.name}`;
      const proto = isSix && !busybox ? `${netid}6` : netid;
      return line(proto, address(local, isSix), address(remote, isSix), STATES[said] ?? said, user);
    });
  const head =
    `Proto Recv-Q Send-Q Local Address           Foreign Address         ` +
    `${state('State')}${users('PID/Program name')}\n`;
  return `Active Internet connections (${which})\n${head}${rows.join('')}`;
}

function address(end: PeerAddress | null, isSix: boolean): string {
  if (end === null) return isSix ? ':::*' : '0.0.0.0:*';
  return `${isSix && end.ip === '0.0.0.0' ? '::' : end.ip}:${end.port}`;
}

/** `route -n`, or with `netstat` the columns of `netstat -rn`. IPv4 only, as both have it by default. */
export function routeTable(machine: Machine, netns: string, asNetstat: boolean): string {
  const { routes } = machine.netns(netns);
  const tail = asNetstat ? '  MSS Window  irtt Iface' : 'Metric Ref    Use Iface';
  const rows = routes
    .filter(({ family, route }) => family === 4 && (route.type ?? 'unicast') === 'unicast')
    .sort((a, b) => a.length - b.length || compare(a.route.prefix, b.route.prefix))
    .map(({ route, length }) => {
      const bytes = parsePrefix(route.prefix)!.bytes;
      const isHost = length === 32;
      const flags = `U${route.via === undefined ? '' : 'G'}${isHost ? 'H' : ''}`;
      const left = [bytes.join('.'), route.via ?? '0.0.0.0', maskOf(length)]
        .map((text) => text.padEnd(16))
        .join('');
      const numbers = asNetstat
        ? `${flags.padEnd(5)}     0 0          0 `
        : `${flags.padEnd(5)} ${String(route.metric ?? 0).padEnd(6)} 0        0 `;
      return `${left}${numbers}${route.device}\n`;
    });
  const head = `Destination     Gateway         Genmask         Flags ${tail}\n`;
  return `Kernel IP routing table\n${head}${rows.join('')}`;
}

function compare(a: string, b: string): number {
  const [left, right] = [addressBytes(a.split('/')[0]!)!, addressBytes(b.split('/')[0]!)!];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
  return 0;
}

function maskOf(length: number): string {
  return [0, 8, 16, 24].map((at) => 256 - 2 ** (8 - Math.min(8, Math.max(0, length - at)))).join('.');
}

/** `arp -n`, or busybox' form of it. */
export function arpTable(machine: Machine, netns: string, busybox: boolean): string {
  const entries = [...pairValues(machine.netns(netns).neighbours)].filter(({ ip }) => !ip.includes(':'));
  const isFixed = (state: string) => state === 'PERMANENT';
  if (busybox)
    return entries
      .map(({ ip, mac, device, state }) => {
        const link = mac === '' ? '<incomplete> ' : `${mac} [ether] ${isFixed(state) ? 'PERM ' : ''}`;
        return `? (${ip}) at ${link} on ${device}\n`;
      })
      .join('');
  if (entries.length === 0) return '';
  const rows = entries.map(({ ip, mac, device, state }) => {
    const link =
      mac === ''
        ? `${''.padEnd(8)}(incomplete)        `
        : `${'ether'.padEnd(8)}${mac.padEnd(20)}${isFixed(state) ? 'CM' : 'C'}`;
    return `${ip.padEnd(25)}${link}`.padEnd(75) + `${device}\n`;
  });
  const head = 'Address                  HWtype  HWaddress           Flags Mask            Iface\n';
  return head + rows.join('');
}
