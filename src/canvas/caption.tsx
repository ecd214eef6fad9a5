/**
 * One sentence under the canvas, and a ruler: the open packet's hops, or time with what changed and what was lost. It
 * speaks of the moment that is drawn, which is a little behind the newest that the cluster told.
 */
import { useRef } from 'react';
import { SECOND, type Ns } from '../sim/clock/clock';
import { innermost } from '../sim/trace/describe';
import { explain, explainEnd } from '../sim/trace/explain';
import type { PacketTrace } from '../sim/trace/hop';
import { useDrawn, type DrawnState } from '../state/drawn';
import { hopIndexAt, isOver, nameOfIp, shortNameOfIp } from '../state/flight';
import { mirror, rowsOf, tableOf, underWay } from '../state/mirror';
import { useRecord } from '../state/mirror-hooks';
import { session, useSession } from '../state/session';
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

/** With more packets than this on their way no single one is told of: nobody could find it on the canvas. */
const MOST_TOLD = 20;

/** With no packet open, the caption tells of one under way: it stays with it to its end, then goes on with the newest. */
function useFollowed(): number | null {
  const last = useRef<number | null>(null);
  return useDrawn(({ nowNs, moving }) => {
    const fast = mirror.getState().nsPerSecond >= RATES_FROM_NS_PER_SECOND;
    if (fast || moving > MOST_TOLD) return (last.current = null);
    const kept = last.current === null ? undefined : tableOf('packets').get(String(last.current));
    if (kept !== undefined && isTold(kept, nowNs)) return last.current;
    const newest = underWay.at(nowNs).findLast((one) => isTold(one, nowNs));
    return (last.current = newest?.id ?? null);
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

/** "frontend → backend": the ends as the sender knows them. */
function betweenWords({ hops }: PacketTrace): string {
  const { ip } = innermost(hops[0]!.before);
  if (ip === undefined) return '';
  return `${shortNameOfIp(ip.src) ?? ip.src} → ${shortNameOfIp(ip.dst) ?? ip.dst}`;
}

function PacketCaption({ trace }: { trace: PacketTrace }) {
  const chosen = useSession((state) => state.hop);
  const paused = useSession((state) => state.pace.paused);
  const live = useDrawn((state) => hopIndexAt(trace, state.nowNs));
  const over = useDrawn((state) => isOver(trace, state.nowNs));
  const at = Math.min(Math.max(0, chosen ?? live), trace.hops.length - 1);
  return (
    <>
      <div className="row" aria-live={paused ? 'polite' : 'off'}>
        <span className="told">
          <span className="n">
            {at + 1}
            {trace.end !== null && <span className="k3">/{trace.hops.length}</span>}
          </span>
          <Sentence text={sentenceAt(trace, at, over)} />
        </span>
        <span className="who k2">
          {trace.label} {betweenWords(trace)}
        </span>
      </div>
      <HopRuler trace={trace} at={at} live={live} over={over} />
    </>
  );
}

/** What is on the wires, in words; null when nothing is. */
function movingWords({ nowNs, moving, left }: DrawnState): string | null {
  if (left > 0) return `${moving} packets are on the way, ${moving - left} of them drawn`;
  const count = underWay.at(nowNs).reduce((sum, { role }) => sum + (role === 'arp' ? 0 : 1), 0);
  if (count === 0) return null;
  return count === 1
    ? 'One packet is on the way. Click it to stop it and read its headers'
    : `${count} packets are on the way. Click one to stop it and read its headers`;
}

/** What is going on when no packet is open. */
function whatHappens(state: DrawnState, fast: boolean): string {
  const { nowNs } = state;
  const moving = fast ? null : movingWords(state);
  if (moving !== null) return moving;
  const change = rowsOf('changes').findLast((one) => one.atNs <= nowNs);
  const recent = change !== undefined && nowNs - change.atNs < 20e9;
  if (recent) {
    const [kind = '', , name = ''] = change.ref.split('/');
    const who = kind === 'Node' ? name : `${kind} ${name}`;
    // A slice's line begins with its Service already.
    return change.kind === 'endpoints' ? `Endpoints of ${change.text}` : `${who}: ${change.text}`;
  }
  const born = fast ? bornSince(nowNs - SECOND, nowNs) : 0;
  return born > 0 ? `${born} packets in the last second` : 'Nothing is on the wires';
}

function bornSince(fromNs: Ns, untilNs: Ns): number {
  let born = 0;
  for (const { role, bornNs } of rowsOf('packets'))
    if (role !== 'arp' && bornNs > fromNs && bornNs <= untilNs) born++;
  return born;
}

/** How often a sentence with a number in it may change, ms: more often nobody could read it. */
const CALM_MS = 250;

/** What happens, in a sentence that stands still long enough to be read; exact as soon as time stands still. */
function useWhatHappens(): string {
  const last = useRef({ atMs: -Infinity, nowNs: -1, text: '' });
  return useDrawn((state) => {
    const { facts, nsPerSecond } = mirror.getState();
    if (facts === null) return 'The cluster is starting';
    const { auto, paused } = session.getState().pace;
    const atMs = performance.now();
    const fresh = atMs - last.current.atMs < CALM_MS;
    if (last.current.nowNs === state.nowNs || (fresh && !paused)) return last.current.text;
    const text = whatHappens(state, !auto && nsPerSecond >= RATES_FROM_NS_PER_SECOND);
    last.current = { atMs, nowNs: state.nowNs, text };
    return text;
  });
}

function TimeCaption() {
  const text = useWhatHappens();
  return (
    <>
      <div className="row">
        <Sentence text={text} />
      </div>
      <TimeRuler />
    </>
  );
}
