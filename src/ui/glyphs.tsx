/**
 * The signs of the look, one meaning each: capsules and hexagons for packets, the outer ring, the stop mark, the control
 * triangle, discs for pods and dots for endpoints. Legend, cards and inspector use these; the moving ones are drawn on
 * the packet canvas with the same measures.
 */
import type { ReactNode } from 'react';
import type { Role } from '../sim/trace/hop';
import type { EndpointView, PodLook } from '../sim/view';

type Signal = 'request' | 'reply' | 'dns' | 'drop' | 'ink-2';

const SIGNALS: Readonly<Record<Role, { readonly signal: Signal; readonly hollow: boolean }>> = {
  request: { signal: 'request', hollow: false },
  reply: { signal: 'reply', hollow: true },
  'dns-query': { signal: 'dns', hollow: false },
  'dns-answer': { signal: 'dns', hollow: true },
  error: { signal: 'drop', hollow: true },
  // Address questions of the nodes themselves carry no signal: they are the wires' own housekeeping.
  arp: { signal: 'ink-2', hollow: true },
};

/** Colour token and filling of a packet by its role. */
export function signalOf(role: Role): { readonly signal: Signal; readonly hollow: boolean } {
  return SIGNALS[role];
}

function Frame(props: { width: number; height: number; name: string | undefined; children: ReactNode }) {
  const hidden = props.name === undefined;
  return (
    <svg
      width={props.width}
      height={props.height}
      {...(hidden ? { 'aria-hidden': true } : { role: 'img', 'aria-label': props.name })}
    >
      {props.children}
    </svg>
  );
}

/** A packet with its letters: capsule, or hexagon for DNS; `wrapped` adds the ring of the outer header. */
export function PacketGlyph(props: { role: Role; label: string; wrapped?: boolean; name?: string }) {
  const { role, wrapped = false } = props;
  const { signal, hollow } = signalOf(role);
  const label = props.label.slice(0, 8);
  const width = Math.max(38, Math.round(label.length * 7.4 + 13));
  const outer = wrapped ? width + 20 : width + 6;
  const height = wrapped ? 32 : 28;
  const [x, y] = [outer / 2, height / 2];
  const paint = {
    fill: hollow ? 'var(--sheet)' : `var(--${signal})`,
    stroke: `var(--${signal})`,
    strokeWidth: 2,
  };
  const dns = role === 'dns-query' || role === 'dns-answer';
  const half = width / 2;
  return (
    <Frame width={outer} height={height} name={props.name}>
      {wrapped && (
        <rect
          x={1}
          y={1}
          width={outer - 2}
          height={30}
          rx={7}
          fill="var(--sheet)"
          stroke="var(--outer)"
          strokeWidth={2}
        />
      )}
      {dns ? (
        <path
          d={`M${x - half} ${y} l7 -9 h${width - 14} l7 9 l-7 9 h${14 - width} z`}
          strokeLinejoin="round"
          {...paint}
        />
      ) : (
        <rect x={x - half} y={y - 9} width={width} height={18} rx={9} {...paint} />
      )}
      <text className="g" x={x} y={y + 4} style={{ fill: hollow ? `var(--${signal})` : 'var(--on-signal)' }}>
        {label}
      </text>
    </Frame>
  );
}

/** The ring alone, round an empty packet, for the legend. */
export function OuterGlyph({ name }: { name?: string }) {
  return (
    <Frame width={44} height={28} name={name}>
      <rect
        x={1}
        y={2}
        width={42}
        height={24}
        rx={7}
        fill="var(--sheet)"
        stroke="var(--outer)"
        strokeWidth={2}
      />
      <rect x={9} y={8} width={26} height={12} rx={6} fill="var(--request)" />
    </Frame>
  );
}

/** Dropped, refused or reset: it stays where it happened. */
export function StopGlyph({ size = 22, name }: { size?: number; name?: string }) {
  const arm = size * 0.21;
  const mid = size / 2;
  return (
    <Frame width={size} height={size} name={name}>
      <rect x={1} y={1} width={size - 2} height={size - 2} rx={3} fill="var(--drop)" />
      <path
        d={`M${mid - arm} ${mid - arm} L${mid + arm} ${mid + arm} M${mid + arm} ${mid - arm} L${mid - arm} ${mid + arm}`}
        fill="none"
        stroke="var(--on-signal)"
        strokeWidth={2.25}
        strokeLinecap="round"
      />
    </Frame>
  );
}

/** The control plane changed something. */
export function ControlGlyph({ size = 14, name }: { size?: number; name?: string }) {
  return (
    <Frame width={size} height={size} name={name}>
      <path
        d={`M${size / 2} 1.5 L${size - 1.2} ${size - 1.5} H1.2 z`}
        fill="var(--sheet)"
        stroke="var(--control)"
        strokeWidth={2}
        strokeLinejoin="round"
      />
    </Frame>
  );
}

/** Life of a pod as a disc in ink: full ready, half running, hollow creating, dotted pending, barred terminating. */
export function PodDisc({ look, size = 12, name }: { look: PodLook | 'gone'; size?: number; name?: string }) {
  return (
    <svg
      className="disc"
      width={size}
      height={size}
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      {...(name === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name })}
    >
      {discOf(look)}
    </svg>
  );
}

function discOf(look: PodLook | 'gone'): ReactNode {
  switch (look) {
    case 'ready':
      return <circle cx={6} cy={6} r={5} fill="currentColor" stroke="none" />;
    case 'running':
      return (
        <>
          <circle cx={6} cy={6} r={4.5} />
          <path d="M6 1.5 a4.5 4.5 0 0 0 0 9 z" fill="currentColor" stroke="none" />
        </>
      );
    case 'creating':
      return <circle cx={6} cy={6} r={4.5} />;
    case 'pending':
      return <circle cx={6} cy={6} r={4.5} strokeDasharray="2 2.2" />;
    case 'terminating':
      return (
        <>
          <circle cx={6} cy={6} r={4.5} />
          <path d="M1.5 6 h9" />
        </>
      );
    case 'backoff':
      return <path d="M10 3.9 a4.7 4.7 0 1 1 -.6 -1 M10.4 1.2 v3 h-3" />;
    case 'completed':
      return (
        <>
          <circle cx={6} cy={6} r={4.5} />
          <path d="M3.8 6.2 l1.6 1.6 l2.8 -3.4" />
        </>
      );
    default:
      return <path d="M2 2 l8 8 m0 -8 l-8 8" />;
  }
}

/** An endpoint: full when ready, barred when terminating, half when not ready. */
export function EndpointDot({ endpoint, size = 12 }: { endpoint: EndpointView; size?: number }) {
  return <PodDisc look={endpointLook(endpoint)} size={size} />;
}

function endpointLook(endpoint: EndpointView): PodLook {
  if (endpoint.terminating) return 'terminating';
  return endpoint.ready ? 'ready' : 'running';
}
