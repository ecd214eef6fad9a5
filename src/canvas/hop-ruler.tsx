/** The numbered ruler: one dot a hop, solid where the packet has been, dotted ahead, with the machines it crosses below. */
import { useRef, type KeyboardEvent, type MouseEvent } from 'react';
import type { Hop, PacketTrace } from '../sim/trace/hop';
import { rowsOf } from '../state/mirror';
import { standOnHop } from '../state/steps';
import { signalOf } from '../ui/glyphs';
import { splitName } from './pod-card';
import { useSize } from './use-layout';

interface HopRulerProps {
  readonly trace: PacketTrace;
  /** Hop that is shown, and the last one that has happened. */
  readonly at: number;
  readonly live: number;
  readonly over: boolean;
}

const INSET = 12;

export interface HopGroup {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function groupName(hop: Hop, podOf: (netns: string) => string | null): string {
  const { machine, netns } = hop.place;
  if (hop.station === 'wire' || machine === 'underlay') return 'wire';
  if (netns === 'host' || netns === '') return machine;
  return podOf(netns) ?? 'pod';
}

/** Runs of hops in the same place, by name. */
export function groupsOf(hops: readonly Hop[], podOf: (netns: string) => string | null): HopGroup[] {
  const groups: { name: string; from: number; to: number }[] = [];
  hops.forEach((hop, i) => {
    const name = groupName(hop, podOf);
    const last = groups.at(-1);
    if (last?.name === name) last.to = i;
    else groups.push({ name, from: i, to: i });
  });
  return groups;
}

function podName(netns: string): string | null {
  const pod = rowsOf('pods').find((one) => one.netns === netns);
  return pod === undefined ? null : splitName(pod).name;
}

/** Room kept for what is still to come while nobody knows how many hops there will be. */
const TO_COME = 3;

/** Px from dot to dot. */
export function stepOf(width: number, hops: number, known: boolean): number {
  const steps = hops - 1 + (known ? 0 : TO_COME);
  return steps > 0 ? Math.max(0, width - 2 * INSET) / steps : 0;
}

export function HopRuler({ trace, at, live, over }: HopRulerProps) {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const { hops } = trace;
  const known = trace.end !== null;
  const step = stepOf(width, hops.length, known);
  const x = (i: number): number => INSET + i * step;
  const choose = (i: number): void => standOnHop(i >= live ? null : Math.max(0, i));
  const press = (event: MouseEvent): void => {
    const left = event.currentTarget.getBoundingClientRect().left;
    choose(Math.min(live, Math.round((event.clientX - left - INSET) / Math.max(1, step))));
  };
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    choose(Math.min(live, Math.max(0, at + by)));
  };
  return (
    <div
      ref={box}
      className="ruler"
      role="slider"
      tabIndex={0}
      aria-label="Hop"
      aria-valuemin={1}
      aria-valuemax={hops.length}
      aria-valuenow={at + 1}
      aria-valuetext={known ? `hop ${at + 1} of ${hops.length}` : `hop ${at + 1}, more to come`}
      onClick={press}
      onKeyDown={key}
    >
      {width > 0 && (
        <svg width={width} height={40} aria-hidden>
          <Dots trace={trace} at={at} over={over} x={x} step={step} width={width} />
          <Places groups={groupsOf(hops, podName)} x={x} width={width} />
        </svg>
      )}
    </div>
  );
}

interface DotsProps {
  readonly trace: PacketTrace;
  readonly at: number;
  readonly over: boolean;
  readonly x: (i: number) => number;
  readonly step: number;
  readonly width: number;
}

function Dots({ trace, at, over, x, step, width }: DotsProps) {
  const { hops, end } = trace;
  const colour = `var(--${signalOf(trace.role).signal})`;
  const last = hops.length - 1;
  const stopped = end !== null && end.kind !== 'delivered' && (over || at === last);
  const radius = Math.min(4, Math.max(2, step / 3));
  return (
    <>
      <path d={`M${x(0)} 9 H${x(at)}`} stroke={colour} strokeWidth={3} />
      <path
        d={`M${x(at)} 9 H${end === null ? width - INSET : x(last)}`}
        stroke={colour}
        strokeWidth={1.75}
        strokeDasharray="1.5 5"
        strokeLinecap="round"
      />
      {hops.map((_, i) =>
        i === at || (stopped && i === last) ? null : (
          <circle
            key={i}
            cx={x(i)}
            cy={9}
            r={radius}
            fill={i < at ? colour : 'var(--sheet)'}
            stroke={colour}
            strokeWidth={1.5}
          />
        ),
      )}
      {stopped && <Stop x={x(last)} />}
      {!(stopped && at === last) && (
        <>
          <circle cx={x(at)} cy={9} r={8.5} fill="var(--ink)" stroke="var(--sheet)" strokeWidth={1.5} />
          <text className="g" x={x(at)} y={13}>
            {at + 1}
          </text>
        </>
      )}
    </>
  );
}

function Stop({ x }: { x: number }) {
  return (
    <>
      <rect x={x - 8} y={1} width={16} height={16} rx={3} fill="var(--drop)" />
      <path
        d={`M${x - 3.5} 5.5 l7 7 m0 -7 l-7 7`}
        stroke="var(--on-signal)"
        strokeWidth={2}
        strokeLinecap="round"
      />
    </>
  );
}

function Places({
  groups,
  x,
  width,
}: {
  groups: readonly HopGroup[];
  x: (i: number) => number;
  width: number;
}) {
  let used = -Infinity;
  return groups.map(({ name, from, to }) => {
    const half = name.length * 3.4;
    const middle = Math.min(width - half, Math.max(half, (x(from) + x(to)) / 2));
    const [left, right] = [x(from) - 4, x(to) + 4];
    if (middle - half < used + 8) return null;
    used = Math.max(middle + half, right);
    const bracket =
      right - left > 2 * half + 24
        ? `M${left} 22 V26 H${middle - half - 6} M${middle + half + 6} 26 H${right} V22`
        : '';
    return (
      <g key={from}>
        <path d={bracket} fill="none" stroke="var(--wire)" />
        <text x={middle} y={30} textAnchor="middle">
          {name}
        </text>
      </g>
    );
  });
}
