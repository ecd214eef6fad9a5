/**
 * Side by side: the same seed, manifests and question in two to four modes of kube-proxy at once, with the panes in step.
 * What each shows is a run of its own in a second worker; the cluster behind the dialog is not touched.
 */
import { useEffect, useState } from 'react';
import { showDialog, useSession } from '../state/session';
import { count } from '../ui/format';
import { Window } from '../ui/dialog';
import type { CompareMailbox } from '../worker/compare-client';
import type { Ask, CompareMode } from '../worker/compare-protocol';
import { AskForm } from './ask-form';
import './compare.css';
import { Differences } from './differences';
import { Pane } from './pane';
import { useSteps } from './steps';
import { StepperBar } from './stepper-bar';
import { useCompare, type Compared } from './use-compare';
import { ALL_MODES } from './words';

const LEAD =
  'One cluster for each mode, from your applied manifests and the same seed. What you broke or scaled by hand is not repeated in them.';

/** `spawn` makes the second worker; tests bring their own. */
export function CompareView({ spawn }: { spawn?: () => CompareMailbox }) {
  const comparison = useCompare(spawn);
  const { answer, busy, failure, ask } = comparison;
  const [modes, setModes] = useState<readonly CompareMode[]>(ALL_MODES);
  useEffect(() => ask(ALL_MODES, {}), [ask]);
  const chosen = modes.filter((mode) => (answer?.modes ?? ALL_MODES).includes(mode));
  const changeModes = (next: readonly CompareMode[]): void => {
    setModes(next);
    ask(next, answer?.ask ?? {});
  };
  const send = (question: Ask): void => ask(modes, question);
  return (
    <Window title="Modes side by side" lead={LEAD} look="compare" onClose={() => showDialog(null)}>
      <div className="cmp">
        <AskForm answer={answer} modes={chosen} busy={busy} onModes={changeModes} onAsk={send} />
        <p className="cmp-state small k2" role="status">
          {busy
            ? `Asking ${count(chosen.length, 'cluster')}…`
            : failure === null
              ? ''
              : 'This comparison failed.'}
        </p>
        {failure !== null && <pre className="said">{failure}</pre>}
        {answer !== null && <Panes answer={answer} />}
      </div>
    </Window>
  );
}

function Panes({ answer }: { answer: Compared }) {
  const stepper = useSteps(answer.runs);
  const narrow = useSession((state) => state.narrow);
  const still = useSession((state) => state.reducedMotion);
  useArrows(stepper.at, stepper.go, stepper.setPlaying);
  return (
    <>
      <StepperBar
        stepper={stepper}
        modes={answer.runs.map(({ mode }) => mode)}
        still={still}
        narrow={narrow}
      />
      <div className={`cmp-panes of-${answer.runs.length}`}>
        {answer.runs.map((run, pane) => (
          <Pane key={run.mode} run={run} pane={pane} stepper={stepper} />
        ))}
      </div>
      <Differences runs={answer.runs} />
    </>
  );
}

/** Left and right step all panes, wherever in the dialog the focus is, unless it is in a field. */
function useArrows(at: number, go: (at: number) => void, setPlaying: (on: boolean) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      const target = event.target instanceof Element ? event.target : null;
      const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
      if (step === 0 || modified || target?.closest('input, select, .cmp-scroll')) return;
      event.preventDefault();
      setPlaying(false);
      go(at + step);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [at, go, setPlaying]);
}
