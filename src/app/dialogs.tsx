/** The page's dialogs: examples, keys, and what to do when the cluster has crashed. */
import { useState } from 'react';
import { isUnreachable } from '../lib/unreachable';
import { session, showDialog, useSession } from '../state/session';
import { restartCluster } from '../state/wire';
import { arriving } from '../ui/arriving';
import { Window } from '../ui/dialog';
import { COMMANDS } from './commands';
import { downloadManifests, saveText } from './files';
import type { Scenario } from '../scenarios/list';
import { GALLERY, openExample } from './gallery';
import { Palette } from './palette';

/** Both are fetched when they are first opened. */
const CompareView = arriving(() => import('../compare/compare-view').then((m) => m.CompareView));
const Settings = arriving(() => import('./settings').then((m) => m.Settings));

export function OpenDialog() {
  const dialog = useSession((state) => state.dialog);
  const crash = useSession((state) => state.crash);
  if (crash !== null && isUnreachable(crash.message)) return <UnreachableDialog />;
  if (crash !== null) return <CrashDialog message={crash.message} replay={crash.replay} />;
  if (dialog === 'palette') return <Palette />;
  if (dialog === 'examples') return <ExamplesDialog />;
  if (dialog === 'keys') return <KeysDialog />;
  if (dialog === 'settings') return <Settings />;
  if (dialog === 'compare') return <CompareView />;
  return null;
}

const close = (): void => showDialog(null);

function ExamplesDialog() {
  const open = (example: Scenario): void => {
    void openExample(example).then(() => session.setState({ selection: null, notice: 'Example opened.' }));
    close();
  };
  return (
    <Window
      title="Examples"
      lead="Opening one builds a new cluster. What you typed is set aside and can be brought back."
      onClose={close}
    >
      <div className="gallery">
        {GALLERY.map(({ heading, examples }) => (
          <section key={heading} aria-label={heading}>
            <h3 className="small k2">{heading}</h3>
            <ul className="choices">
              {examples.map((example) => (
                <li key={example.id}>
                  <button type="button" className="choice" onClick={() => open(example)}>
                    <span className="strong">{example.title}</span>
                    <span className="k2">{example.lead}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <div className="window-foot">
        <button type="button" className="btn" onClick={downloadManifests}>
          Download my manifests first
        </button>
      </div>
    </Window>
  );
}

function KeysDialog() {
  const rows = COMMANDS.filter((one) => one.key !== undefined);
  return (
    <Window
      title="Keyboard"
      lead="Keys rest while you type in the manifests or the terminal."
      onClose={close}
    >
      <dl className="keys">
        {rows.map((one) => (
          <div key={one.id}>
            <dt>
              <kbd>{one.key}</kbd>
            </dt>
            <dd>{one.name}</dd>
          </div>
        ))}
      </dl>
    </Window>
  );
}

const editFirst = (): void => session.setState({ crash: null });

/** Before the rest of the simulator is here no command was obeyed, so a new cluster from the same text is the same one. */
function UnreachableDialog() {
  return (
    <Window
      title="A part of the simulator could not be fetched"
      lead="The network or the server did not answer. Everything you typed is still here."
    >
      <p className="k2">
        Trying again starts the cluster anew from your manifests. If that does not help, load the page again:
        there may be a newer version of it.
      </p>
      <div className="window-foot">
        <button type="button" className="btn main" onClick={restartCluster}>
          Try again
        </button>
        <button type="button" className="btn" onClick={() => location.reload()}>
          Load the page again
        </button>
        <button type="button" className="btn ghost" onClick={editFirst}>
          Edit first
        </button>
      </div>
    </Window>
  );
}

function CrashDialog({ message, replay }: { message: string; replay: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard
      .writeText(replay)
      .then(() => setCopied(true))
      .catch(() => saveText('hopyard-replay.json', replay));
  };
  return (
    <Window
      title="The simulated cluster stopped"
      lead="This is a mistake of ours, not of your manifests. Everything you typed is still here."
    >
      <pre className="said">{message}</pre>
      <p className="k2">The replay holds the seed and every command, and brings this exact moment back.</p>
      <div className="window-foot">
        <button type="button" className="btn main" onClick={restartCluster}>
          Restart the cluster
        </button>
        <button type="button" className="btn" onClick={copy}>
          {copied ? 'Copied' : 'Copy replay'}
        </button>
        <button type="button" className="btn" onClick={() => saveText('hopyard-replay.json', replay)}>
          Save replay
        </button>
        <button type="button" className="btn ghost" onClick={editFirst}>
          Edit first
        </button>
      </div>
    </Window>
  );
}
