/** A machine's own tables as its tools print them, live and searchable, each line with a link to what caused it. */
import { useDeferredValue, useMemo, useState } from 'react';
import { useTable } from '../state/mirror';
import { jumpToSource, openRef } from '../state/moves';
import { useProbe } from '../state/probe';
import { session, useSession } from '../state/session';
import type { Probe, ProbeRow } from '../worker/protocol';
import { bounded, LinkButton, More } from '../ui/lists';
import { refWords } from '../ui/refs';

type What = Exclude<Extract<Probe, { node: string }>['what'], 'rules-of'>;

const TOOLS: readonly (readonly [What, string])[] = [
  ['iptables-save', 'iptables-save'],
  ['ip-route', 'ip route'],
  ['ip-addr', 'ip addr'],
  ['neighbours', 'ip neigh'],
  ['bridge-fdb', 'bridge fdb'],
];
const MAX = 400;

/** Lines that hold every word that was typed. */
export function findLines(rows: readonly ProbeRow[], typed: string): readonly ProbeRow[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = `${row.text} ${row.ref ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const linesOf = (text: string): ProbeRow[] =>
  text.split('\n').map((line) => ({ text: line, ref: null, path: null }));

export function MachineTab({ only }: { only?: What }) {
  const nodes = useTable('nodes');
  const wanted = useSession((state) => state.drawerNode);
  const [tool, setTool] = useState<What>(only ?? 'iptables-save');
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed);
  const node = nodes.find((one) => one.name === wanted)?.name ?? nodes[0]?.name ?? null;
  const answer = useProbe(node === null ? null : { what: tool, node });
  const rows = useMemo(() => {
    if (answer === null) return [];
    return findLines(answer.rows.length > 0 ? answer.rows : linesOf(answer.text), search);
  }, [answer, search]);
  const { shown, more } = bounded(rows, MAX);
  return (
    <>
      <div className="tools">
        <Choice
          name="Node"
          value={node ?? ''}
          options={nodes.map((one) => [one.name, one.name])}
          onChange={(name) => session.setState({ drawerNode: name })}
        />
        {only === undefined && (
          <Choice name="Table" value={tool} options={TOOLS} onChange={(next) => setTool(next as What)} />
        )}
        <input
          className="field"
          type="search"
          placeholder="Search the lines"
          aria-label="Search the lines"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <span className="small k3">{answer === null ? '' : `${rows.length} lines`}</span>
      </div>
      {answer === null ? (
        <p className="empty k2">Reading {node ?? 'the node'}…</p>
      ) : rows.length === 0 ? (
        <p className="empty k2">{typed === '' ? 'The table is empty.' : 'No line holds that.'}</p>
      ) : (
        <Lines rows={shown} />
      )}
      <More many={more} hint="search to see them" />
    </>
  );
}

function Choice(props: {
  name: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}) {
  return (
    <select
      className="field"
      aria-label={props.name}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {props.options.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Lines({ rows }: { rows: readonly ProbeRow[] }) {
  return (
    <ol className="lines mono">
      {rows.map((row, i) => (
        <li key={i} className={row.text.startsWith('#') || row.text.startsWith('*') ? 'k3' : undefined}>
          <span className="line-text">{row.text}</span>
          {row.count !== undefined && row.count > 0 && <span className="hits small">{row.count}×</span>}
          {row.ref !== null && <Cause refText={row.ref} path={row.path ?? ''} />}
        </li>
      ))}
    </ol>
  );
}

/** The object behind a line: its place in the manifests if it has one, else the object itself. */
function Cause({ refText, path }: { refText: string; path: string }) {
  const follow = (): void => {
    void jumpToSource(refText, path).then((missing) => {
      if (missing !== null) openRef(refText);
    });
  };
  return <LinkButton onPress={follow}>{refWords(refText)}</LinkButton>;
}
