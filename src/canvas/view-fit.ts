/** How the view begins, and how much it shows at each distance. */

export type Level = 'far' | 'near' | 'close';

/** Far under 0.5, near to 0.9, close above: the look's three distances. */
export function levelOf(zoom: number): Level {
  if (zoom < 0.5) return 'far';
  return zoom < 0.9 ? 'near' : 'close';
}

/** Windows lower than this, in px, cannot show a machine from its pods to its wire. */
const LOW = 320;
const NEAR = 0.6;

/** Everything in view where that stays readable; otherwise the top, at a size that can be read. */
export function fitOf(
  size: { readonly w: number; readonly h: number; readonly narrow: boolean },
  width: number,
  height: number,
  scale = 1,
): { x: number; y: number; zoom: number } {
  const across = width / size.w;
  const down = height / size.h;
  let zoom = Math.min(scale, across, down);
  if (size.narrow) zoom = Math.min(scale, across);
  // Slightly too tall: better cut at the foot than drop a level.
  else if (down < 0.9 * scale && down >= 0.8 * scale && across >= 0.9 * scale) zoom = 0.9 * scale;
  // A window as low as a telephone's on its side shows the top, near enough for cards.
  zoom = Math.max(zoom, height < LOW ? Math.min(scale, across, NEAR) : 0.3);
  return {
    x: Math.max(0, (width - size.w * zoom) / 2),
    y: Math.max(0, Math.min(24, (height - size.h * zoom) / 2)),
    zoom,
  };
}
