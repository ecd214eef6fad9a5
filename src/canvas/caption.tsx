/** One sentence under the canvas, and a ruler: the open packet's hops, or time with what changed and what was lost. */
import { useRef } from 'react';
import { useStore } from 'zustand';
import { SECOND } from '../sim/clock/clock';
import { explain, explainEnd } from '../sim/trace/explain';
import type { PacketTrace } from '../sim/trace/hop';
import { hopIndexAt, isOver, nameOfIp } from '../state/flight';
import { mirror, rowsOf, tableOf } from '../state/mirror';
import { useMirror, useRecord } from '../state/mirror-hooks';
import { useSession } from '../state/session';
import { HopRuler } from './hop-ruler';
import { RATES_FROM_NS_PER_SECOND } from './rates';
import { Sentence } from './sentence';
import { TimeRuler } from './time-ruler';

export function Caption() {
  const opened = useSession((state) => (state.selection?.kind === 'packet' ? state.selection.id : null));
  const followed = useFollowed();
  const id = opened ?? followed;
  const trace = useRecord('packets', id === null ? null : String(id));
  return (
    <div className="cap">
      {trace === null || trace.hops.length === 0 ? <TimeCaption /> : <PacketCaption trace={trace} />}
    </div>
  );
}

/** With no packet open, the caption tells of one under way: it stays with it to its end, then goes on with the newest. */
function useFollowed(): number | null {
  const last = useRef<number | null>(null);
  return useStore(mirror, ({ nowNs, nsPerSecond }) => {
    if (nsPerSecond >= RATES_FROM_NS_PER_SECOND) return (last.current = null);
    const flying = rowsOf('packets').filter((one) => isTold(one, nowNs));
    if (!flying.some((one) => one.id === last.current)) last.current = flying.at(-1)?.id ?? null;
    return last.current;
  });
}

/** Under way, and somebody asked for it: probes of the kubelet and address resolution are not told. */
function isTold(trace: PacketTrace, nowNs: number): boolean {
  if (trace.role === 'arp' || trace.bornNs > nowNs || isOver(trace, nowNs)) return false;
  const request = tableOf('requests').get(String(trace.requestId));
  return request !== undefined && request.kind !== 'probe';
}

/** The sentence of hop `at`; past its end a packet that was stopped says why. */
function sentenceAt(trace: PacketTrace, at: number, over: boolean): string {
  const hop = trace.hops[Math.max(0, at)]!;
  const last = at === trace.hops.length - 1;
  const stopped = over && last && trace.end !== null && trace.end.kind !== 'delivered';
  if (stopped && hop.action !== 'drop' && hop.action !== 'reject') return explainEnd(trace.end!);
  return explain(hop, nameOfIp);
}

function PacketCaption({ trace }: { trace: PacketTrace }) {
  const chosen = useSession((state) => state.hop);
  const paused = useSession((state) => state.pace.paused);
  const live = useMirror((state) => hopIndexAt(trace, state.nowNs));
  const over = useMirror((state) => isOver(trace, state.nowNs));
  const at = Math.min(Math.max(0, chosen ?? live), trace.hops.length - 1);
  return (
    <>
      <div className="row" aria-live={paused ? 'polite' : 'off'}>
        <span className="n">
          {at + 1}
          {trace.end !== null && <span className="k3">/{trace.hops.length}</span>}
        </span>
        <Sentence text={sentenceAt(trace, at, over)} />
      </div>
      <HopRuler trace={trace} at={at} live={live} over={over} />
    </>
  );
}

/** What is going on when no packet is open. */
function whatHappens(nowNs: number, fast: boolean): string {
  let moving = 0;
  let born = 0;
  for (const trace of rowsOf('packets')) {
    if (trace.bornNs > nowNs || trace.role === 'arp') continue;
    if (!isOver(trace, nowNs)) moving++;
    if (trace.bornNs > nowNs - SECOND) born++;
  }
  if (moving > 0 && !fast) {
    return moving === 1
      ? 'One packet is on the way. Click it to stop it and read its headers'
      : `${moving} packets are on the way. Click one to stop it and read its headers`;
  }
  const change = rowsOf('changes').findLast((one) => one.atNs <= nowNs);
  const recent = change !== undefined && nowNs - change.atNs < 20e9;
  if (recent) {
    const [kind = '', , name = ''] = change.ref.split('/');
    const who = kind === 'Node' ? name : `${kind} ${name}`;
    // A slice's line begins with its Service already.
    return change.kind === 'endpoints' ? `Endpoints of ${change.text}` : `${who}: ${change.text}`;
  }
  if (fast && born > 0) return `${born} packets in the last second`;
  return 'Nothing is on the wires';
}

function TimeCaption() {
  const auto = useSession((state) => state.pace.auto);
  const text = useStore(mirror, (state) =>
    state.facts === null
      ? 'The cluster is starting'
      : whatHappens(state.nowNs, !auto && state.nsPerSecond >= RATES_FROM_NS_PER_SECOND),
  );
  return (
    <>
      <div className="row">
        <Sentence text={text} />
      </div>
      <TimeRuler />
    </>
  );
}
