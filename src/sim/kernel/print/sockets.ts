/** `ss`: the sockets of a netns, as iproute2 6.x prints them into a pipe (columns as wide as their contents). */
import type { Machine } from '../machine';
import type { PeerAddress } from '../machine-api';
import type { Socket } from '../socket';

export interface SsOptions {
  /** -t, -u; both when neither is given. */
  readonly tcp?: boolean;
  readonly udp?: boolean;
  /** -l: listening ones only; -a: those too; else only the others. */
  readonly listening?: boolean;
  readonly all?: boolean;
  /** -p: what owns a socket, in ss' own notation: users:(("nginx",pid=7,fd=3)). */
  readonly process?: (socket: Socket) => string;
}

interface Row {
  readonly netid: string;
  readonly state: string;
  readonly local: PeerAddress | null;
  readonly remote: PeerAddress | null;
  readonly process: string;
}

/**
 * `ss -n` with the given options.
 * Not simulated: bytes in queues; Recv-Q and Send-Q are 0 but for a listener's backlog.
 */
export function ss(machine: Machine, netns: string, options: SsOptions): string {
  const rows = rowsOf(machine, netns, options);
  const both = (options.tcp ?? false) === (options.udp ?? false);
  const cells = rows.map(({ netid, state, local, remote, process }) => [
    netid,
    state,
    '0',
    state === 'LISTEN' ? '4096' : '0',
    addressOf(local),
    String(local?.port ?? '*'),
    addressOf(remote),
    String(remote?.port ?? '*'),
    process,
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
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string => {
    const cell = (i: number) => row[i]!.padEnd(widths[i]!);
    const right = (i: number) => row[i]!.padStart(widths[i]!);
    const head = both ? `${cell(0)} ` : '';
    return `${head}${cell(1)} ${cell(2)} ${cell(3)} ${right(4)}:${cell(5)} ${right(6)}:${cell(7)}${cell(8)}\n`;
  };
  return line(titles) + cells.map(line).join('');
}

function rowsOf(machine: Machine, netns: string, options: SsOptions): Row[] {
  const { tcp = false, udp = false, listening = false, all = false } = options;
  const both = tcp === udp;
  const rows: Row[] = [];
  for (const socket of machine.sockets.byId.values()) {
    if (socket.netns !== netns) continue;
    const row = rowOf(socket, options);
    if (row === null || !(both || (row.netid === 'tcp' ? tcp : udp))) continue;
    const waits = row.state === 'LISTEN' || row.state === 'UNCONN';
    if (all || waits === listening) rows.push(row);
  }
  if ((tcp || both) && !listening) {
    for (const wait of machine.sockets.timeWaits.values()) {
      if (wait.netns !== netns || wait.untilNs <= machine.nowNs) continue;
      const { local, remote } = wait;
      rows.push({ netid: 'tcp', state: 'TIME-WAIT', local, remote, process: '' });
    }
  }
  const order = ['udp', 'tcp'];
  return rows.sort((a, b) => order.indexOf(a.netid) - order.indexOf(b.netid));
}

function rowOf(socket: Socket, { process }: SsOptions): Row | null {
  const users = process?.(socket) ?? '';
  const { local } = socket;
  if (socket.kind === 'tcp')
    return { netid: 'tcp', state: socket.state, local, remote: socket.remote, process: users };
  if (socket.kind === 'listen' && socket.protocol === 'tcp')
    return { netid: 'tcp', state: 'LISTEN', local, remote: null, process: users };
  if (socket.kind !== 'udp') return null;
  const state = socket.remote === undefined ? 'UNCONN' : 'ESTAB';
  return { netid: 'udp', state, local, remote: socket.remote ?? null, process: users };
}

/** A wildcard socket takes IPv4 and IPv6, which ss prints as "*". */
function addressOf(end: PeerAddress | null): string {
  if (end === null || end.ip === '0.0.0.0') return '*';
  return end.ip.includes(':') ? `[${end.ip}]` : end.ip;
}
