/** The canvas: services, machines and wires in React Flow, with one drawing surface above for everything that moves. */
import '@xyflow/react/dist/base.css';
import './canvas.css';
import { ReactFlow, ReactFlowProvider, useReactFlow, useStoreApi } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { closeSelection } from '../state/moves';
import { session } from '../state/session';
import { elementsOf, nodeTypes } from './elements';
import type { CanvasLayout } from './layout';
import { PacketLayer } from './packet-layer';
import { publishScale } from './scale';
import { useScenery, useSize } from './use-layout';
import { fitOf, levelOf } from './view-fit';

export function Canvas() {
  return (
    <ReactFlowProvider>
      <Stage />
    </ReactFlowProvider>
  );
}

function Stage() {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const scenery = useScenery(width, height);
  const { scale } = scenery;
  const nodes = useMemo(() => elementsOf(scenery), [scenery]);
  const { moved, onMove, fit } = useFit(box, scenery.layout, width, height, scale);
  const onPane = useCallback(() => {
    if (session.getState().selection !== null) closeSelection();
  }, []);
  return (
    <div ref={box} className="hop-canvas" data-level="close">
      {width > 0 && (
        <ReactFlow
          nodes={nodes}
          nodeTypes={nodeTypes}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          zoomOnDoubleClick={false}
          minZoom={0.25}
          maxZoom={2.5}
          onlyRenderVisibleElements={nodes.length > 300}
          proOptions={{ hideAttribution: true }}
          onMove={onMove}
          onPaneClick={onPane}
          aria-label="The cluster: services, machines, pods and the wires between them"
        />
      )}
      <PacketLayer box={box} scenery={scenery} moved={moved} />
      <div className="view-tools">
        <TrayButton layout={scenery.layout} moved={moved} height={height} />
        {moved && (
          <button type="button" className="btn" onClick={fit}>
            Show all
          </button>
        )}
      </div>
    </div>
  );
}

/** Pods that nobody took wait below the picture; while that is out of sight, a button says so and leads there. */
function TrayButton({ layout, moved, height }: { layout: CanvasLayout; moved: boolean; height: number }) {
  const flow = useReactFlow();
  const { tray, pods, machines } = layout;
  if (tray === null || moved) return null;
  const { x, y, zoom } = flow.getViewport();
  const below = (tray.y + tray.h) * zoom + y - height;
  if (below <= 0) return null;
  const waiting = [...pods.values()].filter((pod) => pod.y >= tray.y && machines.size > 0).length;
  return (
    <button
      type="button"
      className="btn"
      onClick={() => void flow.setViewport({ x, y: y - below - 8, zoom }, { duration: 400 })}
    >
      {waiting} pending, below
    </button>
  );
}

/** Fits the view at first and after each change of size, until the visitor moves it himself. */
function useFit(
  box: RefObject<HTMLDivElement | null>,
  layout: CanvasLayout,
  width: number,
  height: number,
  scale: number,
) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const [moved, setMoved] = useState(false);
  const { width: w, fitHeight: h, narrow } = layout;
  const ready = layout.machines.size > 0 && width > 0;
  const fit = useCallback(() => {
    setMoved(false);
    void flow.setViewport(fitOf({ w, h, narrow }, width, height, scale));
  }, [flow, w, h, narrow, width, height, scale]);
  useEffect(() => {
    if (ready && !moved) void flow.setViewport(fitOf({ w, h, narrow }, width, height, scale));
  }, [flow, ready, moved, w, h, narrow, width, height, scale]);
  useEffect(() => publishScale(scale), [scale]);
  useEffect(() => {
    showZoom(box.current, store.getState().transform[2], scale);
    return store.subscribe((state, before) => {
      if (state.transform[2] !== before.transform[2]) showZoom(box.current, state.transform[2], scale);
    });
  }, [store, box, scale]);
  const onMove = useCallback((event: MouseEvent | TouchEvent | null) => {
    // A null event is our own move.
    if (event !== null) setMoved(true);
  }, []);
  return { moved, onMove, fit };
}

/** Tells the style sheet how far away the visitor is. */
function showZoom(element: HTMLElement | null, zoom: number, scale: number): void {
  if (element === null) return;
  element.style.setProperty('--up', Math.max(1, scale / zoom).toFixed(3));
  element.setAttribute('data-level', levelOf(zoom / scale));
}
