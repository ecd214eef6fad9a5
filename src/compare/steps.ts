/** The common stepper: every row of every packet in one order, and where in it one stands. */
import { useEffect, useMemo, useState } from 'react';
import { chaptersOf, rowsOf, type Chapter, type Row } from './align';
import type { ModeRun } from '../worker/compare-protocol';

export interface Position {
  readonly chapter: number;
  readonly row: number;
}

export interface Walk {
  readonly chapters: readonly { readonly chapter: Chapter; readonly rows: readonly Row[] }[];
  readonly positions: readonly Position[];
  /** Index of the first row of the first packet that is no lookup, where one begins; of its decision, if it has one. */
  readonly start: number;
}

/** All there is to step through. */
export function walkOf(runs: readonly ModeRun[]): Walk {
  const chapters = chaptersOf(runs).map((chapter) => ({ chapter, rows: rowsOf(chapter) }));
  const positions = chapters.flatMap(({ rows }, chapter) => rows.map((_, row) => ({ chapter, row })));
  const first = chapters.findIndex(({ chapter }) => chapter.role === 'request');
  const opening = positions.findIndex(({ chapter }) => chapter === Math.max(0, first));
  const decision = chapters[first]?.rows.findIndex(({ stage }) => stage === 'decide') ?? -1;
  return { chapters, positions, start: Math.max(0, opening) + Math.max(0, decision) };
}

/** How long a row stands while the steps play, ms. */
const HOLD_MS = 1_400;

export interface Stepper {
  readonly walk: Walk;
  readonly at: number;
  readonly playing: boolean;
  go(at: number): void;
  setPlaying(on: boolean): void;
}

/** Where the visitor stands; begins anew with each answer. */
export function useSteps(runs: readonly ModeRun[]): Stepper {
  const walk = useMemo(() => walkOf(runs), [runs]);
  const [stand, setStand] = useState<{ readonly walk: Walk; readonly at: number }>({ walk, at: walk.start });
  const [playing, setPlaying] = useState(false);
  const at = stand.walk === walk ? stand.at : walk.start;
  const last = walk.positions.length - 1;
  const go = (to: number): void => setStand({ walk, at: Math.max(0, Math.min(last, to)) });
  const plays = playing && at < last;
  useEffect(() => {
    if (!plays) return;
    const timer = setTimeout(() => setStand({ walk, at: at + 1 }), HOLD_MS);
    return () => clearTimeout(timer);
  }, [plays, walk, at]);
  return { walk, at, playing: plays, go, setPlaying };
}
