/**
 * The loop behind the packet canvas: reads the stores and the view each frame, builds the scene and draws it. React never
 * renders for a packet. Nothing is drawn when nothing moved.
 */
import type { PacketTrace } from '../sim/trace/hop';
import { hopIndexAt } from '../state/flight';
import { drawn } from '../state/drawn';
import { mirror, rowsOf, tableOf, underWay } from '../state/mirror';
import { session } from '../state/session';
import { AtlasKeeper } from './atlas';
import { CalmCounts } from './crowd';
import { boxOf, drawScene, stopBox } from './draw';
import { dotBox } from './draw-crowd';
import { focus, focusOf, NO_FOCUS, setFocus } from './focus';
import { watchForOutside } from './outside';
import { Pen, readPalette, type Context, type Palette, type View } from './ink';
import { DrawnClock } from './motion';
import type { Box } from './plates';
import {
  crowdedWires,
  RATES_FROM_NS_PER_SECOND,
  ratesOf,
  SEEN_BELOW_NS_PER_SECOND,
  type RatePill,
} from './rates';
import type { Point } from './road';
import { readScale } from './scale';
import { sceneOf, type Scene } from './scene';
import { Sidings } from './sidings';
import { tetherOf } from './tether';
import type { Scenery } from './use-layout';
import { levelOf } from './view-fit';

/** The packet that the visitor looks at: the open one, or the newest of the open request. */
function openTrace(nowNs: number): PacketTrace | null {
  const { selection } = session.getState();
  if (selection === null || selection.kind === 'ref') return null;
  if (selection.kind === 'packet') return tableOf('packets').get(String(selection.id)) ?? null;
  const known = rowsOf('packets').filter((one) => one.requestId === selection.id && one.bornNs <= nowNs);
  // Questions for MAC addresses are part of the way, not what somebody asked for.
  return known.findLast(({ role }) => role !== 'arp') ?? known.at(-1) ?? null;
}

/** What is on the screen, for the pointer. */
export interface Frame {
  readonly scene: Scene;
  readonly pen: Pen;
  readonly nowNs: number;
  /** Packets that have a sign inside the window. */
  readonly inView: number;
}

const NO_WIRES: ReadonlySet<string> = new Set();

/** Paints one canvas; `paint` is called for every frame of the browser. */
export class Painter {
  frame: Frame | null = null;
  private readonly keeper = new AtlasKeeper();
  private readonly clock = new DrawnClock();
  private readonly sidings = new Sidings();
  private readonly counts = new CalmCounts();
  private palette: Palette | null = null;
  private theme: string | undefined;
  private lastKey = '';
  private pills: { readonly at: number; readonly list: readonly RatePill[] } = { at: -Infinity, list: [] };
  private crowded: { readonly at: number; readonly wires: ReadonlySet<string> } = {
    at: -Infinity,
    wires: NO_WIRES,
  };
  /** What was crowded a frame ago. */
  private crowdBefore: ReadonlySet<string> = NO_WIRES;
  private board: { readonly key: string; readonly sinceMs: number } = { key: '', sinceMs: 0 };

  constructor(
    private readonly element: HTMLElement,
    private readonly ctx: Context,
  ) {}

  /** Draws one frame at wall-clock `atMs`. Returns false when the last one still holds. */
  paint(atMs: number, view: View, scenery: Scenery, clear: () => void): boolean {
    const state = mirror.getState();
    const { hop, pace, reducedMotion } = session.getState();
    const nowNs = this.clock.advance(atMs, state.nowNs, state.nsPerSecond, pace.paused);
    const open = openTrace(nowNs);
    // Under `auto` the clock hurries only while nothing is on its way.
    const fast = !pace.auto && state.nsPerSecond >= RATES_FROM_NS_PER_SECOND;
    const far = levelOf(view.zoom / readScale()) === 'far';
    const asRates = open === null && (fast || (far && state.nsPerSecond >= SEEN_BELOW_NS_PER_SECOND));
    const key = this.keyOf(nowNs, view, scenery, open, hop, asRates, atMs);
    if (key === this.lastKey) {
      if (drawn.getState().nowNs !== nowNs) drawn.setState({ nowNs });
      return false;
    }
    this.lastKey = key;
    this.keeper.refresh(scenery.wires);
    this.refreshFocus(open, nowNs, hop);
    const traces = rowsOf('packets');
    watchForOutside(traces);
    const { journey } = this.keeper;
    const { mode } = scenery.layout;
    const watched = open?.id ?? null;
    const moving = underWay.at(nowNs);
    const crowded = this.crowd(atMs, traces, nowNs, asRates || open !== null);
    const now = sceneOf({
      ...{ traces, moving, lost: underWay.lost(), nowNs, journey, watched, hop, reducedMotion },
      ...{ asRates, crowded, mode, far, before: this.crowdBefore },
    });
    const scene = { ...now, counts: this.counts.calm(now.counts, atMs, pace.paused || reducedMotion) };
    this.crowdBefore = scene.crowd;
    const pen = new Pen(this.ctx, this.inks(), view, readScale());
    clear();
    drawScene(pen, scene, {
      layout: scenery.layout,
      tether: this.tether(scenery),
      pills: this.rates(atMs, traces, scenery, nowNs, asRates ? null : crowded),
      sidings: this.sidings.inUse(moving, journey, nowNs, atMs, open, mode),
      turned: this.turned(scene, atMs, reducedMotion),
      reducedMotion,
    });
    this.show(scene, pen, nowNs);
    return true;
  }

