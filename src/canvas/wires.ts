/**
 * The wires as a directed graph: which drawn line leads from one station to the next. A packet's way between two hops is
 * the shortest way along these lines, never across the paper. Sockets, devices and tunnels end a line: nothing is
 * drawn through them that was not there.
 */
import type { CanvasLayout, MachineLayout } from './layout';
import type { OutsidePlace } from './place-outside';
import type { Point, ProxyMode } from './road';

/** Names of places: "pod:<ref>", "foot:<ref>", "<station>:<machine>", "tunnelL:", "tunnelR:", "nic:", "wan:", "lap:", "tap:", "wantap:". */
export type PlaceId = string;

interface Line {
  readonly to: PlaceId;
  readonly points: readonly Point[];
  readonly length: number;
}

export interface Wires {
  readonly at: ReadonlyMap<PlaceId, Point>;
  readonly lines: ReadonlyMap<PlaceId, readonly Line[]>;
  readonly mode: ProxyMode;
  /** Ways that were already looked up. */
  readonly known: Map<string, readonly Point[]>;
}

/** Places where a way may begin or end, but that nothing passes through. */
const ENDS = /^(pod|tunnelL|tunnelR|local|socket|lap):/;

/** How far outside the rails the way round the tunnel runs. */
export const BYPASS = 14;

class Builder {
  readonly at = new Map<PlaceId, Point>();
  readonly lines = new Map<PlaceId, Line[]>();

  place(id: PlaceId, point: Point): PlaceId {
    this.at.set(id, point);
    return id;
  }

  /** A line from one place to another by way of `via`; orthogonal when the caller makes it so. */
  line(from: PlaceId, to: PlaceId, via: readonly Point[] = [], penalty = 0): void {
    const start = this.at.get(from);
    const end = this.at.get(to);
    if (start === undefined || end === undefined) return;
    const points = [start, ...via, end];
    const length = lengthOf(points) + penalty;
    const known = this.lines.get(from);
    if (known === undefined) this.lines.set(from, [{ to, points, length }]);
    else known.push({ to, points, length });
  }

  both(a: PlaceId, b: PlaceId, via: readonly Point[] = []): void {
    this.line(a, b, via);
    this.line(b, a, [...via].reverse());
  }
}

export function lengthOf(points: readonly Point[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    sum += Math.hypot(points[i]!.x - points[i - 1]!.x, points[i]!.y - points[i - 1]!.y);
  }
  return sum;
}

export function wiresOf(layout: CanvasLayout): Wires {
  const builder = new Builder();
  for (const [ref, rect] of layout.pods) {
    builder.place(`pod:${ref}`, { x: rect.x + rect.w / 2, y: rect.y + rect.h + 8, sharp: true });
  }
  for (const machine of layout.machines.values()) addMachine(builder, machine, layout.mode);
  addUnderlays(builder, layout);
  return { at: builder.at, lines: builder.lines, mode: layout.mode, known: new Map() };
}

function addMachine(builder: Builder, m: MachineLayout, mode: ProxyMode): void {
  const id = (name: string): PlaceId => `${name}:${m.name}`;
  for (const [name, point] of Object.entries(m.stations)) builder.place(id(name), point);
  addBridge(builder, m);
  builder.place(id('roadL'), { x: m.railL, y: m.roadY });
  builder.place(id('roadR'), { x: m.railR, y: m.roadY });
  const decision = mode === 'ipvs' ? [] : ['services'];
  const road = ['roadL', 'prerouting', ...decision, 'routes', 'forward', 'postrouting', 'roadR'];
  road.slice(1).forEach((name, i) => builder.line(id(road[i]!), id(name)));
  builder.line(id('busL'), id('roadL'));
  builder.line(id('roadR'), id('busR'));
  addSiding(builder, m, mode);
  addDevices(builder, m);
}

