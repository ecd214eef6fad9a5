/** A table or text of a machine or object that is read only while it is open, and stays live. */
import { useState } from 'react';
import { useProbe } from '../state/probe';
import { jumpToSource } from '../state/moves';
import type { Probe } from '../worker/protocol';
import { bounded, LinkButton, More } from '../ui/lists';

const MAX = 300;

export function LiveText(props: { title: string; probe: Probe; note?: string; open?: boolean }) {
  const [open, setOpen] = useState(props.open ?? false);
  return (
    <details className="live" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {props.title}
        {props.note !== undefined && <span className="small k3"> {props.note}</span>}
      </summary>
      {open && <LiveLines probe={props.probe} />}
    </details>
  );
}

function LiveLines({ probe }: { probe: Probe }) {
  const answer = useProbe(probe);
  if (answer === null) return <p className="k3 small">Reading…</p>;
  const rows =
    answer.rows.length > 0
      ? answer.rows
      : answer.text.split('\n').map((text) => ({ text, ref: null, path: null, count: undefined }));
  const { shown, more } = bounded(rows, MAX);
  if (answer.text.trim() === '' && answer.rows.length === 0)
    return <p className="k3 small">Nothing there.</p>;
  return (
    <>
      <ol className="lines mono">
        {shown.map((row, i) => (
          <li key={i}>
            <span className="line-text">{row.text}</span>
            {row.count !== undefined && row.count > 0 && <span className="hits small">{row.count}×</span>}
            {row.ref !== null && row.path !== null && (
              <LinkButton onPress={() => void jumpToSource(row.ref ?? '', row.path ?? '')}>source</LinkButton>
            )}
          </li>
        ))}
      </ol>
      <More many={more} />
    </>
  );
}

/** What is said of something that is no longer there. */
export function Gone({ what }: { what: string }) {
  return <p className="sec k2">{what} is not in the cluster (any more).</p>;
}
