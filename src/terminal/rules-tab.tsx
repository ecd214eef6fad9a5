/** A node's rules as its tools print them: live, searchable, with the lines that the packet in view has met. */
import { useDeferredValue, useMemo, useState } from 'react';
import type { PacketTrace } from '../sim/trace/hop';
import { mirror, tableOf } from '../state/mirror';
import { useCalmTable, useFacts, useNow } from '../state/mirror-hooks';
import { openPacket } from '../state/moves';
import { useProbe } from '../state/probe';
import { session, useSession } from '../state/session';
import type { MachineTool } from '../sim/view';
import type { ProbeRow } from '../worker/protocol';
import { LinkButton } from '../ui/lists';
import { refWords } from '../ui/refs';
import { PIECE, RuleList, useFresh } from './rule-list';
import { asksRules, findLines, hopsOn, isOf, metLines, toolsOf } from './rule-lines';
import { bringIntoPage } from './bring';
import { Choice, NodeChoice, Search, useDrawerNode } from './tool-bar';
import './rules.css';

const NO_ROWS: readonly ProbeRow[] = [];

export function RulesTab() {
  const { node, names } = useDrawerNode();
  const mode = useFacts()?.proxyMode ?? 'iptables';
  const tools = toolsOf(mode);
  const [wanted, setWanted] = useState<MachineTool | null>(null);
  const tool = tools.find(([id]) => id === wanted)?.[0] ?? tools[0]![0];
  const typed = useSession((state) => state.rulesSearch);
  const search = useDeferredValue(typed);
  const [only, setOnly] = useState(false);
  const [from, setFrom] = useState(0);
  const answer = useProbe(node === null ? null : { what: tool, node });
  const all = answer?.rows ?? NO_ROWS;
  const chosen = useChosenRef();
  const packet = usePacketOn(node);
  const met = useMet(all, packet, node);
  const fresh = useFresh(all);
  const isChosen = (row: ProbeRow): boolean => chosen !== null && isOf(row, chosen);
  const many = chosen === null ? 0 : all.filter(isChosen).length;
  const onlyChosen = only && many > 0;
  const found = useMemo(() => findLines(all, search), [all, search]);
  const rows = onlyChosen ? found.filter(isChosen) : found;
  const firstMet = rows.findIndex((row) => met.has(row));
  return (
    <>
      <div className="tools">
        <NodeChoice node={node} names={names} />
        <Choice
          name="Table"
          value={tool}
          options={tools}
          onChange={(next) => {
            setWanted(next as MachineTool);
            setFrom(0);
          }}
        />
        <Search
          value={typed}
          onChange={(rulesSearch) => {
            session.setState({ rulesSearch });
            setFrom(0);
          }}
        />
        <span className="small k3">{answer === null ? '' : `${rows.length} lines`}</span>
        {many > 0 && chosen !== null && (
          <button
            type="button"
            className="btn"
            aria-pressed={onlyChosen}
            onClick={() => {
              setOnly(!only);
              setFrom(0);
            }}
          >
            {many} lines of {refWords(chosen)}
          </button>
        )}
        {packet !== null && met.size > 0 && (
          <span className="small k2">
            <LinkButton onPress={() => openPacket(packet.id)}>
              {packet.label} #{packet.id}
            </LinkButton>{' '}
            met {met.size}
            {firstMet >= 0 && (
              <>
                {', '}
                <LinkButton onPress={() => showMet(firstMet, setFrom)}>show</LinkButton>
              </>
            )}
          </span>
        )}
      </div>
      <Note tool={tool} />
      {answer === null ? (
        <p className="empty k2">Reading {node ?? 'the node'}…</p>
      ) : rows.length === 0 ? (
        <p className="empty k2">{typed === '' ? 'The table is empty.' : 'No line holds that.'}</p>
      ) : (
        <RuleList rows={rows} from={from} onFrom={setFrom} marks={{ met, fresh, isChosen }} />
      )}
    </>
  );
}

/** What a tool does not tell, where one would wonder. */
function Note({ tool }: { tool: MachineTool }) {
  if (tool !== 'nft') return null;
  return (
    <p className="small k3 rules-note">
      kube-proxy’s rules have no counters in nftables, so there are none to show.
    </p>
  );
}

/** Brings the first line that was met into view. */
function showMet(index: number, setFrom: (from: number) => void): void {
  setFrom(Math.floor(index / PIECE) * PIECE);
  setTimeout(() => bringIntoPage(document.querySelector('.page .lines .met')), 0);
}

function useChosenRef(): string | null {
  return useSession((state) => (state.selection?.kind === 'ref' ? state.selection.ref : null));
}

/** The open packet, or the newest one that asked this node's rules. */
function usePacketOn(node: string | null): PacketTrace | null {
  const open = useSession((state) => (state.selection?.kind === 'packet' ? state.selection.id : null));
  const packets = useCalmTable('packets');
  if (node === null) return null;
  const trace = open === null ? undefined : tableOf('packets').get(String(open));
  if (trace !== undefined) return trace;
  const { nowNs } = mirror.getState();
  return packets.findLast((one) => hopsOn(one, node, nowNs).some(asksRules)) ?? null;
}

function useMet(
  rows: readonly ProbeRow[],
  packet: PacketTrace | null,
  node: string | null,
): ReadonlySet<ProbeRow> {
  // Hops ahead of the clock are not the past; a tenth of a microsecond is finer than any hop.
  const nowNs = useNow(100);
  const begun = packet === null || node === null ? 0 : hopsOn(packet, node, nowNs).length;
  return useMemo(() => {
    if (packet === null || node === null) return new Set<ProbeRow>();
    return metLines(rows, hopsOn(packet, node, Infinity).slice(0, begun));
  }, [rows, packet, node, begun]);
}
