/** What the page says in passing: a line for screen readers and eyes, and the state of a cluster that is coming up. */
import { useEffect } from 'react';
import { useTable } from '../state/mirror';
import { session, showPanel, useSession } from '../state/session';
import { useWorkspace } from '../state/workspace';

export function Notice() {
  const notice = useSession((state) => state.notice);
  useEffect(() => {
    if (notice === '') return;
    const timer = setTimeout(() => session.setState({ notice: '' }), 5000);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className={notice === '' ? 'notice' : 'notice on'} role="status" aria-live="polite">
      {notice}
    </div>
  );
}

/** Over the canvas: while the worker starts, and when there is nothing of the user's in the cluster. */
export function Starting() {
  const phase = useSession((state) => state.phase);
  // Also what the cluster runs: an emptied text that is not applied has taken nothing away yet.
  const blank = useWorkspace(({ files, applied }) =>
    [...files, ...(applied ?? [])].every((file) => file.text.trim() === ''),
  );
  const nodes = useTable('nodes');
  if (phase === 'starting' && nodes.length === 0) {
    return <p className="over">Building the cluster…</p>;
  }
  if (!blank) return null;
  return (
    <div className="over low" role="note">
      <p>The workspace is empty. The cluster has only its own parts.</p>
      <button type="button" className="btn" onClick={() => showPanel('editor', true)}>
        Write manifests
      </button>
      <button type="button" className="btn" onClick={() => session.setState({ dialog: 'examples' })}>
        Open an example
      </button>
    </div>
  );
}
