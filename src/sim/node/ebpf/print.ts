/**
 * The maps as Cilium's debugging tool lists them in its agent's pod: `cilium-dbg bpf lb list`, with --frontends, --backends,
 * --revnat or --source-ranges, and `cilium-dbg service list` (cilium-dbg/cmd/bpf_lb_list.go, service_list.go).
 * Rows are in order here; the kernel's hash maps give them in none.
 */
import { formatPeer } from '../../kernel/socket';
import type { Backend, BpfTables, Frontend } from '../../kernel/bpf/maps';

export type LbListing = 'all' | 'frontends' | 'backends' | 'revnat' | 'source-ranges';

/** "10.96.0.10:53/UDP", with "/i" for the entry that those inside look at. */
function asked({ address, port, protocol, scope }: Frontend): string {
  return `${formatPeer({ ip: address, port })}/${protocol.toUpperCase()}${scope === 'int' ? '/i' : ''}`;
}

function target({ address, port, protocol }: Backend): string {
  return `${formatPeer({ ip: address, port })}/${protocol.toUpperCase()}`;
}

/** `cilium-dbg bpf lb list`; the slot stands behind the address, and slot 0 is the frontend itself. */
export function printLbList({ frontends, backends }: BpfTables, listing: LbListing = 'all'): string[] {
  const rows: (readonly [string, string])[] = [];
  const all = [...frontends.values()];
  if (listing === 'backends')
    for (const backend of backends.values()) rows.push([String(backend.id), target(backend)]);
  else if (listing === 'revnat')
    for (const { id, address, port } of all) rows.push([String(id), formatPeer({ ip: address, port })]);
  else if (listing === 'source-ranges')
    for (const { id, ranges } of all) for (const range of ranges) rows.push([`${range} (${id})`, '']);
  else for (const frontend of all) rows.push(...slotsOf(frontend, backends, listing === 'frontends'));
  const titles = TITLES[listing];
  return table([titles, ...rows]);
}

const TITLES: Readonly<Record<LbListing, readonly [string, string]>> = {
  all: ['SERVICE ADDRESS', 'BACKEND ADDRESS (REVNAT_ID) (SLOT)'],
  frontends: ['SERVICE ADDRESS', 'BACKEND ID'],
  backends: ['ID', 'BACKEND ADDRESS (REVNAT_ID) (SLOT)'],
  revnat: ['ID', 'BACKEND ADDRESS (REVNAT_ID) (SLOT)'],
  'source-ranges': ['SOURCE RANGE (REVNAT_ID)', ''],
};

function slotsOf(
  frontend: Frontend,
  backends: BpfTables['backends'],
  idsOnly: boolean,
): (readonly [string, string])[] {
  const { id, slots, flags, address } = frontend;
  const none = address.includes(':') ? '[::]:0' : '0.0.0.0:0';
  const rows = [0, ...slots].map((backendId, slot): readonly [string, string] => {
    const left = `${asked(frontend)} (${slot})`;
    if (idsOnly)
      return [left, `${backendId} ${slot === 0 ? slots.length : 0} (${id}) [${flagText(slot, flags)}]`];
    if (slot === 0) return [left, `${none} (${id}) (0) [${flags.join(', ')}]`];
    const backend = backends.get(backendId);
    if (backend === undefined) return [left, `backend ${backendId} not found`];
    return [left, `${target(backend)} (${id}) (${slot})`];
  });
  return rows;
}

function flagText(slot: number, flags: readonly string[]): string {
  return slot === 0 ? flags.join(', ') : '';
}

/** `cilium-dbg service list` */
export function printServiceList({ frontends, backends }: BpfTables): string[] {
  const rows = [...frontends.values()].flatMap((frontend) => {
    const states = frontend.slots.map((id, i) => {
      const backend = backends.get(id);
      return backend ? `${i + 1} => ${target(backend)} (${backend.state})` : '';
    });
    const type = frontend.flags[0] ?? '';
    const first = [String(frontend.id), asked(frontend), type, states[0] ?? ''];
    return [first, ...states.slice(1).map((text) => ['', '', '', text])];
  });
  return table([['ID', 'Frontend', 'Service Type', 'Backend'], ...rows]);
}

/** Columns at least five wide with three spaces between them, as text/tabwriter lays them out for the tool. */
function table(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(5, ...rows.map((row) => (row[column] ?? '').length + 3));
  const widths = rows[0]!.map((_, i) => width(i));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
      .join('')
      .trimEnd(),
  );
}
