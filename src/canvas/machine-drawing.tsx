/** The lines and stations of one machine, as SVG. Static: it changes with the layout and the node's state, never per packet. */
import { memo, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { NodeView } from '../sim/view';
import { useFacts } from '../state/mirror-hooks';
import { focus, useDim } from './focus';
import type { MachineLayout } from './layout';
import type { Point, ProxyMode, Rect } from './road';

function pathOf(points: readonly Point[]): string {
  return points.map((point, i) => `${i === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join(' ');
}

function MachineDrawingInner({ machine, node }: { machine: MachineLayout; node: NodeView }) {
  const { rect } = machine;
  const open = useStore(focus, (state) => state.open);
  return (
    <svg width={rect.w} height={rect.h} viewBox={`${rect.x} ${rect.y} ${rect.w} ${rect.h}`} aria-hidden>
      <rect {...box(rect)} rx={8} className={node.poweredOn ? 'cv-card' : 'cv-card off'} />
      <Zones machine={machine} />
      <g className={open ? 'cv-dim' : undefined}>
        <Wires machine={machine} />
      </g>
      <Stations machine={machine} />
      <Devices machine={machine} node={node} />
    </svg>
  );
}

function box(rect: Rect) {
  return { x: rect.x, y: rect.y, width: rect.w, height: rect.h };
}

function Zones({ machine }: { machine: MachineLayout }) {
  const { railL, railR, roadY, centre, stations } = machine;
  const quarter = (stations.prerouting.x + centre) / 2;
  const left = { x: railL + 16, w: quarter + 26 - railL - 16 };
  const right = { x: stations.forward.x - 26, w: railR - 16 - stations.forward.x + 26 };
  return (
    <g className="cv-stations">
      <rect x={left.x} y={roadY - 42} width={left.w} height={84} rx={6} className="cv-zone" />
      <rect x={right.x} y={roadY - 42} width={right.w} height={84} rx={6} className="cv-zone" />
      {machine.roadY - machine.busY > 100 && (
        <g className="close-only">
          <text x={left.x} y={roadY - 49} className="k3">
            netfilter
          </text>
          <text x={right.x + right.w} y={roadY - 49} className="k3" textAnchor="end">
            netfilter
          </text>
        </g>
      )}
    </g>
  );
}

/** A hundred pods are a hundred lines, and the node's row changes with each connection. */
const Wires = memo(function Wires({ machine: m }: { machine: MachineLayout }) {
  const { railL: l, railR: r, busY, roadY, tunnelY, nicY, centre, tunnel } = m;
  const mid = (a: number, b: number): number => (a + b) / 2;
  const lower = m.hasTunnel ? [tunnel.x + tunnel.w, tunnel.x] : [centre, centre];
  return (
    <>
      {[...m.veths].map(([ref, veth]) => (
        <path key={ref} d={pathOf(veth.points)} className="cv-wire cv-veth" />
      ))}
      {m.arms.map((arm) => (
        <path key={arm.x} d={`M${arm.x} ${busY} V${arm.top}`} className="cv-bus cv-veth" />
      ))}
      <path d={`M${l} ${busY} H${r}`} className="cv-bus" />
      <path
        d={`M${l} ${busY} V${roadY - 12} Q${l} ${roadY} ${l + 12} ${roadY} H${r - 12} Q${r} ${roadY} ${r} ${roadY - 12} V${busY}`}
        className="cv-wire"
      />
      <path
        d={`M${r - 12} ${roadY} Q${r} ${roadY} ${r} ${roadY + 12} V${tunnelY - 12} Q${r} ${tunnelY} ${r - 12} ${tunnelY} H${lower[0]}`}
        className="cv-wire"
      />
      <path
        d={`M${lower[1]} ${tunnelY} H${l + 12} Q${l} ${tunnelY} ${l} ${tunnelY - 12} V${roadY + 12} Q${l} ${roadY} ${l + 12} ${roadY}`}
        className="cv-wire"
      />
      <path d={`M${centre} ${tunnelY} V${nicY}`} className="cv-wire" />
      <Chevron x={l} y={mid(busY, roadY)} down />
      <Chevron x={r} y={mid(busY, roadY)} />
      <Chevron x={l} y={mid(roadY, tunnelY)} />
      <Chevron x={r} y={mid(roadY, tunnelY)} down />
    </>
  );
});

function Chevron({ x, y, down = false }: { x: number; y: number; down?: boolean }) {
  const tip = down ? 2.5 : -2.5;
  return <path d={`M${x - 4} ${y - tip} L${x} ${y + tip} L${x + 4} ${y - tip}`} className="cv-wire" />;
}

function Label(props: {
  at: Point;
  above?: boolean;
  anchor: 'start' | 'middle' | 'end';
  dx: number;
  /** What kind of thing it is, where the sign alone does not say. */
  note?: string;
  children: string;
}) {
  const { at, above = false, anchor, dx, note } = props;
  const [tick, text] = above
    ? [`M${at.x} ${at.y - 11} v-6`, at.y - 22]
    : [`M${at.x} ${at.y + 11} v6`, at.y + 30];
  return (
    <g className="close-only">
      <path d={tick} className="cv-tick" />
      <text x={at.x + dx} y={text} className="m b" textAnchor={anchor}>
        {props.children}
        {note !== undefined && (
          <tspan className="note" dx={6}>
            {note}
          </tspan>
        )}
      </text>
    </g>
  );
}

/** The sign of what decides for Services, and its name in the kernel, by the mode of kube-proxy. */
function Decision({ machine, mode }: { machine: MachineLayout; mode: ProxyMode }) {
  const { x, y } = machine.stations.services;
  if (mode === 'ebpf') return null;
  if (mode === 'nftables') return <rect x={x - 7} y={y - 7} width={14} height={14} className="cv-station" />;
  return <path d={`M${x} ${y - 9} l9 9 l-9 9 l-9 -9 z`} className="cv-station" />;
}

function DecisionLabel({ machine, mode }: { machine: MachineLayout; mode: ProxyMode }) {
  const { services } = machine.stations;
  if (mode === 'iptables')
    return (
      <Label at={services} anchor="end" dx={18}>
        KUBE-SERVICES
      </Label>
    );
  if (mode === 'nftables')
    return (
      <Label at={services} anchor="end" dx={18} note="map">
        services
      </Label>
    );
  if (mode === 'ebpf')
    return (
      <text x={services.x + 24} y={services.y + 30} textAnchor="end" className="note close-only">
        eBPF at sockets
      </text>
    );
  return null;
}

/** The way behind INPUT to IPVS and on by OUTPUT, which packets for Services take in that mode. */
function IpvsSiding({ machine: m }: { machine: MachineLayout }) {
  const { routes, input, output, services } = m.stations;
  const tee = m.roadY + 24;
  return (
    <>
      <path
        d={`M${routes.x} ${routes.y + 7} V${tee - 8} Q${routes.x} ${tee} ${routes.x - 8} ${tee} H${input.x + 8} Q${input.x} ${tee} ${input.x} ${tee + 8} V${input.y} H${m.joinX - 12} Q${m.joinX} ${input.y} ${m.joinX} ${input.y - 12} V${m.roadY}`}
        className="cv-wire"
      />
      <g className="cv-stations">
        <circle cx={input.x} cy={input.y} r={6} className="cv-station" />
        <circle cx={output.x} cy={output.y} r={6} className="cv-station" />
        <g className="close-only">
          <text x={input.x - 12} y={input.y + 4} textAnchor="end" className="m b">
            INPUT
          </text>
          <text x={output.x + 9} y={output.y - 5} className="m b">
            OUTPUT
          </text>
          <text x={services.x} y={services.y - 14} textAnchor="middle" className="m b">
            IPVS
          </text>
          <text x={services.x} y={services.y + 21} textAnchor="middle" className="m k2">
            kube-ipvs0
          </text>
        </g>
      </g>
    </>
  );
}

function Stations({ machine }: { machine: MachineLayout }) {
  const mode = useFacts()?.proxyMode ?? 'iptables';
  const { prerouting, routes, forward, postrouting } = machine.stations;
  const hook = (at: Point): ReactNode => <circle cx={at.x} cy={at.y} r={7} className="cv-station" />;
  return (
    <>
      {mode === 'ipvs' && <IpvsSiding machine={machine} />}
      <g className="cv-stations">
        {hook(prerouting)}
        <rect x={routes.x - 7} y={routes.y - 7} width={14} height={14} className="cv-station" />
        {hook(forward)}
        {hook(postrouting)}
        <Label at={prerouting} above anchor="start" dx={-18}>
          PREROUTING
        </Label>
        <DecisionLabel machine={machine} mode={mode} />
        <Label at={routes} above anchor="middle" dx={0}>
          routes
        </Label>
        <Label at={forward} anchor="start" dx={-18}>
          FORWARD
        </Label>
        <Label at={postrouting} above anchor="end" dx={18}>
          POSTROUTING
        </Label>
      </g>
      <Decision machine={machine} mode={mode} />
    </>
  );
}

function Devices({ machine: m, node }: { machine: MachineLayout; node: NodeView }) {
  const { bridge, tunnel, nic } = node.devices;
  const dimTunnel = useDim(`tunnel:${m.name}`);
  const dimNic = useDim(`nic:${m.name}`);
  return (
    <>
      {bridge !== null && (
        <text x={m.centre} y={m.busY + 22} textAnchor="middle" className="halo close-only">
          <tspan className="m b">{bridge.name}</tspan>
          <tspan className="k2" dx={8}>
            {bridge.kind}
          </tspan>
          <tspan className="m k2" dx={8}>
            {withoutPrefix(bridge.address)}
          </tspan>
        </text>
      )}
      {tunnel !== null && (
        <g className={dimTunnel ? 'cv-cover' : undefined}>
          {dimTunnel && <rect {...box(m.tunnel)} rx={6} fill="var(--sheet)" />}
          <rect {...box(m.tunnel)} rx={6} className="cv-plate" />
          <rect
            x={m.tunnel.x + 4}
            y={m.tunnel.y + 4}
            width={m.tunnel.w - 8}
            height={22}
            rx={3}
            className="cv-plate inner"
          />
          <text x={m.centre} y={m.tunnelY} textAnchor="middle" className="near-only mid">
            <tspan className="m b">{tunnel.name}</tspan>
            <tspan className="k2 close-only" dx={8}>
              {tunnel.kind.toUpperCase()}
            </tspan>
          </text>
        </g>
      )}
      <g className={dimNic ? 'cv-cover' : undefined}>
        {dimNic && <rect {...box(m.nic)} rx={4} fill="var(--sheet)" />}
        <rect {...box(m.nic)} rx={4} className="cv-plate" />
        <text x={m.centre} y={m.nicY} textAnchor="middle" className="near-only mid">
          <tspan className="m b">{nic.name}</tspan>
          <tspan className="m k2 close-only" dx={8}>
            {withoutPrefix(nic.address ?? node.ip)}
          </tspan>
        </text>
      </g>
    </>
  );
}

function withoutPrefix(address: string | null): string {
  return address === null ? '' : (address.split('/')[0] ?? address);
}

export const MachineDrawing = memo(MachineDrawingInner);
