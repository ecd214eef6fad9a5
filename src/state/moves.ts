/**
 * What a visitor opens and closes: a packet, a request, an object, the line behind a field. Each concerns more than one
 * store; the canvas, the inspector and the keys all call these.
 */
import { tableOf } from './mirror';
import { jumpTo } from './places';
import { session, showPanel } from './session';
import { setPace, theClient } from './wire';

/** Opens a packet: the clock stops and the inspector lists its hops. */
export function openPacket(id: number, hop: number | null = null): void {
  session.setState({ selection: { kind: 'packet', id }, hop, litRange: null });
  // Watching also brings the hops that were left out while time ran fast.
  setPace({ paused: true, watchedPacket: id, watchedRequest: requestOf(id) });
  showPanel('inspector', true);
}

/** The failure of a packet is explained by its siblings, so all of them are told in full. */
function requestOf(packet: number): number | null {
  return tableOf('packets').get(String(packet))?.requestId || null;
}

/** Opens a request: its packets and its outcome. */
export function openRequest(id: number): void {
  session.setState({ selection: { kind: 'request', id }, hop: null, litRange: null });
  setPace({ watchedRequest: id });
  showPanel('inspector', true);
}

/** Opens an object, and brings its lines into view without taking the focus. */
export function openRef(ref: string): void {
  session.setState({ selection: { kind: 'ref', ref }, hop: null, litRange: null });
  stopWatching();
  showPanel('inspector', true);
  void theClient()
    .locate(ref, '')
    .then(({ range }) => {
      const now = session.getState().selection;
      if (range !== null && now?.kind === 'ref' && now.ref === ref) jumpTo(range, false);
    });
}

/** Closes what is open; time goes on as the visitor left it. */
export function closeSelection(): void {
  session.setState((state) => ({
    selection: null,
    hop: null,
    litRange: null,
    sheet: state.sheet === 'inspector' ? null : state.sheet,
  }));
  stopWatching();
}

/** Time is no longer held at each hop of the packet that was open. */
function stopWatching(): void {
  const { watchedPacket, watchedRequest } = session.getState().pace;
  if (watchedPacket !== null || watchedRequest != null)
    setPace({ watchedPacket: null, watchedRequest: null });
}

/** Takes the editor to the line behind an object's field. Returns what to say when there is none. */
export async function jumpToSource(ref: string, path: string): Promise<string | null> {
  const { range, from } = await theClient().locate(ref, path);
  if (range === null) return from;
  jumpTo(range);
  return null;
}
