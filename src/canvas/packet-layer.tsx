import type { RefObject } from 'react';
import type { Scenery } from './use-layout';

export function PacketLayer(_: { box: RefObject<HTMLDivElement | null>; scenery: Scenery }) {
  return null;
}
