/** From layout to React Flow's nodes: place and size only. What they show they read from the stores themselves. */
import type { Node, NodeTypes } from '@xyflow/react';
import type { Rect } from './road';
import { MachineCard } from './machine-card';
import { OutsideCard } from './outside-card';
import { PodCard } from './pod-card';
import { MoreServices } from './more-services';
import { ServiceCard } from './service-card';
import { TopLine, Tray, Underlay } from './surroundings';
import type { Scenery } from './use-layout';

export const nodeTypes: NodeTypes = {
  top: TopLine,
  service: ServiceCard,
  more: MoreServices,
  machine: MachineCard,
  pod: PodCard,
  underlay: Underlay,
  outsider: OutsideCard,
  tray: Tray,
};

function nodeAt(id: string, type: string, rect: Rect, zIndex: number, data: Record<string, unknown>): Node {
  return {
    id,
    type,
    position: { x: rect.x, y: rect.y },
    width: rect.w,
    height: rect.h,
    // Known sizes and no handles: React Flow need not measure anything.
    measured: { width: rect.w, height: rect.h },
    handles: [],
    zIndex,
    draggable: false,
    selectable: false,
    focusable: false,
    data,
  };
}

/** All elements in reading order, which is also the order of the Tab key: names, then machines with their pods. */
export function elementsOf({ layout, slots }: Scenery): Node[] {
  const { width, height, narrow } = layout;
  const nodes: Node[] = [];
  const margin = narrow ? 12 : 16;
  if (!narrow && layout.services.size + layout.more.length > 0) {
    nodes.push(nodeAt('top', 'top', { x: margin, y: 4, w: width - 2 * margin, h: 26 }, 2, {}));
  }
  for (const [ref, rect] of layout.services) {
    nodes.push(nodeAt(ref, 'service', rect, 2, { ref, low: rect.h < 60, line: rect.h < 45 }));
  }
  for (const { namespace, refs, rect } of layout.more) {
    nodes.push(nodeAt(`more ${namespace}`, 'more', rect, 2, { namespace, refs }));
  }
  nodes.push(nodeAt('underlay', 'underlay', { x: 0, y: 0, w: width, h: height }, 0, { layout }));
  for (const machine of layout.machines.values()) {
    nodes.push(nodeAt(`machine ${machine.name}`, 'machine', machine.rect, 1, { machine }));
    for (const slot of slots.get(machine.name) ?? []) {
      const rect = layout.pods.get(slot.pod.ref);
      if (rect === undefined) continue;
      const ghost = slot.goneAtMs === null ? null : slot.pod;
      nodes.push(podNode(slot.pod.ref, rect, ghost));
    }
  }
  for (const place of layout.outside?.machines.values() ?? []) {
    nodes.push(nodeAt(`outside ${place.name}`, 'outsider', place.rect, 1, { place }));
  }
  if (layout.tray !== null) nodes.push(nodeAt('tray', 'tray', layout.tray, 1, {}));
  const placed = new Set(nodes.map((node) => node.id));
  for (const [ref, rect] of layout.pods) if (!placed.has(ref)) nodes.push(podNode(ref, rect, null));
  return nodes;
}

function podNode(ref: string, rect: Rect, ghost: unknown): Node {
  return nodeAt(ref, 'pod', rect, 3, { ref, ghost, low: rect.h < 60, width: rect.w });
}
