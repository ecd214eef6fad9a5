/**
 * Where everything stands: a deterministic grid. The rail of names on top, machines side by side, one underlay below
 * each row of machines. Pure: the same cluster and the same width give the same picture, so nothing jumps by chance.
 * Real clusters have no such picture; the order along a machine's road is that of Linux' netfilter hooks.
 */
import {
  GAP,
  placePods,
  placeServices,
  placeTray,
  POD_MIN,
  seatsOf,
  type Columns,
  type MachineInput,
  type MoreCard,
} from './place';
import { placeOutside, type OutsideInput, type OutsideLayout } from './place-outside';
import { roadOf, type MachineRoad, type ProxyMode, type Rect } from './road';

export interface LayoutInput {
  /** Size of the window onto the canvas, in px; widths adapt to it. */
  readonly width: number;
  readonly height: number;
  readonly services: readonly string[];
  readonly machines: readonly MachineInput[];
  /** Pods that no node has taken. */
  readonly pending: readonly string[];
  /** The machines beyond the nodes that are drawn. */
  readonly outside: readonly OutsideInput[];
  /** Where the nodes decide for Services stands at another place in each mode. */
  readonly mode?: ProxyMode;
  /** Pods on the host's own network: they have no wire to the bridge. */
  readonly hostPods?: ReadonlySet<string>;
}

export interface MachineLayout extends MachineRoad {
  readonly rect: Rect;
  readonly name: string;
  readonly hasBridge: boolean;
  readonly hasTunnel: boolean;
  /** Row of machines it stands in, from 0. */
  readonly row: number;
}

export interface UnderlayLayout {
  readonly y: number;
  readonly x1: number;
  readonly x2: number;
}

export interface CanvasLayout {
  readonly width: number;
  readonly height: number;
  /** Narrow screens: machines stacked, service cards in one line each. */
  readonly narrow: boolean;
  readonly services: ReadonlyMap<string, Rect>;
  /** Cards that stand for Services without one. */
  readonly more: readonly MoreCard[];
  readonly machines: ReadonlyMap<string, MachineLayout>;
  /** Every pod that has a place, also those in the tray, by ref. */
  readonly pods: ReadonlyMap<string, Rect>;
  readonly tray: Rect | null;
  readonly underlays: readonly UnderlayLayout[];
  /** Vertical wire that joins the underlays of several rows. */
  readonly spineX: number | null;
  readonly outside: OutsideLayout | null;
  readonly mode: ProxyMode;
  /** Height without the tray: pods come and go there, and the view must not jump with them. */
  readonly fitHeight: number;
}

const MARGIN = 16;
const NARROW = 640;
const MACHINE_MIN = 376;
const MACHINE_MAX = 640;
/** A machine that stands alone may be wider. */
const SINGLE_MAX = 800;
const MOST_COLUMNS = 8;
/** Pods on one machine from which wider machines are tried. */
const CROWD = 12;
const WIDER: readonly number[] = [504, 632, 760];

/** Vertical measures between tight (screen C) and airy (screen A). */
interface Air {
  readonly toMachines: number;
  readonly podHeight: number;
  readonly toBus: number;
  readonly toRoad: number;
  readonly toTunnel: number;
  readonly toNic: number;
}

function airOf(share: number): Air {
  const between = (tight: number, airy: number): number => Math.round(tight + (airy - tight) * share);
  return {
    toMachines: between(18, 26),
    podHeight: between(66, 72),
    toBus: between(30, 44),
    toRoad: between(84, 122),
    toTunnel: between(122, 140),
    toNic: between(58, 82),
  };
}

const TO_UNDERLAY = 44;
const BELOW_UNDERLAY = 26;
/** IPVS stands on the way from INPUT to OUTPUT, below the road, and its board below that. */
const IPVS_ROOM = 30;
const ROW_GAP = 20;

function columnsOf(input: LayoutInput, narrow: boolean, columns: number, least: number): Columns {
  const margin = narrow ? 12 : MARGIN;
  const room = Math.max(input.width, 360) - 2 * margin;
  const share = (room - GAP * (columns - 1)) / columns;
  const most = columns === 1 ? SINGLE_MAX : MACHINE_MAX;
  const machineWidth = Math.floor(
    narrow ? room : Math.max(least, Math.min(most, Math.max(MACHINE_MIN, share))),
  );
  const podColumns = Math.max(2, Math.floor((machineWidth - 32 + 8) / (POD_MIN + 8)));
  return { columns, machineWidth, podColumns };
}

/** Rows of pods the fullest machine of each row of machines needs; at least one, so that a first pod moves nothing. */
function podRowsOf(input: LayoutInput, { columns, podColumns }: Columns): number[] {
  const rows: number[] = [];
  input.machines.forEach((machine, i) => {
    const row = Math.floor(i / columns);
    rows[row] = Math.max(rows[row] ?? 1, Math.ceil(machine.slots.length / podColumns));
  });
  return rows;
}

