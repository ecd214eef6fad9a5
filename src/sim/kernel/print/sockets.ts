/** `ss`: the sockets of a netns, as iproute2 6.x prints them into a pipe (columns as wide as their contents). */
import type { Machine } from '../machine';
import type { PeerAddress, SocketOwner } from '../machine-api';
import type { Socket } from '../socket';

export interface SsOptions {
  /** -t, -u; both when neither is given. */
  readonly tcp?: boolean;
  readonly udp?: boolean;
  /** -l: listening ones only; -a: those too; else only the others. */
  readonly listening?: boolean;
  readonly all?: boolean;
  /** -4, -6; a socket that takes both counts as both. */
  readonly family?: 4 | 6;
  /** What a filter lets through. */
  readonly only?: (row: SocketRow) => boolean;
  /** Without the column of states, for a filter that names one. */
  readonly stateless?: boolean;
  /** -H: without the line of titles. */
  readonly bare?: boolean;
  /** -p: who holds a socket; null where that is not known. */
  readonly holderOf?: (key: SocketOwner['key']) => SocketHolder | null;
}

/** A process as a list of sockets names it. */
export interface SocketHolder {
  readonly name: string;
  readonly pid: number;
}

/** One line of ss or netstat. */
export interface SocketRow {
  readonly netid: string;
  readonly state: string;
  readonly local: PeerAddress | null;
  readonly remote: PeerAddress | null;
  /** Absent for connections that only wait for their time to run out. */
  readonly owner?: SocketOwner;
  /** Number of the socket among those of its owner. */
  readonly nth: number;
}

/**
 * `ss -n` with the given options.
 * Not simulated: bytes in queues; Recv-Q and Send-Q are 0 but for a listener's backlog.
 */
export function ss(machine: Machine, netns: string, options: SsOptions): string {
  const rows = socketRows(machine, netns, options);
  const both = (options.tcp ?? false) === (options.udp ?? false);
  const cells = rows.map(({ netid, state, local, remote, ...row }) => [
    netid,
    state,
    '0',
    state === 'LISTEN' ? '4096' : '0',
    addressOf(local),
    String(local?.port ?? '*'),
    addressOf(remote),
    String(remote?.port ?? '*'),
    usersOf(row, options),
  ]);
  const titles = [
    'Netid',
    'State',
    'Recv-Q',
    'Send-Q',
    'Local Address',
    'Port',
    'Peer Address',
    'Port',
    'Process',
  ];
  const widths = titles.map((title, i) =>
    Math.max(options.bare ? 0 : title.length, ...cells.map((row) => row[i]!.length)),
  );
  const line = (row: readonly string[]): string => {
    const cell = (i: number) => row[i]!.padEnd(widths[i]!);
    const right = (i: number) => row[i]!.padStart(widths[i]!);
    const head = both ? `${cell(0)} ` : '';
    const state = options.stateless ? '' : `${cell(1)} `;
    return `${head}${state}${cell(2)} ${cell(3)} ${right(4)}:${cell(5)} ${right(6)}:${cell(7)}${cell(8)}\n`;
  };
  return (options.bare ? '' : line(titles)) + cells.map(line).join('');
}

/** In ss' own notation. Not simulated: other open files of a process than sockets, which count from 3. */
function usersOf({ owner, nth }: Pick<SocketRow, 'owner' | 'nth'>, { holderOf }: SsOptions): string {
  const holder = owner === undefined ? null : (holderOf?.(owner.key) ?? null);
  return holder === null ? '' : `users:(("${holder.name}",pid=${holder.pid},fd=${nth + 3}))`;
}

/** The sockets of a netns that the options ask for, in the order of ss. */
export function socketRows(machine: Machine, netns: string, options: SsOptions): SocketRow[] {
  const { tcp = false, udp = false, listening = false, all = false, family } = options;
  const both = tcp === udp;
  const rows: SocketRow[] = [];
  const counts = new Map<SocketOwner['key'], number>();
  for (const socket of machine.sockets.byId.values()) {
    const { key } = socket.owner;
    const nth = counts.get(key) ?? 0;
    counts.set(key, nth + 1);
    if (socket.netns !== netns) continue;
    const row = rowOf(socket, nth);
    if (row === null || !(both || (row.netid === 'tcp' ? tcp : udp))) continue;
    if (family !== undefined && !isOfFamily(row.local, family)) continue;
    if (options.only?.(row) === false) continue;
    const waits = row.state === 'LISTEN' || row.state === 'UNCONN';
    if (all || waits === listening) rows.push(row);
  }
  if ((tcp || both) && !listening) {
    for (const wait of machine.sockets.timeWaits.values()) {
      if (wait.netns !== netns || wait.untilNs <= machine.nowNs) continue;
      const { local, remote } = wait;
      const row: SocketRow = { netid: 'tcp', state: 'TIME-WAIT', local, remote, nth: 0 };
      if (family !== undefined && !isOfFamily(local, family)) continue;
      if (options.only?.(row) !== false) rows.push(row);
    }
  }
  const order = ['udp', 'tcp'];
  return rows.sort((a, b) => order.indexOf(a.netid) - order.indexOf(b.netid));
}

function rowOf(socket: Socket, nth: number): SocketRow | null {
  const { local, owner } = socket;
  const base = { local, owner, nth };
  if (socket.kind === 'tcp') return { netid: 'tcp', state: socket.state, remote: socket.remote, ...base };
  if (socket.kind === 'listen' && socket.protocol === 'tcp')
    return { netid: 'tcp', state: 'LISTEN', remote: null, ...base };
  if (socket.kind !== 'udp') return null;
  const state = socket.remote === undefined ? 'UNCONN' : 'ESTAB';
  return { netid: 'udp', state, remote: socket.remote ?? null, ...base };
}

function isOfFamily(end: PeerAddress | null, family: 4 | 6): boolean {
  return end === null || end.ip === '0.0.0.0' || end.ip.includes(':') === (family === 6);
}

/** A wildcard socket takes IPv4 and IPv6, which ss prints as "*". */
function addressOf(end: PeerAddress | null): string {
  if (end === null || end.ip === '0.0.0.0') return '*';
  return end.ip.includes(':') ? `[${end.ip}]` : end.ip;
}
