/** The layout as a hook: window size, places of pods and the cluster's shape in, one layout and its wires out. */
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { NodeView, PodView, ServiceView } from '../sim/view';
import { mirror, rowsOf, useTable } from '../state/mirror';
import { useMirror } from '../state/mirror-hooks';
import { layoutOf, type CanvasLayout } from './layout';
import { fittingScale } from './scale';
import { nextClosing, nextSlots, type Slots } from './slots';
import { shownOutside, useOutsideViews, useSeenOutside } from './outside';
import type { OutsideInput } from './place-outside';
import type { ProxyMode } from './road';
import { wiresOf, type Wires } from './wires';

export interface Scenery {
  readonly layout: CanvasLayout;
  readonly wires: Wires;
  readonly slots: Slots;
  /** How much larger than laid out it is drawn. */
  readonly scale: number;
}

/** Size of an element in px, followed. */
export function useSize(target: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = target.current;
    if (element === null) return;
    const measure = (): void => {
      const [width, height] = [Math.round(element.clientWidth), Math.round(element.clientHeight)];
      setSize((known) => (known.width === width && known.height === height ? known : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [target]);
  return size;
}

/** Places of pods, which outlive them for a moment. */
function useSlots(pods: readonly PodView[]): Slots {
  const kept = useRef<Slots>(new Map());
  const [slots, setSlots] = useState<Slots>(kept.current);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const refresh = (): void => {
      kept.current = nextSlots(kept.current, pods, performance.now());
      setSlots(kept.current);
      const closing = nextClosing(kept.current);
      if (closing !== null) timer = setTimeout(refresh, Math.max(20, closing - performance.now() + 5));
    };
    refresh();
    return () => {
      if (timer !== null) clearTimeout(timer);
    };
  }, [pods]);
  return slots;
}

/** Pods that no node takes. A moment is granted first: most are bound before anyone could read it. */
function usePending(pods: readonly PodView[]): readonly string[] {
  const waiting = pods
    .filter((pod) => pod.node === null && (pod.reason !== '' || pod.look === 'pending'))
    .map((pod) => pod.ref)
    .join('\n');
  const [shown, setShown] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setShown(waiting), waiting === '' ? 0 : 1_500);
    return () => clearTimeout(timer);
  }, [waiting]);
  return useMemo(() => {
    const still = new Set(waiting.split('\n'));
    return shown.split('\n').filter((ref) => ref !== '' && still.has(ref));
  }, [shown, waiting]);
}

/** Text that changes exactly when the shape of the drawing does; live status is not in it. */
function shapeOf(
  nodes: readonly NodeView[],
  services: readonly ServiceView[],
  slots: Slots,
  pending: readonly string[],
  outside: readonly OutsideInput[],
  mode: ProxyMode,
): string {
  return JSON.stringify([
    nodes.map((node) => [node.name, node.devices.bridge !== null, node.devices.tunnel !== null]),
    services.map((service) => service.ref),
    outside,
    mode,
    [...slots].map(([node, list]) => [node, list.map(({ pod }) => [pod.ref, pod.hostNetwork])]),
    pending,
  ]);
}

const outlines: { rev: number; key: string; rows: readonly NodeView[] } = { rev: -1, key: '', rows: [] };

/** The nodes, anew only when one comes, goes or has other devices: their rows change with every connection. */
function outlinesOfNodes(): readonly NodeView[] {
  const rev = mirror.getState().revs.nodes;
  if (rev === outlines.rev) return outlines.rows;
  outlines.rev = rev;
  const rows = rowsOf('nodes');
  const key = rows
    .map(({ name, devices }) => `${name} ${devices.bridge === null} ${devices.tunnel === null}`)
    .join('\n');
  if (key !== outlines.key) Object.assign(outlines, { key, rows });
  return outlines.rows;
}

export function useScenery(width: number, height: number): Scenery {
  const nodes = useMirror(outlinesOfNodes);
  const pods = useTable('pods');
  const services = useTable('services');
  const slots = useSlots(pods);
  const pending = usePending(pods);
  const views = useOutsideViews();
  const seen = useSeenOutside();
  const provider = useMirror(({ facts }) => facts?.loadBalancer);
  const mode = useMirror(({ facts }) => facts?.proxyMode ?? 'iptables');
  const outside = shownOutside(views, services, seen, provider);
  const shape = shapeOf(nodes, services, slots, pending, outside, mode);
  const drawn = useMemo(() => {
    const all = [...slots.values()].flat();
    const input = {
      services: sortServices(services).map((service) => service.ref),
      machines: [...nodes]
        .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
        .map((node) => ({
          name: node.name,
          slots: (slots.get(node.name) ?? []).map((slot) => slot.pod.ref),
          hasBridge: true,
          hasTunnel: node.devices.tunnel !== null,
        })),
      pending,
      outside,
      mode,
      hostPods: new Set(all.filter(({ pod }) => pod.hostNetwork).map(({ pod }) => pod.ref)),
    };
    const [w, h] = [width || 840, height || 716];
    const { scale, layout } = fittingScale(w, h, (by) =>
      layoutOf({ ...input, width: Math.round(w / by), height: Math.round(h / by) }),
    );
    return { layout, wires: wiresOf(layout), scale };
    // `shape` stands for all that is read here: only outlines count.
  }, [shape, width, height]);
  return useMemo(() => ({ ...drawn, slots }), [drawn, slots]);
}

/** The user's own Services first, the cluster's after them. */
function sortServices(services: readonly ServiceView[]): ServiceView[] {
  const rank = (service: ServiceView): number =>
    service.namespace === 'kube-system' ? 1 : service.name === 'kubernetes' ? 2 : 0;
  return [...services].sort((a, b) => rank(a) - rank(b));
}