/** To the host itself by INPUT, and from it by OUTPUT back onto the road past FORWARD. */
function addSiding(builder: Builder, m: MachineLayout, mode: ProxyMode): void {
  const id = (name: string): PlaceId => `${name}:${m.name}`;
  const { routes, input, output, local } = m.stations;
  const tee = m.roadY + 24;
  builder.line(id('routes'), id('input'), [
    { x: routes.x, y: tee },
    { x: input.x, y: tee },
  ]);
  builder.line(id('input'), id('local'), [{ x: input.x, y: local.y }]);
  builder.line(id('local'), id('output'), [{ x: output.x, y: local.y }]);
  builder.line(id('output'), id('postrouting'), [
    { x: m.joinX, y: output.y },
    { x: m.joinX, y: m.roadY },
  ]);
  if (mode !== 'ipvs') return;
  builder.line(id('input'), id('services'));
  builder.line(id('services'), id('output'));
}

/** The bridge is one line with the feet of all veths on it, and both rails at its ends. */
function addBridge(builder: Builder, m: MachineLayout): void {
  const id = (name: string): PlaceId => `${name}:${m.name}`;
  const onBus: [PlaceId, number][] = [];
  const put = (place: PlaceId, x: number): void => {
    builder.place(place, { x, y: m.busY, sharp: true });
    onBus.push([place, x]);
  };
  put(id('busL'), m.railL);
  put(id('busR'), m.railR);
  for (const { x } of m.arms) put(id(`arm ${x}`), x);
  for (const [ref, veth] of m.veths) {
    if (veth.foot.y < m.busY - 1) builder.place(`foot:${ref}`, veth.foot);
    else put(`foot:${ref}`, veth.foot.x);
    builder.both(`pod:${ref}`, `foot:${ref}`, veth.points.slice(2, -1));
  }
  for (const { x } of m.arms) addArm(builder, m, x, id(`arm ${x}`));
  onBus.sort((a, b) => a[1] - b[1]);
  for (let i = 1; i < onBus.length; i++) builder.both(onBus[i - 1]![0], onBus[i]![0]);
}

/** The feet on one arm of the bridge, from its root up. */
function addArm(builder: Builder, { veths, busY }: MachineLayout, x: number, root: PlaceId): void {
  const feet = [...veths].filter(([, { foot }]) => foot.x === x && foot.y < busY - 1);
  feet.sort((a, b) => b[1].foot.y - a[1].foot.y);
  let below = root;
  for (const [ref] of feet) {
    builder.both(below, `foot:${ref}`);
    below = `foot:${ref}`;
  }
}

/** How far from a device's plate a packet stands at it: its sign leaves the device's name and address readable. */
const NIC_CLEAR = 16;
const TUNNEL_CLEAR = 24;

function addDevices(builder: Builder, m: MachineLayout): void {
  const id = (name: string): PlaceId => `${name}:${m.name}`;
  builder.place(id('nic'), { x: m.centre, y: m.nic.y - NIC_CLEAR });
  builder.place(id('tap'), { x: m.centre, y: m.underlayY, sharp: true });
  builder.both(id('nic'), id('tap'));
  const corner = (x: number, y: number): Point => ({ x, y });
  if (!m.hasTunnel) {
    builder.line(id('roadR'), id('nic'), [corner(m.railR, m.tunnelY), corner(m.centre, m.tunnelY)]);
    builder.line(id('nic'), id('roadL'), [corner(m.centre, m.tunnelY), corner(m.railL, m.tunnelY)]);
    return;
  }
  builder.place(id('tunnel'), { x: m.centre, y: m.tunnelY });
  builder.place(id('lap'), { x: m.centre, y: (m.tunnelY + m.nicY) / 2 });
  // Wrapping happens where the packet enters the plate, unwrapping where it leaves.
  builder.place(id('tunnelR'), { x: m.tunnel.x + m.tunnel.w + TUNNEL_CLEAR, y: m.tunnelY });
  builder.place(id('tunnelL'), { x: m.tunnel.x - TUNNEL_CLEAR, y: m.tunnelY });
  builder.line(id('roadR'), id('tunnelR'), [corner(m.railR, m.tunnelY)]);
  builder.line(id('tunnelL'), id('roadL'), [corner(m.railL, m.tunnelY)]);
  builder.both(id('tunnelR'), id('tunnel'));
  builder.both(id('tunnelL'), id('tunnel'));
  builder.both(id('tunnel'), id('lap'));
  builder.both(id('lap'), id('nic'));
  builder.both(id('tunnel'), id('nic'));
  // Packets that leave or come unwrapped go round the tunnel on sidings of their own.
  const [left, right] = [m.railL - BYPASS, m.railR + BYPASS];
  const low = m.nic.y - NIC_CLEAR;
  builder.line(id('roadR'), id('nic'), [corner(right, m.roadY), corner(right, low)]);
  builder.line(id('nic'), id('roadL'), [corner(left, low), corner(left, m.roadY)]);
}