  /** Keeps the frame for the pointer, and tells the moment that it shows to those who put it into words. */
  private show(scene: Scene, pen: Pen, nowNs: number): void {
    this.frame = { scene, pen, nowNs, inView: inView(scene, pen) };
    drawn.setState({ nowNs, moving: scene.moving, left: scene.left });
  }

  private keyOf(
    nowNs: number,
    view: View,
    scenery: Scenery,
    open: PacketTrace | null,
    hop: number | null,
    asRates: boolean,
    atMs: number,
  ): string {
    const { revs } = mirror.getState();
    this.theme = document.documentElement.dataset['theme'];
    const turning = atMs - this.board.sinceMs < 400 ? atMs : 0;
    const { layout } = scenery;
    return [
      // In rates the clock leaps, but pills change only a few times a second.
      asRates ? Math.floor(atMs / 400) : nowNs,
      view.x,
      view.y,
      view.zoom,
      view.width,
      view.height,
      revs.packets,
      revs.services,
      revs.pods,
      layout.height,
      layout.width,
      layout.pods.size,
      open?.id,
      open?.hops.length,
      hop,
      this.theme,
      asRates,
      turning,
      this.sidings.nextCheck(atMs),
      session.getState().dark,
      session.getState().pace.paused,
      session.getState().reducedMotion,
      focus.getState().open,
    ].join(' ');
  }

  private inks(): Palette {
    const now = `${this.theme} ${session.getState().dark}`;
    if (this.palette === null || this.paletteOf !== now) {
      this.palette = readPalette(this.element);
      this.paletteOf = now;
    }
    return this.palette;
  }
  private paletteOf = '';

  private refreshFocus(open: PacketTrace | null, nowNs: number, hop: number | null): void {
    if (open === null) {
      setFocus(NO_FOCUS);
      return;
    }
    const upTo = hop ?? hopIndexAt(open, nowNs);
    const { atlas } = this.keeper;
    const directory = {
      podOfNetns: (netns: string) => atlas?.podOf(netns) ?? null,
      nicOf: (machine: string) => atlas?.devices(machine)?.nic ?? null,
      pods: rowsOf('pods'),
      services: rowsOf('services'),
    };
    setFocus(focusOf(open, upTo, directory));
  }

  private tether({ layout }: Scenery): readonly Point[] {
    const { tether } = focus.getState();
    if (tether === null) return [];
    return tetherOf(layout, tableOf('services').get(tether.service) ?? null, tether.pod, tether.ip);
  }

  /** Pills of all wires, or of those in `only`. */
  private rates(
    atMs: number,
    traces: readonly PacketTrace[],
    { layout }: Scenery,
    nowNs: number,
    only: ReadonlySet<string> | null,
  ): readonly RatePill[] {
    if (only !== null && only.size === 0) return [];
    if (atMs - this.pills.at >= 400) {
      this.pills = { at: atMs, list: ratesOf(traces, this.keeper.journey, layout, nowNs) };
    }
    const { list } = this.pills;
    return only === null ? list : list.filter(({ wire }) => only.has(wire));
  }

  /** Wires that are crowded at the clock's speed, looked at a few times a second. */
  private crowd(
    atMs: number,
    traces: readonly PacketTrace[],
    nowNs: number,
    off: boolean,
  ): ReadonlySet<string> {
    if (off) return NO_WIRES;
    if (atMs - this.crowded.at >= 400) {
      const { nsPerSecond } = mirror.getState();
      // A packet that takes its time over a wire is seen there as a dot, however many there are.
      if (nsPerSecond < SEEN_BELOW_NS_PER_SECOND) return NO_WIRES;
      const wires = crowdedWires(traces, this.keeper.journey, nowNs, nsPerSecond);
      this.crowded = { at: atMs, wires };
    }
    return this.crowded.wires;
  }

  /** A board turns in 240 ms from the moment that it is new. */
  private turned(scene: Scene, atMs: number, reducedMotion: boolean): number {
    const key = scene.board?.key ?? '';
    if (key !== this.board.key) this.board = { key, sinceMs: atMs };
    return reducedMotion ? 1 : Math.min(1, (atMs - this.board.sinceMs) / 240);
  }

  /** The packet or stop mark under a point of the window, the topmost first. */
  hit(x: number, y: number): number | null {
    if (this.frame === null) return null;
    const { scene, pen } = this.frame;
    const inside = (box: Box): boolean =>
      x >= box.x - 4 && x <= box.x + box.w + 4 && y >= box.y - 4 && y <= box.y + box.h + 4;
    const stop = scene.stops.findLast((mark) => inside(stopBox(pen, mark)));
    if (stop !== undefined) return stop.id;
    const sign = scene.packets.findLast((mark) => inside(boxOf(pen, mark)));
    return (sign ?? scene.dots.findLast((dot) => inside(dotBox(pen, dot))))?.id ?? null;
  }
}

function inView({ packets, dots }: Scene, pen: Pen): number {
  const { width, height } = pen.view;
  let count = 0;
  for (const list of [packets, dots]) {
    for (const mark of list) {
      const { x, y } = pen.at(mark.at);
      if (x >= 0 && y >= 0 && x <= width && y <= height) count++;
    }
  }
  return count;
}
