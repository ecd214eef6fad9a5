/** Below the manifests: problems, what the last apply did to each object, and the button that applies. */
import { useState } from 'react';
import type { ApplyRow, Diagnostic } from '../sim/view';
import { intended, summary } from '../state/apply-words';
import { openRef } from '../state/moves';
import { jumpToTyped } from '../state/places';
import { bringBack } from '../state/replacing';
import { useSession } from '../state/session';
import { applyTyped, restartCluster } from '../state/wire';
import { isDirty, useWorkspace, workspace } from '../state/workspace';
import { IconButton } from '../ui/controls';
import { count } from '../ui/format';
import { keyName } from '../ui/key-names';
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
          {showRows && <Results rows={rows} diagnostics={bad} />}
        </div>
      )}
      <Unsaved />
      <Aside />
      <div className="foot">
        <Status problems={bad.filter((one) => one.severity === 'error').length} />
        <span className="sp" />
        <ApplyButton />
      </div>
    </>
  );
}

/** The browser would not keep the text: it is here until the page is closed. */
function Unsaved() {
  const unsaved = useWorkspace((state) => state.unsaved);
  if (!unsaved) return null;
  return (
    <p className="aside small" role="status">
      <Icon name="warn" /> Not saved: the browser has no room for it, or may not. Download it to keep it.
    </p>
  );
}

/** What an example has replaced, one press away. */
function Aside() {
  const aside = useWorkspace((state) => state.aside);
  if (aside === null) return null;
  return (
    <div className="aside small" role="status">
      <span className="ellipsis" title={`Set aside: ${aside.name}`}>
        Set aside: {aside.name}
      </span>
      <span className="sp" />
      <LinkButton onPress={() => takeBack(aside.name)}>Bring it back</LinkButton>
      <IconButton
        icon="close"
        name="Throw away what is set aside"
        onPress={() => workspace.setState({ aside: null })}
      />
    </div>
  );
}

/** An example was opened with a cluster of its own, so its going brings a new one too. */
function takeBack(name: string): void {
  const another = workspace.getState().name !== name;
  bringBack();
  if (another) restartCluster();
}

function Status({ problems }: { problems: number }) {
  const dirty = useWorkspace(isDirty);
  const phase = useSession((state) => state.phase);
  const applying = useSession((state) => state.applying);
  const pending = useSession((state) => state.pending);
  const [text, icon] = statusWords({ phase, applying, problems, dirty, pending });
  return (
    <span className="small k2 status" role="status">
      <Icon name={icon} /> <span>{text}</span>
    </span>
  );
}

interface Standing {
  readonly phase: 'starting' | 'ready' | 'crashed';
  readonly applying: boolean;
  readonly problems: number;
  readonly dirty: boolean;
  /** What applying would do, when that is known. */
  readonly pending: readonly ApplyRow[];
}

/** How the text and the cluster stand to each other, and the icon that says the same. */
export function statusWords({
  phase,
  applying,
  problems,
  dirty,
  pending,
}: Standing): [string, 'warn' | 'line' | 'check'] {
  if (phase === 'starting') return ['The cluster is starting', 'line'];
  if (phase === 'crashed') return ['The cluster has stopped', 'warn'];
  if (applying) return ['Applying…', 'line'];
  if (problems > 0) return [`${count(problems, 'problem')}${dirty ? ', not applied' : ''}`, 'warn'];
  if (!dirty) return ['Applied, nothing pending', 'check'];
  if (pending.length === 0) return ['Changes not applied', 'line'];
  return [`Not applied: ${intended(pending) ?? 'changes no object'}`, 'line'];
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
      title={`Brings the cluster to what is written here (${keyName('Ctrl S')} or ${keyName('Ctrl Enter')})`}
      // The cursor stays in the text, and a telephone's keyboard up: one goes on where one was.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => void applyTyped()}
    >
      Apply <span className="small key-hint">{keyName('Ctrl S')}</span>
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
            <LinkButton onPress={() => jumpToTyped(one.range)}>line {one.range.line}</LinkButton>
            <span>{one.message}</span>
          </li>
        ))}
      </ul>
      <More many={more} />
    </>
  );
}

function Results(props: { rows: readonly ApplyRow[]; diagnostics: readonly Diagnostic[] }) {
  const { rows, diagnostics } = props;
  // What stands above with its line is not said again.
  const said = new Set(diagnostics.map((one) => one.ref));
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
            {row.message && !said.has(row.ref) && <span className="k2 message">{row.message}</span>}
          </li>
        ))}
      </ul>
      <More many={more} />
    </>
  );
}
