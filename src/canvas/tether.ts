/** The line from a Service's chosen endpoint to its pod. A relation, not a wire: nothing ever travels on it. */
import type { ServiceView } from '../sim/view';
import type { CanvasLayout } from './layout';
import type { Point, Rect } from './road';
import { DOTS, DOTS_LOW } from './dots';

const DOT = 12;
const DOT_STEP = 16;

/** Middle of endpoint dot `index` on a Service's card, where the card draws it. */
function dotAt(card: Rect, index: number, count: number): Point {
  const low = card.h < 60;
  const shown = count <= (low ? DOTS_LOW : DOTS);
  const right = card.x + card.w - 13 - DOT / 2;
  return {
    x: shown ? right - (count - 1 - index) * DOT_STEP : right,
    y: card.h < 45 ? card.y + card.h / 2 : low ? card.y + 18 : card.y + card.h - 18,
  };
}

export function tetherOf(
  layout: CanvasLayout,
  service: ServiceView | null,
  pod: string,
  ip: string,
): readonly Point[] {
  const behind = layout.more.find(({ refs }) => service !== null && refs.includes(service.ref));
  const card = service === null ? undefined : (layout.services.get(service.ref) ?? behind?.rect);
  const target = layout.pods.get(pod);
  if (service === null || card === undefined || target === undefined) return [];
  const index = Math.max(
    0,
    service.endpoints.findIndex((endpoint) => endpoint.ip === ip),
  );
  const dot =
    behind === undefined
      ? dotAt(card, index, service.endpoints.length)
      : { x: card.x + card.w / 2, y: card.y + card.h - 8 };
  const tops = [...layout.machines.values()].map((machine) => machine.rect.y);
  const lane = Math.min(...tops, target.y) - 12;
  const podX = target.x + target.w / 2;
  // On a low card the dots stand above other words: the line begins at its edge.
  const start = { x: dot.x, y: card.h >= 45 && card.h < 60 ? card.y + card.h : dot.y + 8 };
  const end = { x: podX, y: target.y };
  const machine = [...layout.machines.values()].find(({ rect }) => contains(rect, target));
  if (machine === undefined) return [start, { x: dot.x, y: lane }, { x: podX, y: lane }, end];
  const first = machine.row === 0 && target.y < machine.rect.y + 60;
  if (first) return [start, ...throughHead(machine.rect, { x: dot.x, y: lane }, target), end];
  // Further down: along the machine's edge, then in above the card.
  const edge = machine.rect.x - (layout.narrow ? 3 : 5);
  const above = target.y - 7;
  return [
    start,
    { x: dot.x, y: lane },
    { x: edge, y: lane },
    { x: edge, y: above },
    { x: podX, y: above },
    end,
  ];
}

/** Words of a machine's head: its name and range at the left, its state and its menu at the right. */
const HEAD_LEFT = 196;
const HEAD_RIGHT = 122;

/** From the lane above a machine to a pod of its first row: down where its head has no words, then along above the cards. */
function throughHead(machine: Rect, lane: Point, pod: Rect): Point[] {
  const podX = pod.x + pod.w / 2;
  const [left, right] = [machine.x + HEAD_LEFT, machine.x + machine.w - HEAD_RIGHT];
  const isFree = (x: number): boolean => x >= left && x <= right;
  const nearest = left < right ? Math.min(Math.max(podX, left), right) : machine.x - 5;
  const x = [podX, lane.x].find(isFree) ?? nearest;
  const above = pod.y - 5;
  if (x === podX) return [lane, { x, y: lane.y }];
  return [lane, { x, y: lane.y }, { x, y: above }, { x: podX, y: above }];
}

function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x && inner.x <= outer.x + outer.w && inner.y >= outer.y && inner.y <= outer.y + outer.h
  );
}
