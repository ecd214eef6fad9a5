/**
 * The moment that is on the canvas. Patches come in steps and the drawing runs on between them a few frames behind the
 * newest; whatever speaks of the picture (the caption) goes by this moment and not by the mirror's.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { Ns } from '../sim/clock/clock';

/** What the newest frame shows. */
export interface DrawnState {
  /** Virtual time of the frame on the screen. */
  readonly nowNs: Ns;
  /** Packets on their way in that frame, and how many of them are too many to be drawn. */
  readonly moving: number;
  readonly left: number;
}

/** Written by the painter alone. */
export const drawn = createStore<DrawnState>(() => ({ nowNs: 0, moving: 0, left: 0 }));

/** Something computed from what is drawn. `select` must return a primitive or a kept reference. */
export function useDrawn<V>(select: (state: DrawnState) => V): V {
  return useStore(drawn, select);
}
