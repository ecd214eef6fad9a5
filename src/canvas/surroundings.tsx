/** What belongs to no machine: the title of the rail, workloads with plus and minus, the underlay, the outside, the tray. */
import { memo } from 'react';
import type { WorkloadView } from '../sim/view';
import { mirror, rowsOf, useTable } from '../state/mirror';
import { useFacts, useMirror } from '../state/mirror-hooks';
import { scaleBy } from '../state/scaling';
import { useDim } from './focus';
import type { CanvasLayout, MachineLayout } from './layout';
import { outsideViews } from './outside';
import type { OutsidePlace } from './place-outside';

export interface LayoutData {
  readonly layout: CanvasLayout;
  readonly [key: string]: unknown;
}

function TopLineInner() {
  const workloads = useTable('workloads').filter((one) => one.scalable && one.namespace !== 'kube-system');
  return (
    <div className="cv-top near-only">
      <b>Services</b> <span className="close-only">names and addresses, not places</span>
      <span className="workloads close-only">
        {workloads.slice(0, 4).map((one) => (
          <Workload key={one.ref} workload={one} />
        ))}
      </span>
    </div>
  );
}

function Workload({ workload }: { workload: WorkloadView }) {
  const { ref, name, kind, desired, ready } = workload;
  const scale = (by: number): void => scaleBy(ref, desired, by);
  return (
    <span className="one" role="group" aria-label={`${kind} ${name}, ${ready} of ${desired} ready`}>
      {name} {ready} of {desired}
      <span className="step">
        <button
          type="button"
          className="nopan"
          aria-label={`One replica less of ${name}`}
          disabled={desired === 0}
          onClick={() => scale(-1)}
        >
          −
        </button>
        <button
          type="button"
          className="nopan"
          aria-label={`One replica more of ${name}`}
          onClick={() => scale(1)}
        >
          +
        </button>
      </span>
    </span>
  );
}

export const TopLine = memo(TopLineInner);

/** The wires between machines: two lines across, a tap under each machine, a spine where there are several rows. */
function UnderlayInner({ data }: { data: LayoutData }) {
  const { layout } = data;
  const facts = useFacts();
  const { spineX } = layout;
  const first = layout.underlays[0];
  const last = layout.underlays.at(-1);
  return (
    <svg
      width={layout.width}
      height={layout.height}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      aria-hidden
    >
      {spineX !== null && first !== undefined && last !== undefined && (
        <path
          d={`M${layout.underlays[0]!.x1} ${first.y - 5} H${spineX - 2} V${last.y + 5} H${last.x1} M${first.x1} ${first.y + 5} H${spineX + 3} V${last.y - 5} H${last.x1}`}
          className="cv-wire"
        />
      )}
      {layout.underlays.map((line) => (
        <path
          key={line.y}
          d={`M${line.x1} ${line.y - 5} H${line.x2} M${line.x1} ${line.y + 5} H${line.x2}`}
          className="cv-wire"
        />
      ))}
      {[...layout.machines.values()].map((machine) => (
        <Tap key={machine.name} machine={machine} />
      ))}
      {first !== undefined && !layout.narrow && (
        <text x={first.x1} y={first.y - 14} className="halo on-paper close-only">
          <tspan className="k2">underlay</tspan>
          <tspan className="m k2" dx={8}>
            {facts?.underlayCidr ?? ''}
          </tspan>
        </text>
      )}
      <OutsideWires layout={layout} />
    </svg>
  );
}

/** A machine's cable; pulled out it shows its two ends. */
function Tap({ machine: { name, centre, nicY, underlayY } }: { machine: MachineLayout }) {
  const cut = useMirror(() => rowsOf('nodes').find((node) => node.name === name)?.wireCut === true);
  const [top, foot] = [nicY + 15, underlayY - 5];
  const [a, b] = [top + 6, foot - 7];
  return (
    <>
      <path
        d={cut ? `M${centre} ${top} V${a} M${centre} ${b} V${foot}` : `M${centre} ${top} V${foot}`}
        className="cv-wire"
      />
      {cut && <path d={`M${centre - 6} ${a} h12 M${centre - 6} ${b} h12`} className="cv-cut" />}
      <circle cx={centre} cy={underlayY} r={5} className="cv-station" />
    </>
  );
}

/** The wire of the internet, and what hangs from it and from the nodes' network. */
function OutsideWires({ layout }: { layout: CanvasLayout }) {
  const { outside, narrow } = layout;
  if (outside === null) return null;
  const { segment } = outside;
  const network = networkOf(outside.machines.values());
  return (
    <>
      {segment !== null && (
        <path
          d={`M${segment.x1} ${segment.y - 5} H${segment.x2} M${segment.x1} ${segment.y + 5} H${segment.x2}`}
          className="cv-wire"
        />
      )}
      {[...outside.machines.values()].map((place) => (
        <OutsideTaps key={place.name} place={place} />
      ))}
      {segment !== null && (
        <text
          x={narrow ? segment.x2 + 8 : segment.x1 - 10}
          y={segment.y + 4}
          textAnchor={narrow ? 'start' : 'end'}
          className="halo on-paper close-only k2"
        >
          internet
          {network !== '' && !narrow && (
            <tspan className="m" dx={8}>
              {network}
            </tspan>
          )}
        </text>
      )}
    </>
  );
}

function networkOf(places: Iterable<OutsidePlace>): string {
  const client = [...places].find(({ role }) => role === 'client');
  const [address] =
    outsideViews(mirror.getState().facts).find(({ name }) => name === client?.name)?.addresses ?? [];
  return address === undefined ? '' : `${address.split('.').slice(0, 3).join('.')}.0/24`;
}

function OutsideTaps({ place: { name, lan, lanTap, wan, wanTap } }: { place: OutsidePlace }) {
  const dim = useDim(name);
  return (
    <g className={dim ? 'cv-dim' : undefined}>
      {[[lan, lanTap] as const, [wan, wanTap] as const].map(([port, tap]) =>
        port === null || tap === null ? null : (
          <g key={tap.y}>
            <path d={`M${port.x} ${port.y} V${tap.y + (port.y > tap.y ? 5 : -5)}`} className="cv-wire" />
            <circle cx={tap.x} cy={tap.y} r={5} className="cv-station" />
          </g>
        ),
      )}
    </g>
  );
}

export const Underlay = memo(UnderlayInner);

function TrayInner() {
  return (
    <div className="tray cv-text k2" role="group" aria-label="Pods that no node has taken">
      <span className="strong">Pending</span> <span className="k3 close-only">no node has taken them</span>
    </div>
  );
}

export const Tray = memo(TrayInner);
