/**
 * Which pod sits where in its machine. A place stays when its pod goes, crossed out for a moment, and only then closes,
 * so that nothing jumps under the eye. Pure: the state before, the pods now and the wall clock give the state after.
 */
import type { PodView } from '../sim/view';

export interface Slot {
  /** The pod as it was last seen. */
  readonly pod: PodView;
  /** Wall-clock ms since which it is gone; null while it lives. */
  readonly goneAtMs: number | null;
}

/** By node name; the order of the list is the order on the screen. */
export type Slots = ReadonlyMap<string, readonly Slot[]>;

/** How long the place of a pod that is gone stays, in ms of the visitor's time. */
export const GONE_MS = 1_600;

/** Brings the places up to date. Gives back `before` itself when nothing changed. */
export function nextSlots(before: Slots, pods: readonly PodView[], nowMs: number): Slots {
  const living = new Map(pods.filter((pod) => pod.node !== null).map((pod) => [pod.ref, pod]));
  const after = new Map<string, Slot[]>();
  let changed = false;
  for (const [node, slots] of before) {
    const kept: Slot[] = [];
    for (const slot of slots) {
      const pod = living.get(slot.pod.ref);
      if (pod !== undefined && pod.node === node) {
        living.delete(pod.ref);
        const same = slot.goneAtMs === null && slot.pod === pod;
        if (!same) changed = true;
        kept.push(same ? slot : { pod, goneAtMs: null });
      } else if (slot.goneAtMs === null) {
        changed = true;
        kept.push({ ...slot, goneAtMs: nowMs });
      } else if (nowMs - slot.goneAtMs < GONE_MS) kept.push(slot);
      else changed = true;
    }
    if (kept.length > 0) after.set(node, kept);
    else changed = true;
  }
  const newcomers = [...living.values()].sort(
    (a, b) => a.createdNs - b.createdNs || (a.ref < b.ref ? -1 : 1),
  );
  for (const pod of newcomers) {
    changed = true;
    const slots = after.get(pod.node!) ?? [];
    slots.push({ pod, goneAtMs: null });
    after.set(pod.node!, slots);
  }
  return changed ? after : before;
}

/** Wall-clock ms at which the next place closes; null when all pods live. */
export function nextClosing(slots: Slots): number | null {
  let next: number | null = null;
  for (const list of slots.values()) {
    for (const { goneAtMs } of list) {
      if (goneAtMs !== null && (next === null || goneAtMs + GONE_MS < next)) next = goneAtMs + GONE_MS;
    }
  }
  return next;
}