/** Lays out the whole canvas. O(machines + pods + services) for each number of columns that is tried. */
export function layoutOf(input: LayoutInput): CanvasLayout {
  if (input.width < NARROW) return withColumns(input, true, 1, 0);
  const most = Math.max(1, Math.min(input.machines.length, MOST_COLUMNS));
  const crowd = Math.max(0, ...input.machines.map(({ slots }) => slots.length));
  // Machines with many pods may be wider than their share: rows of pods cost height.
  const widths = crowd > CROWD ? [0, ...WIDER] : [0];
  let best = withColumns(input, false, 1, 0);
  for (let columns = 1; columns <= most; columns++) {
    for (const least of widths) {
      const next = withColumns(input, false, columns, least);
      // What can be seen largest wins; of equals the fewest rows of machines, and of those the fewest columns.
      const gain = scaleOf(next, input) - scaleOf(best, input);
      if (gain > 0.01 || (gain > -0.01 && next.underlays.length < best.underlays.length)) best = next;
    }
  }
  return best;
}

function scaleOf(layout: CanvasLayout, { width, height }: LayoutInput): number {
  return Math.min(1, width / layout.width, height / layout.fitHeight);
}

/** As airy as the window's height allows. */
function withColumns(input: LayoutInput, narrow: boolean, count: number, least: number): CanvasLayout {
  const columns = columnsOf(input, narrow, count, least);
  const podRows = podRowsOf(input, columns);
  const airy = build(input, narrow, columns, podRows, airOf(1));
  if (airy.fitHeight <= input.height || narrow) return airy;
  const tight = build(input, narrow, columns, podRows, airOf(0));
  if (tight.fitHeight >= input.height) return tight;
  const share = (input.height - tight.fitHeight) / (airy.fitHeight - tight.fitHeight);
  return build(input, narrow, columns, podRows, airOf(Math.floor(share * 20) / 20));
}

function outsideOf(
  { outside }: LayoutInput,
  last: UnderlayLayout | undefined,
  where: { readonly x: number; readonly w: number; readonly narrow: boolean },
): OutsideLayout | null {
  if (outside.length === 0 || last === undefined) return null;
  return placeOutside(outside, { underlayY: last.y, ...where });
}

function build(
  input: LayoutInput,
  narrow: boolean,
  columns: Columns,
  podRows: readonly number[],
  air: Air,
): CanvasLayout {
  const margin = narrow ? 12 : MARGIN;
  const inner = columns.columns * columns.machineWidth + (columns.columns - 1) * GAP;
  const width = inner + 2 * margin;
  const services = placeServices(input.services, margin, inner, narrow);
  const mode = input.mode ?? 'iptables';
  const pods = new Map<string, Rect>();
  const machines = new Map<string, MachineLayout>();
  const underlays: UnderlayLayout[] = [];
  let y = services.bottom + (input.services.length === 0 ? 8 : air.toMachines);
  podRows.forEach((rows, row) => {
    const members = input.machines.slice(row * columns.columns, (row + 1) * columns.columns);
    const rowPods = placePods(members, { top: y, left: margin, rows, columns, podHeight: air.podHeight });
    for (const [ref, rect] of rowPods.pods) pods.set(ref, rect);
    const busY = rowPods.bottom + air.toBus;
    const roadY = busY + air.toRoad;
    const tunnelY = roadY + air.toTunnel + (mode === 'ipvs' ? IPVS_ROOM : 0);
    const nicY = tunnelY + air.toNic;
    const underlayY = nicY + TO_UNDERLAY;
    members.forEach((machine, i) => {
      const rect: Rect = {
        x: margin + i * (columns.machineWidth + GAP),
        y,
        w: columns.machineWidth,
        h: nicY - y,
      };
      const all = seatsOf(machine, rowPods.pods, columns.podColumns);
      const seats = all.filter(({ ref }) => input.hostPods?.has(ref) !== true);
      const road = roadOf({ rect, busY, roadY, tunnelY, nicY, underlayY, seats, gap: rowPods.gap, mode });
      const { name, hasBridge, hasTunnel } = machine;
      machines.set(name, { ...road, rect, name, hasBridge, hasTunnel, row });
    });
    underlays.push({ y: underlayY, x1: margin, x2: margin + inner });
    y = underlayY + BELOW_UNDERLAY + (row < podRows.length - 1 ? ROW_GAP : 0);
  });
  const last = underlays.at(-1);
  const outside = outsideOf(input, last, { x: margin, w: inner, narrow });
  if (outside !== null) y = outside.rect.y + outside.rect.h + 10;
  const tray = placeTray(input.pending, y, margin, inner, pods);
  return {
    width,
    height: tray === null ? y : tray.y + tray.h + 16,
    narrow,
    services: services.rects,
    more: services.more,
    machines,
    pods,
    tray,
    underlays,
    spineX: underlays.length > 1 ? (narrow ? 4 : 5) : null,
    outside,
    mode,
    fitHeight: y,
  };
}
