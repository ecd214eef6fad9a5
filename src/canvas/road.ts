/**
 * One machine's road, as the look draws it: pods hang from the bridge on veths; whatever device a packet comes from, it
 * takes the left rail to PREROUTING, goes left to right, and leaves by the right rail. That is the order of the hooks
 * in Linux (net/netfilter), so requests, replies and unwrapped packets read the same way.
 */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** A corner that is not rounded: on a bridge, at a socket. */
  readonly sharp?: boolean;
}

/** How a node turns a Service's address into a pod's: chains, a map, a balancer behind INPUT, or at the socket. */
export type ProxyMode = 'iptables' | 'nftables' | 'ipvs' | 'ebpf';

export type StationName =
  'prerouting' | 'services' | 'routes' | 'forward' | 'postrouting' | 'input' | 'output' | 'local';

/** A pod's wire to the bridge: from the card's lower edge to its foot. */
export interface Veth {
  readonly points: readonly Point[];
  readonly socket: Point;
  readonly foot: Point;
}

export interface MachineRoad {
  readonly railL: number;
  readonly railR: number;
  readonly busY: number;
  readonly roadY: number;
  readonly tunnelY: number;
  readonly nicY: number;
  readonly underlayY: number;
  readonly centre: number;
  readonly stations: Readonly<Record<StationName, Point>>;
  /** Where packets from OUTPUT come onto the road: past FORWARD, which they do not meet. */
  readonly joinX: number;
  readonly tunnel: Rect;
  readonly nic: Rect;
  /** Arms of the bridge that reach up between the columns of many rows of pods. */
  readonly arms: readonly { readonly x: number; readonly top: number }[];
  /** By pod ref. */
  readonly veths: ReadonlyMap<string, Veth>;
}

/** A pod in its row and column of a machine's grid. */
export interface Seat {
  readonly ref: string;
  readonly rect: Rect;
  readonly column: number;
  readonly columns: number;
  readonly row: number;
  readonly rows: number;
}

export interface RoadInput {
  readonly rect: Rect;
  readonly busY: number;
  readonly roadY: number;
  readonly tunnelY: number;
  readonly nicY: number;
  readonly underlayY: number;
  readonly seats: readonly Seat[];
  readonly gap: number;
  readonly mode: ProxyMode;
}

const RAIL_INSET = 30;
/** A packet at a socket hangs just below the card, clear of the address. */
const SOCKET_DROP = 5;
const STATION_INSET = 42;
/** INPUT and OUTPUT stand this far from the middle, further where IPVS stands between them, and below the road. */
const SIDING = 30;
const IPVS_SIDING = 42;
const SIDING_DROP = 58;

/** From more rows than this, pods hang from arms of the bridge: wires of their own would become a thicket. */
export const COMB_ROWS = 3;

/** One arm a gap that is in use, as high as its highest pod. */
function armsOf(veths: Iterable<Veth>, busY: number): { x: number; top: number }[] {
  const tops = new Map<number, number>();
  for (const { foot } of veths) {
    if (foot.y < busY - 1) tops.set(foot.x, Math.min(foot.y, tops.get(foot.x) ?? Infinity));
  }
  return [...tops].map(([x, top]) => ({ x, top })).sort((a, b) => a.x - b.x);
}

export function roadOf(input: RoadInput): MachineRoad {
  const { rect, busY, roadY, tunnelY, nicY, underlayY } = input;
  const railL = rect.x + RAIL_INSET;
  const railR = rect.x + rect.w - RAIL_INSET;
  const centre = rect.x + rect.w / 2;
  const pre = railL + STATION_INSET;
  const post = railR - STATION_INSET;
  const sidingY = roadY + SIDING_DROP;
  const siding = input.mode === 'ipvs' ? IPVS_SIDING : SIDING;
  const quarter = (pre + centre) / 2;
  // IPVS takes packets that INPUT has passed, before the host itself would.
  const services = input.mode === 'ipvs' ? { x: centre, y: sidingY } : { x: quarter, y: roadY };
  const veths = new Map<string, Veth>();
  for (const seat of input.seats) veths.set(seat.ref, vethOf(seat, busY, input.gap, railL, railR));
  return {
    railL,
    railR,
    busY,
    roadY,
    tunnelY,
    nicY,
    underlayY,
    centre,
    joinX: post - Math.max(14, Math.min(22, (post - centre) / 2 - 36)),
    stations: {
      prerouting: { x: pre, y: roadY },
      services,
      routes: { x: centre, y: roadY },
      forward: { x: (centre + post) / 2, y: roadY },
      postrouting: { x: post, y: roadY },
      input: { x: centre - siding, y: sidingY, sharp: true },
      output: { x: centre + siding, y: sidingY },
      local: { x: centre, y: roadY + 92 },
    },
    tunnel: { x: centre - 74, y: tunnelY - 15, w: 148, h: 30 },
    nic: { x: centre - 76, y: nicY - 15, w: 152, h: 30 },
    arms: armsOf(veths.values(), busY),
    veths,
  };
}

/** The lowest row hangs straight down; upper rows go round through the gap between columns, each on its own line. */
function vethOf(seat: Seat, busY: number, gap: number, railL: number, railR: number): Veth {
  const { rect, row, rows, column, columns } = seat;
  const x = rect.x + rect.w / 2;
  const edge: Point = { x, y: rect.y + rect.h, sharp: true };
  const socket: Point = { x, y: edge.y + SOCKET_DROP, sharp: true };
  if (row === rows - 1) {
    const foot: Point = { x: Math.min(Math.max(x, railL), railR), y: busY, sharp: true };
    return { points: [edge, socket, foot], socket, foot };
  }
  // The last column has no gap to its right, so it shares the gap before it.
  const last = column === columns - 1;
  const gapLeft = last ? rect.x - gap : rect.x + rect.w;
  if (rows > COMB_ROWS) {
    const turnY = edge.y + 7;
    const foot: Point = { x: gapLeft + gap / 2, y: turnY, sharp: true };
    return { points: [edge, socket, { x, y: turnY, sharp: true }, foot], socket, foot };
  }
  const lanes = 2 * (rows - 1) + 1;
  const lane = (last ? rows - 1 : 0) + row + 1;
  const laneX = gapLeft + (gap * lane) / lanes;
  const turnY = edge.y + (last ? 10 : 6);
  const foot: Point = { x: laneX, y: busY, sharp: true };
  return {
    points: [edge, socket, { x, y: turnY, sharp: true }, { x: laneX, y: turnY, sharp: true }, foot],
    socket,
    foot,
  };
}
