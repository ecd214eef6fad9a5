/** The two halves of a place's id, "kind:owner". They are asked for in every frame, so each id is cut once. */
import type { PlaceId } from './wires';

/** "foot:Pod/default/web" is a foot, and the pod's. */
export interface PlaceName {
  readonly kind: string;
  /** Machine or pod; a pod's ref may hold colons of its own. */
  readonly owner: string;
}

const known = new Map<PlaceId, PlaceName>();
/** Pods come and go: what is cut is forgotten when there is too much of it. */
const MOST = 20_000;

/** Cuts a place's id; one without a colon is a kind that nobody owns. */
export function placeName(place: PlaceId): PlaceName {
  const name = known.get(place);
  if (name !== undefined) return name;
  if (known.size >= MOST) known.clear();
  const colon = place.indexOf(':');
  const fresh =
    colon < 0 ? { kind: place, owner: '' } : { kind: place.slice(0, colon), owner: place.slice(colon + 1) };
  known.set(place, fresh);
  return fresh;
}
