/** Moving through time by hand: hop by hop, event by event, back, and on. The bar, the keys and the canvas call these. */
import type { Ns } from '../sim/clock/clock';
import { hopIndexAt } from './flight';
import { mirror, rowsOf, tableOf } from './mirror';
import { session } from './session';
import { setPace, theClient } from './wire';

/** Stands on a hop of the open packet; null follows it as it goes. */
export function standOnHop(hop: number | null): void {
  session.setState({ hop });
}

function openTrace() {
  const { selection } = session.getState();
  if (selection?.kind !== 'packet') return null;
  return tableOf('packets').get(String(selection.id)) ?? null;
}

/** One hop on: through what is recorded first, then the clock runs to the packet's next hop, or to anyone's. */
export function stepHop(): void {
  const trace = openTrace();
  const now = mirror.getState().nowNs;
  const { hop } = session.getState();
  const live = trace === null ? -1 : hopIndexAt(trace, now);
  if (hop !== null && hop < live) {
    standOnHop(hop + 1 === live ? null : hop + 1);
    return;
  }
  session.setState({ hop: null });
  setPace({ paused: true });
  // One that is over is told, too: the worker goes on with what follows in the same conversation.
  theClient().send({ type: 'step-hop', packet: trace?.id ?? null });
}

/** Runs the clock to the next thing that is due, whatever it is. */
export function stepEvent(): void {
  session.setState({ hop: null });
  setPace({ paused: true });
  theClient().send({ type: 'step-event' });
}

/** One hop back while a packet is open; otherwise the cluster goes back to the last moment at which something began. */
export function stepBack(): void {
  const trace = openTrace();
  if (trace !== null) {
    const at = session.getState().hop ?? hopIndexAt(trace, mirror.getState().nowNs);
    if (at > 0) standOnHop(at - 1);
    return;
  }
  setPace({ paused: true });
  theClient().send({ type: 'rewind', toNs: lastBeginning(mirror.getState().nowNs) });
}

/** The latest time before `nowNs` at which a request or packet began or the control plane changed something. */
function lastBeginning(nowNs: Ns): Ns {
  let best = 0;
  const offer = (atNs: Ns): void => {
    if (atNs < nowNs && atNs > best) best = atNs;
  };
  for (const packet of rowsOf('packets')) offer(packet.bornNs);
  for (const request of rowsOf('requests')) offer(request.startNs);
  for (const change of rowsOf('changes')) offer(change.atNs);
  return best;
}

/** Pauses or goes on. Going on while standing on an old hop follows the packet again. */
export function togglePlay(): void {
  const { pace } = session.getState();
  if (pace.paused) session.setState({ hop: null });
  setPace({ paused: !pace.paused });
}
