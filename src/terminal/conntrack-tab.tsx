/** Connections that a node tracks: both tuples, what NAT changed, state, and the time that is left to it. */
import { Fragment, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { SECOND } from '../sim/clock/clock';
import type { FlowView } from '../sim/view';
import { nameOfIp } from '../state/flight';
import { tableOf } from '../state/mirror';
import { useCalmTable, useNow } from '../state/mirror-hooks';
import { openPacket } from '../state/moves';
import { useProbe } from '../state/probe';
import { session, useSession } from '../state/session';
import { LinkButton } from '../ui/lists';
import type { ProbeRow } from '../worker/protocol';
import { bringIntoPage } from './bring';
import { endText, flowOf, isOfFlow, natOf } from './flows';
import { findLines } from './rule-lines';
import { PIECE, RuleList } from './rule-list';
import { NodeChoice, Search, useDrawerNode } from './tool-bar';
import './rules.css';

const NO_ROWS: readonly ProbeRow[] = [];
const NO_MARKS = { met: new Set<ProbeRow>(), fresh: new Set<string>(), isChosen: () => false };

export function ConntrackTab() {
  const { node, names } = useDrawerNode();
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed);
  const [raw, setRaw] = useState(false);
  const [from, setFrom] = useState(0);
  const answer = useProbe(node === null ? null : { what: 'conntrack', node });
  const all = answer?.rows ?? NO_ROWS;
  const rows = useMemo(() => findFlows(all, search), [all, search]);
  const flow = useOpenFlow(all, node);
  return (
    <>
      <div className="tools">
        <NodeChoice node={node} names={names} />
        <Search value={typed} onChange={setTyped} />
        <button type="button" className="btn" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          conntrack -L
        </button>
        <span className="small k3">{answer === null ? '' : `${rows.length} entries`}</span>
      </div>
      {answer === null ? (
        <p className="empty k2">Reading {node ?? 'the node'}…</p>
      ) : rows.length === 0 ? (
        <p className="empty k2">{typed === '' ? 'No connection is tracked.' : 'No entry holds that.'}</p>
      ) : raw ? (
        <RuleList rows={rows} from={from} onFrom={setFrom} marks={NO_MARKS} />
      ) : (
        <Flows flows={rows.flatMap((row) => row.flow ?? [])} open={flow?.id ?? null} node={node ?? ''} />
      )}
    </>
  );
}

/** Entries are also found by the names behind their addresses. */
function findFlows(rows: readonly ProbeRow[], typed: string): readonly ProbeRow[] {
  if (typed.trim() === '') return rows;
  return rows.filter((row) => {
    const { flow } = row;
    const ips = flow === undefined ? [] : [flow.original.src, flow.original.dst, flow.reply.src];
    const names = ips.map((ip) => nameOfIp(ip) ?? '').join(' ');
    return findLines([{ ...row, text: `${row.text} ${names}` }], typed).length > 0;
  });
}

/** The entry that was pressed, or that of the open packet. */
function useOpenFlow(rows: readonly ProbeRow[], node: string | null): FlowView | null {
  const wanted = useSession((state) => state.flow);
  const packet = useSession((state) => (state.selection?.kind === 'packet' ? state.selection.id : null));
  const flows = rows.flatMap((row) => row.flow ?? []);
  const pressed = flows.find((flow) => flow.id === wanted);
  if (pressed !== undefined) return pressed;
  const trace = packet === null ? undefined : tableOf('packets').get(String(packet));
  return (trace !== undefined && node !== null ? flowOf(trace, flows, node) : null) ?? null;
}

function Flows({ flows, open, node }: { flows: readonly FlowView[]; open: number | null; node: string }) {
  const [more, setMore] = useState(PIECE);
  const nowNs = useNow(SECOND);
  return (
    <>
      <table className="rows flows">
        <caption className="sr-only">Connections</caption>
        <thead>
          <tr>
            {['Protocol', 'State', 'Left', 'Original', 'Reply', 'NAT'].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {flows.slice(0, more).map((flow) => (
            <Fragment key={flow.id}>
              <Row flow={flow} nowNs={nowNs} isOpen={flow.id === open} />
              {flow.id === open && (
                <tr>
                  <td colSpan={6} className="flow-packets">
                    <FlowPackets flow={flow} node={node} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {flows.length > more && (
        <p className="more small">
          <LinkButton onPress={() => setMore(more + PIECE)}>{flows.length - more} more entries</LinkButton>
        </p>
      )}
    </>
  );
}

function Row({ flow, nowNs, isOpen }: { flow: FlowView; nowNs: number; isOpen: boolean }) {
  const nat = natOf(flow);
  const words = [nat.dnat ? 'DNAT' : '', nat.snat ? 'SNAT' : ''].filter(Boolean).join(' + ');
  const left = Math.max(0, Math.ceil((flow.expiresNs - nowNs) / SECOND));
  const { original, reply, seenReply } = flow;
  const state = flow.state === 'NONE' ? '' : flow.state;
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isOpen) bringIntoPage(row.current);
  }, [isOpen]);
  return (
    <tr ref={row} className={isOpen ? 'on' : undefined}>
      <td>
        <button
          type="button"
          className="link"
          aria-pressed={isOpen}
          aria-label={`${original.protocol} ${endText(original, 'src')} to ${endText(original, 'dst')}: its packets`}
          onClick={() => session.setState({ flow: isOpen ? null : flow.id })}
        >
          {original.protocol}
        </button>
      </td>
      <td className="mono">
        {state}
        {!seenReply && <span className="who">no reply seen</span>}
        {flow.assured && <span className="who">assured</span>}
      </td>
      <td className="num">{left} s</td>
      <td className="mono">
        <End text={endText(original, 'src')} ip={original.src} look={nat.snat ? 'old' : ''} /> →{' '}
        <End text={endText(original, 'dst')} ip={original.dst} look={nat.dnat ? 'old' : ''} />
      </td>
      <td className="mono">
        <End text={endText(reply, 'src')} ip={reply.src} look={nat.dnat ? 'new' : ''} /> →{' '}
        <End text={endText(reply, 'dst')} ip={reply.dst} look={nat.snat ? 'new' : ''} />
      </td>
      <td>{words === '' ? <span className="k3">none</span> : words}</td>
    </tr>
  );
}

/** One end of a tuple, and who that is. */
function End({ text, ip, look }: { text: string; ip: string; look: string }) {
  const name = nameOfIp(ip);
  return (
    <>
      <span className={look || undefined}>{text}</span>
      {name !== null && <span className="who inline"> {name}</span>}
    </>
  );
}

/** Packets of one entry that the recorder still has. */
function FlowPackets({ flow, node }: { flow: FlowView; node: string }) {
  const packets = useCalmTable('packets');
  const nowNs = useNow(SECOND / 10);
  const own = packets.filter((trace) => trace.bornNs <= nowNs + SECOND && isOfFlow(trace, flow, node));
  return (
    <section aria-label="Packets of the entry">
      <p className="small k2">
        Packets of {flow.original.protocol} {endText(flow.original, 'src')} → {endText(flow.original, 'dst')}{' '}
        on {node}
      </p>
      {own.length === 0 ? (
        <p className="small k3">The recorder keeps none of them any more, or they were told without hops.</p>
      ) : (
        <ol>
          {own.slice(-40).map((trace) => (
            <li key={trace.id}>
              <LinkButton onPress={() => openPacket(trace.id)}>
                {trace.label} #{trace.id}
              </LinkButton>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