function addUnderlays(builder: Builder, layout: CanvasLayout): void {
  const ends: PlaceId[] = [];
  layout.underlays.forEach((underlay, row) => {
    const taps: [PlaceId, number][] = [...layout.machines.values()]
      .filter((machine) => machine.row === row)
      .map((machine) => [`tap:${machine.name}`, machine.centre]);
    if (layout.spineX !== null) {
      taps.push([builder.place(`spine:${row}`, { x: layout.spineX, y: underlay.y }), layout.spineX]);
      ends.push(`spine:${row}`);
    }
    addOutside(builder, layout, row, taps);
    taps.sort((a, b) => a[1] - b[1]);
    for (let i = 1; i < taps.length; i++) builder.both(taps[i - 1]![0], taps[i]![0]);
  });
  for (let i = 1; i < ends.length; i++) builder.both(ends[i - 1]!, ends[i]!);
}

/** The machines beyond the nodes: those on the nodes' network join `taps`, the others their own wire. */
function addOutside(builder: Builder, layout: CanvasLayout, row: number, taps: [PlaceId, number][]): void {
  const { outside } = layout;
  if (outside === null || row !== layout.underlays.length - 1) return;
  const far: [PlaceId, number][] = [];
  for (const machine of outside.machines.values()) {
    const id = (name: string): PlaceId => `${name}:${machine.name}`;
    const { lan, lanTap, wan, wanTap, role } = machine;
    addOutsideRoad(builder, machine);
    if (lan !== null && lanTap !== null) {
      taps.push([builder.place(id('tap'), lanTap), lanTap.x]);
      builder.both(id('nic'), id('tap'));
      if (role === 'router') taps.push([builder.place('gate:', lanTap), lanTap.x]);
    }
    if (wan === null || wanTap === null) continue;
    const [port, tap] = lan === null ? [id('nic'), id('tap')] : [id('wan'), id('wantap')];
    far.push([builder.place(tap, wanTap), wanTap.x]);
    builder.both(port, tap);
  }
  far.sort((a, b) => a[1] - b[1]);
  for (let i = 1; i < far.length; i++) builder.both(far[i - 1]![0], far[i]![0]);
}

/** Stations that have no sign of their own out there. */
const INSIDE = ['prerouting', 'services', 'input', 'forward', 'output', 'postrouting'];

/** From socket to socket through one machine of the outside. */
function addOutsideRoad(builder: Builder, machine: OutsidePlace): void {
  const { lan, wan, core, rules, socket } = machine;
  const id = (name: string): PlaceId => `${name}:${machine.name}`;
  builder.place(id('routes'), core);
  builder.place(id('socket'), socket);
  builder.both(id('socket'), id('routes'));
  const port = lan ?? wan;
  if (port !== null) builder.place(id('nic'), port);
  if (lan !== null && wan !== null) builder.place(id('wan'), wan);
  for (const name of INSIDE) {
    const before = name === 'prerouting' || name === 'services';
    builder.place(id(name), before && rules !== null ? rules : core);
  }
  if (rules === null || lan === null) {
    builder.both(id('nic'), id('routes'));
    builder.both(id('wan'), id('routes'));
    for (const name of INSIDE) builder.both(id('routes'), id(name));
    return;
  }
  const shoulder = lan.y + 12;
  builder.line(id('nic'), id('prerouting'), [
    { x: lan.x, y: shoulder },
    { x: rules.x, y: shoulder },
  ]);
  builder.line(id('prerouting'), id('services'));
  builder.line(id('services'), id('routes'));
  for (const name of INSIDE.slice(2)) builder.both(id('routes'), id(name));
  builder.line(id('routes'), id('nic'), [
    { x: core.x, y: shoulder },
    { x: lan.x, y: shoulder },
  ]);
}

