/** A pod as a card: name, hash, address, and its life told by disc and border in ink. */
import { memo, useState } from 'react';
import type { PodView } from '../sim/view';
import { useRecord } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { useSession } from '../state/session';
import { PodDisc } from '../ui/glyphs';
import { useDim, useLit } from './focus';
import { PodActions } from './pod-actions';

/** The part of the name that its workload shares, and the rest that tells it apart. */
export function splitName(pod: PodView): { readonly name: string; readonly suffix: string } {
  const owner = pod.workload.split('/').at(-1) ?? '';
  if (owner !== '' && pod.name !== owner && pod.name.startsWith(`${owner}-`)) {
    return { name: owner, suffix: pod.name.slice(owner.length + 1) };
  }
  return { name: pod.name, suffix: '' };
}

const LIVES: Readonly<Record<PodView['look'] | 'gone', string>> = {
  pending: 'pending',
  creating: 'being created',
  running: 'running, not ready',
  ready: 'ready',
  backoff: 'waiting to restart',
  terminating: 'terminating',
  completed: 'completed',
  failed: 'failed',
  gone: 'gone',
};

/** The whole card as one sentence, for a screen reader. */
function podSentence(pod: PodView, gone: boolean): string {
  const parts = [`Pod ${pod.name}`, LIVES[gone ? 'gone' : pod.look]];
  if (pod.ip !== null) parts.push(pod.ip);
  if (pod.node !== null) parts.push(`on ${pod.node}`);
  if (pod.hostNetwork) parts.push("on the host's network");
  if (pod.restarts > 0) parts.push(`${pod.restarts} ${pod.restarts === 1 ? 'restart' : 'restarts'}`);
  if (!gone && pod.look !== 'ready' && pod.reason !== '') parts.push(pod.reason);
  return parts.join(', ');
}

/** What stands in place of the address while there is none, or while something is wrong. */
function saysOf(pod: PodView): string | null {
  if (pod.look === 'pending') return pod.reason === '' ? 'waits for a node' : 'no node fits';
  if (pod.look === 'creating') return pod.status === 'ContainerCreating' ? 'starting' : pod.status;
  if (pod.look === 'backoff') return pod.status;
  if (pod.look === 'completed' || pod.look === 'failed') return pod.status;
  return pod.ip === null ? pod.status : null;
}

/** The end of a name that fits a card at full size; when the view shrinks the style sheet cuts further. */
function tail(text: string, width: number): string {
  const most = Math.max(5, Math.floor((width - 18) / 7.35));
  return text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
}

export interface PodCardData {
  readonly ref: string;
  readonly ghost: PodView | null;
  readonly low: boolean;
  readonly width: number;
  readonly [key: string]: unknown;
}

function PodCardInner({ data }: { data: PodCardData }) {
  const live = useRecord('pods', data.ref);
  const selected = useSession((state) => state.selection?.kind === 'ref' && state.selection.ref === data.ref);
  const litByLine = useSession((state) => state.litRefs.includes(data.ref));
  const dim = useDim(data.ref);
  const onPath = useLit(data.ref);
  // A narrow screen has the actions in the sheet that a touch opens; here they would lie over the road.
  const inSheet = useSession((state) => state.narrow);
  const [open, setOpen] = useState(false);
  const pod = live ?? data.ghost;
  if (pod === null) return null;
  const gone = live === null || data.ghost !== null;
  const { name, suffix } = splitName(pod);
  const says = saysOf(pod);
  const look = gone ? 'gone' : pod.look;
  const classes = ['pod', 'cv-dimmable', look];
  if (selected && !gone) classes.push('selected');
  else if (onPath || litByLine) classes.push('lit');
  if (dim) classes.push('dim');
  if (data.low) classes.push('low');
  return (
    <>
      <button
        type="button"
        className={classes.join(' ')}
        aria-label={podSentence(pod, gone)}
        aria-pressed={selected}
        disabled={gone}
        title={pod.reason === '' ? pod.name : `${pod.name}: ${pod.reason}`}
        onClick={() => openRef(data.ref)}
        onContextMenu={(event) => {
          event.preventDefault();
          if (!gone) setOpen(true);
        }}
      >
        <span className="row head-row">
          <span className="name">{name}</span>
          <PodDisc look={look} />
        </span>
        {suffix !== '' && (
          <span className="row suffix">
            <span className="mono k3 tail">
              <bdi>{tail(suffix, data.width)}</bdi>
            </span>
          </span>
        )}
        <span className="row foot-row">
          {says === null ? (
            <span className="mono tail">
              <bdi>{pod.ip}</bdi>
            </span>
          ) : (
            <span className="says">{says}</span>
          )}
          {pod.restarts > 0 && (
            <span className="restarts close-only" title={`${pod.restarts} restarts`}>
              <PodDisc look="backoff" size={10} />
              {pod.restarts}
            </span>
          )}
        </span>
        {look === 'backoff' && <Hatch />}
      </button>
      {((selected && !inSheet) || open) && !gone && <PodActions pod={pod} onDone={() => setOpen(false)} />}
    </>
  );
}

function Hatch() {
  return (
    <svg className="hatch" width="100%" height={7} aria-hidden>
      <defs>
        <pattern id="hatch" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V6" stroke="var(--line)" strokeWidth={2} />
        </pattern>
      </defs>
      <rect width="100%" height={7} fill="url(#hatch)" />
    </svg>
  );
}

export const PodCard = memo(PodCardInner);
