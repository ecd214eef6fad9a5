/** A node's machine: its head, its road in lines and stations, and what the control plane just did to its rules. */
import { memo } from 'react';
import type { NodeView } from '../sim/view';
import { useTable } from '../state/mirror';
import { useFacts, useMirror } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { useSession } from '../state/session';
import { formatSpan } from '../ui/format';
import { ControlGlyph, PodDisc } from '../ui/glyphs';
import { useDim } from './focus';
import { workloadsOf } from './far';
import { useFresh } from './fresh';
import type { MachineLayout } from './layout';
import { useAnnouncements } from './outside';
import { MachineDrawing } from './machine-drawing';
import { NodeMenu } from './node-menu';

/** The node by its name; renders only when its record is new. */
function useNode(name: string): NodeView | null {
  const nodes = useTable('nodes');
  return nodes.find((node) => node.name === name) ?? null;
}

function stateOf(node: NodeView): string {
  if (!node.poweredOn) return 'Off';
  const ready = (node.ready ? 'Ready' : 'NotReady') + (node.wireCut === true ? ', cable out' : '');
  return node.schedulable ? ready : `${ready}, cordoned`;
}

export interface MachineCardData {
  readonly machine: MachineLayout;
  readonly [key: string]: unknown;
}

function MachineCardInner({ data }: { data: MachineCardData }) {
  const { machine } = data;
  const node = useNode(machine.name);
  const { rect } = machine;
  const announcing = useAnnouncements(machine.name).length > 0;
  const dim = useDim(machine.name);
  const selected = useSession((s) => s.selection?.kind === 'ref' && s.selection.ref === node?.ref);
  if (node === null) return null;
  const look = !node.poweredOn
    ? 'gone'
    : !node.ready
      ? 'creating'
      : node.schedulable
        ? 'ready'
        : 'terminating';
  return (
    <section
      className={dim ? 'machine cv-dimmable dim' : 'machine cv-dimmable'}
      aria-label={`Node ${node.name}`}
    >
      <MachineDrawing machine={machine} node={node} />
      <div className="machine-head">
        <button
          type="button"
          className={selected ? 'machine-name selected' : 'machine-name'}
          aria-label={`Node ${node.name}, ${stateOf(node)}, ${node.ip}, pods ${node.podCidr}, ${node.ruleCount} rules`}
          aria-pressed={selected}
          onClick={() => openRef(node.ref)}
        >
          {node.name}
        </button>
        <Workloads node={node.name} />
        {(rect.w >= 440 || !announcing) && <span className="mono close-only">{node.podCidr}</span>}
        <Announces node={node.name} />
        <span className="state near-only">
          {stateOf(node)}
          <PodDisc look={look} />
        </span>
        <NodeMenu node={node} />
      </div>
      <RuleMark node={node} machine={machine} />
    </section>
  );
}

/** The addresses that this node makes the outside send to it (MetalLB's speaker). */
function Announces({ node }: { node: string }) {
  const announced = useAnnouncements(node);
  const [first] = announced;
  if (first === undefined) return null;
  const how = first.protocol === 'bgp' ? 'tells the router by BGP' : 'answers ARP';
  const list = announced.map(({ ip }) => ip);
  const short = list.length === 1 ? first.ip : `${list.length} addresses`;
  const words = `${node} ${how} for ${list.join(', ')}`;
  return (
    <span className="announces close-only" title={words} role="img" aria-label={words}>
      <svg width={14} height={12} viewBox="0 0 14 12" aria-hidden>
        <path
          d="M1 4.5 V7.5 H3.5 L7 10.5 V1.5 L3.5 4.5 Z M9 4 Q10.5 6 9 8 M11 2.5 Q13.5 6 11 9.5"
          className="cv-tick"
        />
      </svg>
      <span className={list.length === 1 ? 'mono' : ''}>{short}</span>
    </span>
  );
}

/** How many workloads a machine's head can name from far away. */
const FAR_NAMES = 3;

/** From far away: one disc and a count for each workload on the machine, the largest first; pods are empty tiles there. */
function Workloads({ node }: { node: string }) {
  const pods = useTable('pods');
  const groups = workloadsOf(pods.filter((pod) => pod.node === node)).sort((a, b) => b.count - a.count);
  const shown = groups.slice(0, groups.length > FAR_NAMES ? FAR_NAMES - 1 : FAR_NAMES);
  const words = groups.map(({ workload, count }) => `${count} of ${workload.split('/').at(-1)}`).join(', ');
  return (
    <span className="far-only far-workloads" title={words}>
      {shown.map(({ workload, look, count }) => (
        <span key={workload} className="far-workload">
          <PodDisc look={look} size={14} />
          <b>{count}</b>
          <span className="far-name">{workload.split('/').at(-1)}</span>
        </span>
      ))}
      {groups.length > shown.length && <span className="k2">and {groups.length - shown.length} more</span>}
    </span>
  );
}

/** From the bridge to the road in px where a line of text fits between the names of both. */
const MARK_ROOM = 96;

/** "4 rules changed, 0.3 s ago", that another mode is on its way to this node, or how long the rules have been behind the slice. */
function RuleMark({ node, machine }: { node: NodeView; machine: MachineLayout }) {
  const changes = useTable('changes');
  const change = changes.findLast((one) => one.kind === 'rules' && one.ref === node.ref) ?? null;
  const fresh = useFresh(change?.id ?? null);
  const mode = useFacts()?.proxyMode;
  const switching = useMirror(({ facts }) => facts?.proxy?.switching.includes(node.name) === true);
  const nowNs = useMirror((state) => Math.floor(state.nowNs / 1e8) * 1e8);
  const behind = node.rulesBehindSinceNs;
  const behindForNs = behind === null ? 0 : nowNs - behind;
  let text: string | null = null;
  // The road is drawn as it is going to be; until then what is there still works.
  if (switching) text = `not yet on ${mode}: what was written before still works`;
  else if (behind !== null && behindForNs >= 1e8) text = `rules ${formatSpan(behindForNs)} behind the slice`;
  else if (change !== null && fresh) {
    text = `${change.text}, ${formatSpan(Math.max(0, nowNs - change.atNs))} ago`;
  }
  if (text === null) return null;
  const { rect, railL, railR, roadY, busY } = machine;
  // Where no packet's plate or board hangs: below the bridge if there is room above the road's own names, or below the
  // road; there always where programs at sockets decide.
  const above = mode !== 'ebpf' && roadY - busY >= MARK_ROOM;
  const top = above ? busY + 26 : roadY + (mode === 'ebpf' ? 78 : 48);
  return (
    <span
      className="control-mark close-only"
      style={{
        left: railL + 16 - rect.x,
        top: top - rect.y,
        maxWidth: railR - railL - 28,
      }}
    >
      <ControlGlyph />
      <span className="what">{text}</span>
    </span>
  );
}

export const MachineCard = memo(MachineCardInner);
