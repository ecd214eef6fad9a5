/** One packet's way in one mode as a row of stations, shaped as on the canvas; the one in step is filled. */
import type { CompareMode, ComparePacket } from '../worker/compare-protocol';
import type { Row } from './align';
import { DECIDED_BY, ROAD_WORDS, telling } from './stage';

export function Road(props: {
  mode: CompareMode;
  pane: number;
  rows: readonly Row[];
  at: number;
  packet: ComparePacket | null;
}) {
  const { mode, pane, rows, at, packet } = props;
  // A packet that never arrives ends at its last station.
  const lost = packet?.end != null && packet.end.kind !== 'delivered';
  const last = rows.findLastIndex(({ cells }) => (cells[pane] ?? []).length > 0);
  return (
    <ol className={`cmp-road ${packet?.role ?? ''}`} aria-label="Way">
      {rows.map((row, i) => {
        const cell = row.cells[pane] ?? [];
        const has = cell.length > 0;
        const word = wordOf(row, cell, mode, packet);
        const when = i === at ? 'at' : i < at ? 'past' : '';
        const look = [row.stage, has ? '' : 'none', i > last ? 'beyond' : when];
        const stopped = lost && i === last && i <= at;
        return (
          <li
            key={i}
            className={`${look.join(' ')} ${stopped ? 'stop' : ''}`}
            aria-current={i === at ? 'step' : undefined}
          >
            <span className="mark" aria-hidden="true" />
            <span className="small">{has ? word : ''}</span>
            {!has && <span className="sr-only">{`not ${word} here`}</span>}
            {stopped && <span className="sr-only">, ends here</span>}
          </li>
        );
      })}
    </ol>
  );
}

/** A packet is sent once; what else leaves is the way out of the pod. Conntrack and programs at devices decide, too. */
function wordOf(
  { stage }: Row,
  cell: readonly number[],
  mode: CompareMode,
  packet: ComparePacket | null,
): string {
  if (stage === 'leave' && cell[0] !== 0) return 'out';
  if (stage !== 'decide') return ROAD_WORDS[stage];
  const by = telling(cell.flatMap((i) => packet?.hops[i] ?? []))?.hop.station;
  return by === 'conntrack' ? 'known' : by === 'device' ? 'tc' : DECIDED_BY[mode];
}
