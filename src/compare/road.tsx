/** One packet's way in one mode as a row of stations, shaped as on the canvas; the one in step is filled. */
import type { CompareMode } from '../worker/compare-protocol';
import type { Row } from './align';
import { DECIDED_BY, ROAD_WORDS } from './stage';

export function Road(props: {
  mode: CompareMode;
  pane: number;
  rows: readonly Row[];
  at: number;
  /** The packet never arrives: its last station is where it ends. */
  lost: boolean;
}) {
  const { mode, pane, rows, at, lost } = props;
  const last = rows.findLastIndex(({ cells }) => (cells[pane] ?? []).length > 0);
  return (
    <ol className="cmp-road" aria-label="Way">
      {rows.map((row, i) => {
        const cell = row.cells[pane] ?? [];
        const has = cell.length > 0;
        const word = wordOf(row, cell, mode);
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

/** A packet is sent once; what else leaves is the way out of the pod. */
function wordOf({ stage }: Row, cell: readonly number[], mode: CompareMode): string {
  if (stage === 'decide') return DECIDED_BY[mode];
  return stage === 'leave' && cell[0] !== 0 ? 'out' : ROAD_WORDS[stage];
}
