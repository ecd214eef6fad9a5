/** One packet's way in one mode as a row of stations, shaped as on the canvas; the one in step is filled. */
import type { CompareMode } from '../worker/compare-protocol';
import type { Row } from './align';
import { DECIDED_BY, ROAD_WORDS } from './stage';

export function Road(props: { mode: CompareMode; pane: number; rows: readonly Row[]; at: number }) {
  const { mode, pane, rows, at } = props;
  return (
    <ol className="cmp-road" aria-label="Way">
      {rows.map((row, i) => {
        const has = (row.cells[pane] ?? []).length > 0;
        const word = row.stage === 'decide' ? DECIDED_BY[mode] : ROAD_WORDS[row.stage];
        const look = `${row.stage} ${has ? '' : 'none'} ${i < at ? 'past' : i === at ? 'at' : ''}`;
        return (
          <li key={i} className={look} aria-current={i === at ? 'step' : undefined}>
            <span className="mark" aria-hidden="true" />
            <span className="small">{has ? word : ''}</span>
            {!has && <span className="sr-only">{`not ${word} here`}</span>}
          </li>
        );
      })}
    </ol>
  );
}
