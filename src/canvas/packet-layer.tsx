/** One drawing surface over the machines for everything that moves, in step with the view. */
import { useReactFlow, useStoreApi, type ReactFlowState } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import { openPacket } from '../state/moves';
import { session } from '../state/session';
import type { View } from './ink';
import { Painter } from './painter';
import type { Scenery } from './use-layout';

interface PacketLayerProps {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly scenery: Scenery;
  /** The visitor has moved the view himself: it is not taken from him. */
  readonly moved: boolean;
}

export function PacketLayer({ box, scenery, moved }: PacketLayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef({ scenery, moved });
  const store = useStoreApi();
  const flow = useReactFlow();
  useEffect(() => {
    latest.current = { scenery, moved };
  }, [scenery, moved]);
  useEffect(() => {
    const surface = canvas.current;
    const element = box.current;
    const ctx = surface?.getContext('2d') ?? null;
    if (surface === null || element === null || ctx === null) return;
    const painter = new Painter(element, ctx);
    const follow = followView((view) => void flow.setViewport(view, { duration: 400 }));
    let frame = 0;
    const loop = (): void => {
      frame = requestAnimationFrame(loop);
      const view = viewOf(store.getState(), element);
      const clear = (): void => prepare(surface, ctx, view);
      if (painter.paint(performance.now(), view, latest.current.scenery, clear)) tell(surface, painter);
      if (!latest.current.moved) follow(painter, view);
    };
    frame = requestAnimationFrame(loop);
    const unlisten = listen(element, painter);
    return () => {
      cancelAnimationFrame(frame);
      unlisten();
    };
  }, [box, store, flow]);
  return <canvas ref={canvas} className="packet-surface" aria-hidden />;
}

function viewOf(state: ReactFlowState, element: HTMLElement): View {
  const [x, y, zoom] = state.transform;
  return { x, y, zoom, width: element.clientWidth, height: element.clientHeight };
}

/** How many packets are drawn, how many of them in the window, and when the first one was, for those who measure the page. */
function tell(surface: HTMLCanvasElement, { frame }: Painter): void {
  const { packets = [], dots = [], moving = 0 } = frame?.scene ?? {};
  const count = String(packets.length + dots.length);
  const { dataset } = surface;
  dataset['moving'] = String(moving);
  dataset['seen'] = String(frame?.inView ?? 0);
  if (dataset['packets'] === count) return;
  if (count !== '0' && dataset['first'] === undefined) {
    performance.mark('first-packet');
    dataset['first'] = String(Math.round(performance.now()));
  }
  dataset['packets'] = count;
}

/** Fits the surface to its box at the screen's own resolution and wipes it. */
function prepare(surface: HTMLCanvasElement, ctx: CanvasRenderingContext2D, view: View): void {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (surface.width !== w || surface.height !== h) {
    surface.width = w;
    surface.height = h;
  }
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, view.width, view.height);
}

/** A click on a packet opens it and stops the clock; the pointer says so before. */
function listen(element: HTMLElement, painter: Painter): () => void {
  const at = (event: MouseEvent): number | null => {
    const box = element.getBoundingClientRect();
    return painter.hit(event.clientX - box.left, event.clientY - box.top);
  };
  const click = (event: MouseEvent): void => {
    const id = at(event);
    if (id === null) return;
    event.stopPropagation();
    event.preventDefault();
    openPacket(id);
  };
  const move = (event: MouseEvent): void => {
    element.classList.toggle('on-packet', event.buttons === 0 && at(event) !== null);
  };
  element.addEventListener('click', click, { capture: true });
  element.addEventListener('pointermove', move);
  return () => {
    element.removeEventListener('click', click, { capture: true });
    element.removeEventListener('pointermove', move);
  };
}

const EDGE = 12;
/** How far from the edge the packet is brought, so that the view does not creep after it. */
const BRING = 140;

/** Moves the view only when the watched packet would leave the window. */
function followView(go: (view: { x: number; y: number; zoom: number }) => void) {
  let until = 0;
  return (painter: Painter, view: View): void => {
    const mark = painter.frame?.scene.packets.find((one) => one.watched);
    if (mark === undefined || performance.now() < until) return;
    const at = painter.frame!.pen.at(mark.at);
    const outX = at.x < EDGE || at.x > view.width - EDGE;
    const outY = at.y < EDGE || at.y > view.height - EDGE;
    if (!outX && !outY) return;
    until = performance.now() + (session.getState().reducedMotion ? 0 : 450);
    const x = outX ? view.x + inside(at.x, view.width) : view.x;
    const y = outY ? view.y + inside(at.y, view.height) : view.y;
    go({ x, y, zoom: view.zoom });
  };
}

/** How far to move so that `at` lies well inside `0..size`. */
function inside(at: number, size: number): number {
  const margin = Math.min(BRING, size / 3);
  if (at < margin) return margin - at;
  return at > size - margin ? size - margin - at : 0;
}
