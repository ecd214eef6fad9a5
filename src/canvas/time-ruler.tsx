/** The time ruler: what the control plane changed and what was lost, on the cluster's own clock; the future is dotted. */
import { useRef } from 'react';
import type { Ns } from '../sim/clock/clock';
import { useDrawn } from '../state/drawn';
import { rowsOf, underWay } from '../state/mirror';
import { useMirror } from '../state/mirror-hooks';
import { openPacket, openRef } from '../state/moves';
import { isLost } from './losses';
import { useSession } from '../state/session';
import { useSize } from './use-layout';

const SECOND = 1e9;
const INSET = 26;
const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

export interface RulerScale {
  readonly startNs: Ns;
  readonly endNs: Ns;
  readonly tickNs: Ns;
}

/**
 * Ten ticks; the now stands at about three quarters, and the window moves on by whole ticks. A young cluster's ruler is not
 * wider than what there is to show.
 */
export function rulerScale(nowNs: Ns, nsPerSecond: number): RulerScale {
  const wanted = Math.min((nsPerSecond * 100) / SECOND / 10, nowNs / SECOND / 6);
  const tickNs = (STEPS.find((step) => step >= Math.max(2, wanted)) ?? 3600) * SECOND;
  const startNs = Math.max(0, Math.ceil(nowNs / tickNs) - 7) * tickNs;
  return { startNs, endNs: startNs + 10 * tickNs, tickNs };
}

/** "00:42", or "1:02:10" past the hour. */
export function tickLabel(ns: Ns): string {
  const seconds = Math.round(ns / SECOND);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

interface Mark {
  readonly x: number;
  readonly kind: 'change' | 'stop';
  readonly title: string;
  readonly open: () => void;
}

/** Marks from left to right; those that would overlap are one. */
function marksOf({ startNs, endNs }: RulerScale, nowNs: Ns, x: (ns: Ns) => number): Mark[] {
  const marks: (Mark & { readonly atNs: Ns })[] = [];
  for (const change of rowsOf('changes')) {
    if (change.atNs < startNs || change.atNs > nowNs || change.atNs > endNs) continue;
    const title = `${change.ref}: ${change.text}`;
    marks.push({
      atNs: change.atNs,
      x: x(change.atNs),
      kind: 'change',
      title,
      open: () => openRef(change.ref),
    });
  }
  for (const trace of underWay.lost()) {
    const { id, end, label } = trace;
    if (end === null || end.atNs < startNs || !isLost(trace, nowNs)) continue;
    const title = `${label} ${end.kind}: ${end.reason}`;
    marks.push({ atNs: end.atNs, x: x(end.atNs), kind: 'stop', title, open: () => openPacket(id) });
  }
  marks.sort((a, b) => a.atNs - b.atNs);
  const kept: Mark[] = [];
  for (const mark of marks) {
    const crowded = kept.findLast((one) => one.kind === mark.kind);
    if (crowded === undefined || mark.x - crowded.x >= 9) kept.push(mark);
  }
  return kept;
}

export function TimeRuler() {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  // Under `auto` the speed swings between packets and pauses; the ruler must not swing with it.
  const speed = useSession(({ pace }) => (pace.auto ? 0 : pace.nsPerSecond));
  const nowNs = useDrawn((state) => Math.floor(state.nowNs / 5e7) * 5e7);
  useMirror((state) => state.revs.changes);
  const scale = rulerScale(nowNs, speed);
  const span = width - 2 * INSET;
  const x = (ns: Ns): number => INSET + ((ns - scale.startNs) / (scale.endNs - scale.startNs)) * span;
  const every = span / 10 < 52 ? 2 : 1;
  const ticks = Array.from({ length: 11 }, (_, i) => scale.startNs + i * scale.tickNs);
  const now = x(nowNs);
  return (
    <div ref={box} className="ruler">
      {width > 0 && (
        <svg
          width={width}
          height={40}
          role="img"
          aria-label={`Virtual time ${tickLabel(nowNs)}, with changes and losses`}
        >
          <path d={`M${INSET} 9 H${now}`} stroke="var(--wire)" strokeWidth={1.5} />
          <path
            d={`M${now} 9 H${width - INSET}`}
            stroke="var(--wire)"
            strokeWidth={1.5}
            strokeDasharray="1.5 5"
            strokeLinecap="round"
          />
          {ticks.map((ns, i) => (
            <g key={ns}>
              <path d={`M${x(ns)} 9 v4`} stroke="var(--wire)" strokeWidth={1.5} />
              {i % every === 0 && (
                <text x={x(ns)} y={30} textAnchor="middle">
                  {tickLabel(ns)}
                </text>
              )}
            </g>
          ))}
          {marksOf(scale, nowNs + 5e7, x).map((mark) => (
            <MarkSign key={`${mark.kind} ${mark.title} ${mark.x.toFixed(1)}`} mark={mark} />
          ))}
          <path
            d={`M${now - 5} -1 h10 v7 l-5 5 l-5 -5 z`}
            fill="var(--ink)"
            stroke="var(--sheet)"
            strokeWidth={1.5}
          />
        </svg>
      )}
    </div>
  );
}

function MarkSign({ mark: { x, kind, title, open } }: { mark: Mark }) {
  return (
    <g onClick={open} style={{ cursor: 'pointer' }}>
      <title>{title}</title>
      {kind === 'change' ? (
        <path
          d={`M${x} 1 l5.5 9.6 h-11 z`}
          fill="var(--sheet)"
          stroke="var(--control)"
          strokeWidth={2}
          strokeLinejoin="round"
        />
      ) : (
        <>
          <rect
            x={x - 7}
            y={1}
            width={14}
            height={14}
            rx={3}
            fill="var(--drop)"
            stroke="var(--sheet)"
            strokeWidth={1.5}
          />
          <path
            d={`M${x - 3} 5 l6 6 m0 -6 l-6 6`}
            stroke="var(--on-signal)"
            strokeWidth={2}
            strokeLinecap="round"
          />
        </>
      )}
    </g>
  );
}
