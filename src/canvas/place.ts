/** Rows and columns of cards: the rail of names, the pods of a row of machines, the tray of pods without a node. */
import { railCells } from './rail';
import { COMB_ROWS, type Rect, type Seat } from './road';

export const GAP = 16;
export const POD_MIN = 106;
const SERVICE_MIN = 244;
const LOW_MIN = 190;
/** Room for a machine's name above its pods. */
const HEADER = 44;

/** A machine as the layout needs it. `slots` are pod refs in their places, null where a place is free. */
export interface MachineInput {
  readonly name: string;
  readonly slots: readonly (string | null)[];
  readonly hasBridge: boolean;
  readonly hasTunnel: boolean;
}

/** How many machines stand side by side, how wide they are, and how many pods fit across one. */
export interface Columns {
  readonly columns: number;
  readonly machineWidth: number;
  readonly podColumns: number;
}

/** A card that stands for the Services of a namespace that have none of their own. */
export interface MoreCard {
  readonly namespace: string;
  readonly refs: readonly string[];
  readonly rect: Rect;
}

export interface ServiceRail {
  readonly rects: Map<string, Rect>;
  readonly more: readonly MoreCard[];
  readonly bottom: number;
}

/** Rows of the rail, at most. */
const MOST_ROWS = 3;
const MOST_NARROW = 4;

/** Cards of the rail, as many side by side as fit; with many names lower ones, so that the machines keep the screen. */
export function placeServices(
  refs: readonly string[],
  margin: number,
  inner: number,
  narrow: boolean,
): ServiceRail {
  const top = narrow ? 10 : 32;
  const most = narrow ? 1 : Math.max(1, Math.floor((inner + GAP) / (SERVICE_MIN + GAP)));
  const low = narrow || refs.length > most;
  const height = narrow ? 40 : low ? 52 : 84;
  const gap = low ? 8 : GAP;
  const across = low && !narrow ? Math.max(1, Math.floor((inner + gap) / (LOW_MIN + gap))) : most;
  const columns = Math.max(1, Math.min(refs.length, across));
  const w = (inner - gap * (columns - 1)) / columns;
  const rects = new Map<string, Rect>();
  const more: MoreCard[] = [];
  const cells = railCells(refs, columns * (narrow ? MOST_NARROW : MOST_ROWS));
  cells.forEach((cell, i) => {
    const column = i % columns;
    const row = Math.floor(i / columns);
    const rect = { x: margin + column * (w + gap), y: top + row * (height + gap), w, h: height };
    if (cell.kind === 'service') rects.set(cell.ref, rect);
    else more.push({ namespace: cell.namespace, refs: cell.refs, rect });
  });
  const rows = Math.ceil(cells.length / columns);
  return { rects, more, bottom: rows === 0 ? 12 : top + rows * height + (rows - 1) * gap };
}

interface PodRows {
  readonly pods: Map<string, Rect>;
  readonly bottom: number;
  /** Space between columns, wide enough for the wires of upper rows. */
  readonly gap: number;
}

/** Cards of one row of machines. */
export function placePods(
  members: readonly MachineInput[],
  where: { top: number; left: number; rows: number; columns: Columns; podHeight: number },
): PodRows {
  const { top, rows, podHeight } = where;
  const { machineWidth, podColumns } = where.columns;
  const gap = rows === 1 ? 8 : rows > COMB_ROWS ? 20 : Math.min(8 + 4 * (rows - 1), 24);
  const w = (machineWidth - 32 - gap * (podColumns - 1)) / podColumns;
  const h = rows > COMB_ROWS ? 46 : podHeight;
  const rowGap = 14;
  const pods = new Map<string, Rect>();
  members.forEach((machine, i) => {
    const left = where.left + i * (machineWidth + GAP) + 16;
    machine.slots.forEach((ref, slot) => {
      if (ref === null) return;
      const column = slot % podColumns;
      const row = Math.floor(slot / podColumns);
      pods.set(ref, { x: left + column * (w + gap), y: top + HEADER + row * (h + rowGap), w, h });
    });
  });
  return { pods, bottom: top + HEADER + rows * h + (rows - 1) * rowGap, gap };
}

export function seatsOf(machine: MachineInput, pods: ReadonlyMap<string, Rect>, columns: number): Seat[] {
  const rows = Math.max(1, Math.ceil(machine.slots.length / columns));
  return machine.slots.flatMap((ref, slot) => {
    const rect = ref === null ? undefined : pods.get(ref);
    if (ref === null || rect === undefined) return [];
    return [{ ref, rect, column: slot % columns, columns, row: Math.floor(slot / columns), rows }];
  });
}

/** Cards of pods that no node has taken, in a box of their own. */
export function placeTray(
  refs: readonly string[],
  top: number,
  margin: number,
  inner: number,
  pods: Map<string, Rect>,
): Rect | null {
  if (refs.length === 0) return null;
  const columns = Math.max(2, Math.floor((inner - 32 + 8) / (POD_MIN + 24)));
  const w = Math.min(150, (inner - 32 - 8 * (columns - 1)) / columns);
  refs.forEach((ref, i) => {
    const column = i % columns;
    const row = Math.floor(i / columns);
    pods.set(ref, { x: margin + 16 + column * (w + 8), y: top + 36 + row * 80, w, h: 72 });
  });
  const rows = Math.ceil(refs.length / columns);
  return { x: margin, y: top, w: inner, h: 36 + rows * 80 + 8 };
}
