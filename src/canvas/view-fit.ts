/** How the view begins, and how much it shows at each distance. */

export type Level = 'far' | 'near' | 'close';

/** Far under 0.5, near to 0.9, close above: the look's three distances. */
export function levelOf(zoom: number): Level {
  if (zoom < 0.5) return 'far';
  return zoom < 0.9 ? 'near' : 'close';
}

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
  zoom = Math.max(zoom, 0.3);
  return {
    x: Math.max(0, (width - size.w * zoom) / 2),
    y: Math.max(0, Math.min(24, (height - size.h * zoom) / 2)),
    zoom,
  };
}
