/** Below the manifests: problems, what the last apply did to each object, and the button that applies. */
import { useState } from 'react';
import type { ApplyRow, Diagnostic } from '../sim/view';
import { openRef } from '../state/moves';
import { jumpTo, useSession } from '../state/session';
import { applyTyped, restartCluster } from '../state/wire';
import { isDirty, useWorkspace } from '../state/workspace';
import { IconButton } from '../ui/controls';
import { count } from '../ui/format';
import { Icon } from '../ui/icons';
import { bounded, LinkButton, More } from '../ui/lists';

const MAX = 50;

export function Foot() {
  const rows = useSession((state) => state.applyRows);
  const diagnostics = useSession((state) => state.diagnostics);
  const [closed, setClosed] = useState<unknown>(null);
  const bad = diagnostics.filter((one) => one.severity !== 'info');
  const showRows = rows.length > 0 && closed !== rows;
  return (
    <>
      {(bad.length > 0 || showRows) && (
        <div className="results">
          {showRows && (
            <div className="results-head">
              <span className="small k2">{summary(rows)}</span>
              <span className="sp" />
              <IconButton icon="close" name="Close the results" onPress={() => setClosed(rows)} />
            </div>
          )}
          <Problems diagnostics={bad} />
          {showRows && <Results rows={rows} />}
        </div>
      )}
      <div className="foot">
        <Status problems={bad.filter((one) => one.severity === 'error').length} />
        <span className="sp" />
        <ApplyButton />
      </div>
    </>
  );
}

/** "1 created, 2 unchanged" */
export function summary(rows: readonly ApplyRow[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.result, (counts.get(row.result) ?? 0) + 1);
  return [...counts].map(([result, many]) => `${many} ${result}`).join(', ');
}

function Status({ problems }: { problems: number }) {
  const dirty = useWorkspace(isDirty);
  const phase = useSession((state) => state.phase);
  const applying = useSession((state) => state.applying);
  const [text, icon] = statusWords({ phase, applying, problems, dirty });
  return (
    <span className="small k2 status">
      <Icon name={icon} /> {text}
    </span>
  );
}

interface Standing {
  readonly phase: 'starting' | 'ready' | 'crashed';
  readonly applying: boolean;
  readonly problems: number;
  readonly dirty: boolean;
}

/** How the text and the cluster stand to each other, and the icon that says the same. */
export function statusWords({
  phase,
  applying,
  problems,
  dirty,
}: Standing): [string, 'warn' | 'line' | 'check'] {
  if (phase === 'starting') return ['The cluster is starting', 'line'];
  if (phase === 'crashed') return ['The cluster has stopped', 'warn'];
  if (applying) return ['Applying…', 'line'];
  if (problems > 0) return [count(problems, 'problem'), 'warn'];
  return dirty ? ['Changes not applied', 'line'] : ['Applied, nothing pending', 'check'];
}

function ApplyButton() {
  const dirty = useWorkspace(isDirty);
  const phase = useSession((state) => state.phase);
  if (phase === 'crashed') {
    return (
      <button type="button" className="btn main" onClick={restartCluster}>
        Restart the cluster
      </button>
    );
  }
  return (
    <button
      type="button"
      className={dirty && phase === 'ready' ? 'btn main' : 'btn'}
      disabled={phase !== 'ready'}
      onClick={() => void applyTyped()}
    >
      Apply <span className="small key-hint">Ctrl S</span>
    </button>
  );
}

function Problems({ diagnostics }: { diagnostics: readonly Diagnostic[] }) {
  if (diagnostics.length === 0) return null;
  const { shown, more } = bounded(diagnostics, MAX);
  return (
    <>
      <ul className="problems" aria-label="Problems">
        {shown.map((one, i) => (
          <li key={i}>
            <LinkButton onPress={() => jumpTo(one.range)}>line {one.range.line}</LinkButton>
            <span>{one.message}</span>
          </li>
        ))}
      </ul>
      <More many={more} />
    </>
  );
}

function Results({ rows }: { rows: readonly ApplyRow[] }) {
  const { shown, more } = bounded(rows, MAX);
  return (
    <>
      <ul className="applied" aria-label="What apply did">
        {shown.map((row) => (
          <li key={row.ref + row.name}>
            {row.result === 'deleted' || row.result === 'invalid' ? (
              <span className="mono">{row.name}</span>
            ) : (
              <LinkButton mono onPress={() => openRef(row.ref)}>
                {row.name}
              </LinkButton>
            )}
            <span className={row.result === 'unchanged' ? 'k3' : 'strong'}>{row.result}</span>
            {row.message && <span className="k2 message">{row.message}</span>}
          </li>
        ))}
      </ul>
      <More many={more} />
    </>
  );
}
