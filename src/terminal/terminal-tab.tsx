/** The tab that shows the terminal; xterm itself is loaded when the tab is first opened. */
import { useEffect, useRef, useState } from 'react';
import { useSession } from '../state/session';

export function TerminalTab() {
  const box = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'here' | 'failed'>('loading');
  const [running, setRunning] = useState(false);
  const paused = useSession((session) => session.pace.paused);
  useEffect(() => {
    // Keys are meant for the terminal from now on, even while it is still being loaded.
    box.current?.focus();
    let leave = (): void => undefined;
    let gone = false;
    import('./shell')
      .then((shell) => {
        if (gone || box.current === null) return;
        const detach = shell.attach(box.current);
        const deafen = shell.onRunning(setRunning);
        leave = () => {
          detach();
          deafen();
        };
        setState('here');
        shell.focusTerminal();
      })
      .catch(() => setState('failed'));
    return () => {
      gone = true;
      leave();
    };
  }, []);
  return (
    <div className="term nokey">
      {state === 'loading' && <p className="k3 over-term">Loading the terminal…</p>}
      {state === 'failed' && <p className="over-term">The terminal could not be loaded. Are you offline?</p>}
      {running && paused && (
        <p className="term-hint small">Time stands still, so the command waits. Press play.</p>
      )}
      <div className="term-box" ref={box} tabIndex={-1} />
    </div>
  );
}