/** The way along the wires. Falls back to one corner when no wire leads there, so that a packet is never lost to view. */
export function wayBetween(wires: Wires, from: PlaceId, to: PlaceId): readonly Point[] {
  const key = `${from}>${to}`;
  const known = wires.known.get(key);
  if (known !== undefined) return known;
  const way = roundCorners(search(wires, from, to) ?? straight(wires, from, to));
  wires.known.set(key, way);
  return way;
}

function straight(wires: Wires, from: PlaceId, to: PlaceId): readonly Point[] {
  const a = wires.at.get(from);
  const b = wires.at.get(to);
  if (a === undefined || b === undefined) return a ? [a] : b ? [b] : [];
  return a.x === b.x || a.y === b.y ? [a, b] : [a, { x: a.x, y: b.y }, b];
}

/** Dijkstra; the graph has some thirty places a machine, so a list serves as queue. */
function search(wires: Wires, from: PlaceId, to: PlaceId): readonly Point[] | null {
  const start = wires.at.get(from);
  if (start === undefined || !wires.at.has(to)) return null;
  if (from === to) return [start];
  const best = new Map<PlaceId, { cost: number; before: PlaceId; line: Line | null }>();
  best.set(from, { cost: 0, before: from, line: null });
  const open = new Set<PlaceId>([from]);
  while (open.size > 0) {
    let here: PlaceId | null = null;
    for (const id of open) if (here === null || best.get(id)!.cost < best.get(here)!.cost) here = id;
    if (here === null || here === to) break;
    open.delete(here);
    if (here !== from && ENDS.test(here)) continue;
    const { cost } = best.get(here)!;
    for (const line of wires.lines.get(here) ?? []) {
      const sum = cost + line.length;
      if (sum >= (best.get(line.to)?.cost ?? Infinity)) continue;
      best.set(line.to, { cost: sum, before: here, line });
      open.add(line.to);
    }
  }
  const parts: Line[] = [];
  for (let id = to; id !== from;) {
    const step = best.get(id);
    if (step === undefined || step.line === null) return null;
    parts.unshift(step.line);
    id = step.before;
  }
  return parts.flatMap((line, i) => (i === 0 ? line.points : line.points.slice(1)));
}

const RADIUS = 12;

/** Turns corners into short arcs of 12 px, so that what is drawn and what travels keep the same line. */
export function roundCorners(points: readonly Point[]): readonly Point[] {
  const out: Point[] = [];
  points.forEach((point, i) => {
    const before = points[i - 1];
    const after = points[i + 1];
    if (before === undefined || after === undefined || point.sharp === true || !turns(before, point, after)) {
      if (!(out.length > 0 && out.at(-1)!.x === point.x && out.at(-1)!.y === point.y)) out.push(point);
      return;
    }
    const reach = Math.min(RADIUS, distance(before, point) / 2, distance(point, after) / 2);
    const a = towards(point, before, reach);
    const b = towards(point, after, reach);
    for (let step = 0; step <= 4; step++) {
      const t = step / 4;
      const u = 1 - t;
      out.push({
        x: u * u * a.x + 2 * u * t * point.x + t * t * b.x,
        y: u * u * a.y + 2 * u * t * point.y + t * t * b.y,
      });
    }
  });
  return out;
}

function turns(a: Point, b: Point, c: Point): boolean {
  return Math.abs((b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x)) > 0.01;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, by: number): Point {
  const whole = distance(from, to);
  return whole === 0
    ? from
    : { x: from.x + ((to.x - from.x) * by) / whole, y: from.y + ((to.y - from.y) * by) / whole };
}
