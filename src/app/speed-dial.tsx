/** The time dial: one logarithmic slider from packets that crawl to rollouts that fly. */
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { useMirror } from '../state/mirror-hooks';
import { useSession } from '../state/session';
import { setPace } from '../state/wire';
import { formatSpeed } from '../ui/format';
import { FASTEST, fromDial, MARKS, nextSpeed, SLOWEST, speedWords, toDial } from './speed';

const FULL_WIDTH = 264;
const LEFT = 10;

export function SpeedDial() {
  const speed = useSession((state) => state.pace.nsPerSecond);
  const auto = useSession((state) => state.pace.auto);
  const paused = useSession((state) => state.pace.paused);
  const real = useMirror((state) => state.nsPerSecond);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const set = (nsPerSecond: number): void => {
    if (nsPerSecond !== speed) setPace({ nsPerSecond });
  };
  const drag = (event: PointerEvent): void => {
    const rect = box.current?.getBoundingClientRect();
    if (rect === undefined) return;
    set(fromDial((event.clientX - rect.left - LEFT) / (rect.width - 2 * LEFT)));
  };
  const elsewhere = auto && !paused && real > 0 && Math.abs(toDial(real) - toDial(speed)) > 0.02;
  return (
    <div
      ref={box}
      className="dial"
      role="slider"
      tabIndex={0}
      aria-label="Speed of virtual time"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(toDial(speed) * 100)}
      aria-valuetext={`${formatSpeed(speed)}econd: ${speedWords(speed)}`}
      title={`${formatSpeed(speed)}: ${speedWords(speed)}`}
      onKeyDown={(event) => onKey(event, speed, set)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(event);
      }}
    >
      <DialFace speed={speed} real={elsewhere ? real : null} width={width} />
    </div>
  );
}

/** The dial's width in px: the scale is drawn to fit, so that its letters keep their size. */
function useWidth(box: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(FULL_WIDTH);
  useEffect(() => {
    if (box.current === null) return;
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [box]);
  return width;
}

function onKey(event: KeyboardEvent, speed: number, set: (speed: number) => void): void {
  const next: Record<string, number> = {
    ArrowRight: nextSpeed(speed, 1),
    ArrowUp: nextSpeed(speed, 1),
    ArrowLeft: nextSpeed(speed, -1),
    ArrowDown: nextSpeed(speed, -1),
    PageUp: Math.min(FASTEST, speed * 10),
    PageDown: Math.max(SLOWEST, speed / 10),
    Home: SLOWEST,
    End: FASTEST,
  };
  const target = next[event.key];
  if (target === undefined) return;
  event.preventDefault();
  set(target);
}

/** Scale, thumb and, when the clock runs at another speed than asked for, a hollow mark at the real one. */
function DialFace({ speed, real, width }: { speed: number; real: number | null; width: number }) {
  const x = (at: number): number => LEFT + toDial(at) * (width - 2 * LEFT);
  const at = x(speed);
  const label = width >= 168 ? Math.min(width - 84, Math.max(84, at)) : width / 2;
  // With less there is room for one figure only.
  const ends = width >= 156;
  const edge = at < LEFT + 24 ? 'low' : at > width - LEFT - 24 ? 'high' : null;
  return (
    <svg width={width} height="44" viewBox={`0 0 ${width} 44`} aria-hidden="true">
      <path d={`M${LEFT} 16 H${width - LEFT}`} className="wire" />
      {MARKS.map((mark) => (
        <path
          key={mark.speed}
          d={mark.long ? `M${x(mark.speed)} 11 v10` : `M${x(mark.speed)} 13.5 v5`}
          stroke="var(--wire)"
          strokeWidth={mark.long ? 1.5 : 1}
        />
      ))}
      {real !== null && (
        <path
          d={`M${x(real) - 4} 22 h8 l-4 -6 z`}
          fill="var(--sheet)"
          stroke="var(--ink)"
          strokeWidth="1.25"
        />
      )}
      <path
        d={`M${at - 6} 5 h12 v9 l-6 8 l-6 -8 z`}
        fill="var(--ink)"
        stroke="var(--sheet)"
        strokeWidth="2"
      />
      {(ends || edge === 'low') && (
        <text x="4" y="39" className={edge === 'low' ? 'now' : 'end'}>
          {edge === 'low' ? formatSpeed(speed) : formatSpeed(SLOWEST)}
        </text>
      )}
      {(ends || edge === 'high') && (
        <text x={width - 4} y="39" textAnchor="end" className={edge === 'high' ? 'now' : 'end'}>
          {edge === 'high' ? formatSpeed(speed) : formatSpeed(FASTEST)}
        </text>
      )}
      {edge === null && (
        <text x={label} y="39" textAnchor="middle" className="now">
          {formatSpeed(speed)}
        </text>
      )}
    </svg>
  );
}
