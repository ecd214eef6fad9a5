/** Lines of a table: packets that each has counted, its text, and what it comes from. Long tables are shown a piece at a time. */
import { useEffect, useRef, useState } from 'react';
import { jumpToSource, openRef } from '../state/moves';
import { LinkButton } from '../ui/lists';
import { refWords } from '../ui/refs';
import type { ProbeRow } from '../worker/protocol';

/** Lines that are drawn at once. */
export const PIECE = 300;
/** How long a counter that rose is marked. */
const FRESH_MS = 1_200;

/** Counters that have risen a moment ago, by line. */
export function useFresh(rows: readonly ProbeRow[]): ReadonlySet<string> {
  const before = useRef<ReadonlyMap<string, number>>(new Map());
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const now = countsOf(rows);
    const risen = new Set(
      [...now].filter(([key, count]) => count > (before.current.get(key) ?? count)).map(([key]) => key),
    );
    before.current = now;
    if (risen.size === 0) return;
    // Later lines leave these timers alone: a mark goes when its time is over.
    setTimeout(() => setFresh(risen), 0);
    setTimeout(() => setFresh((shown) => (shown === risen ? new Set() : shown)), FRESH_MS);
  }, [rows]);
  return fresh;
}

function countsOf(rows: readonly ProbeRow[]): ReadonlyMap<string, number> {
  return new Map(
    rows.flatMap((row) => (row.count === undefined ? [] : [[lineKey(row), row.count] as const])),
  );
}

function lineKey(row: ProbeRow): string {
  return `${row.table ?? ''}/${row.chain ?? ''}/${row.text.replace(/^\s*\d+[KMGT]?\s+\d+[KMGT]?\s/, '')}`;
}

interface LineMarks {
  readonly met: ReadonlySet<ProbeRow>;
  readonly fresh: ReadonlySet<string>;
  isChosen(row: ProbeRow): boolean;
}

/** `from` is the first line that is drawn. */
export function RuleList(props: {
  rows: readonly ProbeRow[];
  from: number;
  onFrom: (from: number) => void;
  marks: LineMarks;
}) {
  const { rows, marks, onFrom } = props;
  const from = Math.min(props.from, Math.max(0, rows.length - 1));
  const shown = rows.slice(from, from + PIECE);
  const after = rows.length - from - shown.length;
  const counted = rows.some((row) => row.count !== undefined);
  return (
    <>
      {from > 0 && (
        <p className="more small">
          <LinkButton onPress={() => onFrom(Math.max(0, from - PIECE))}>{from} lines before</LinkButton>
        </p>
      )}
      <ol className={counted ? 'lines mono counted' : 'lines mono'} start={from + 1}>
        {shown.map((row, i) => (
          <Line key={from + i} row={row} marks={marks} counted={counted} />
        ))}
      </ol>
      {after > 0 && (
        <p className="more small">
          <LinkButton onPress={() => onFrom(from + PIECE)}>{after} more lines</LinkButton>
        </p>
      )}
    </>
  );
}

function Line({ row, marks, counted }: { row: ProbeRow; marks: LineMarks; counted: boolean }) {
  const isMet = marks.met.has(row);
  const isFresh = marks.fresh.has(lineKey(row));
  const look = [
    /^[#*:]|^COMMIT/.test(row.text) ? 'k3' : '',
    isMet ? 'met' : '',
    marks.isChosen(row) ? 'chosen' : '',
    isFresh ? 'fresh' : '',
  ];
  return (
    <li className={look.filter(Boolean).join(' ') || undefined}>
      {counted && <span className="count">{row.count ?? ''}</span>}
      <span className="line-text">
        {row.text}
        {isMet && <span className="sr-only"> (met by the packet)</span>}
      </span>
      {row.ref !== null && <Cause row={row} />}
    </li>
  );
}

/** The object behind a line, and the line of the manifests that it comes from. */
function Cause({ row }: { row: ProbeRow }) {
  const shown = row.service ?? row.ref!;
  const source = (): void => {
    void jumpToSource(row.ref!, row.path ?? '').then((missing) => {
      if (missing !== null) openRef(row.ref!);
    });
  };
  return (
    <span className="causes">
      <LinkButton onPress={() => openRef(shown)}>{refWords(shown)}</LinkButton>
      <LinkButton name={`YAML of ${refWords(row.ref!)}`} onPress={source}>
        YAML
      </LinkButton>
    </span>
  );
}
