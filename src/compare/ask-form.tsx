/** Which modes, who asks, and for what. */
import { useState, type FormEvent } from 'react';
import type { Ask, CompareMode } from '../worker/compare-protocol';
import type { Compared } from './use-compare';
import { ALL_MODES, MODE_NAMES } from './words';

const FEWEST = 2;

export function AskForm(props: {
  answer: Compared | null;
  modes: readonly CompareMode[];
  busy: boolean;
  onModes: (modes: readonly CompareMode[]) => void;
  onAsk: (ask: Ask) => void;
}) {
  const { answer, modes, busy } = props;
  const [typed, setTyped] = useState<Partial<Ask>>({});
  const ask: Ask = { ...(answer?.ask ?? { from: '', tool: 'curl', target: '' }), ...typed };
  const change = (part: Partial<Ask>): void => setTyped({ ...typed, ...part });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    props.onAsk(ask);
  };
  return (
    <form className="cmp-ask" onSubmit={submit}>
      <ModeButtons able={answer?.modes ?? ALL_MODES} modes={modes} onModes={props.onModes} />
      <label>
        <span className="small k2">From</span>
        <select className="field" value={ask.from} onChange={(event) => change({ from: event.target.value })}>
          {(answer?.places ?? []).map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="small k2">With</span>
        <select
          className="field"
          value={ask.tool}
          onChange={(event) => change({ tool: event.target.value === 'ping' ? 'ping' : 'curl' })}
        >
          <option value="curl">curl</option>
          <option value="ping">ping</option>
        </select>
      </label>
      <label className="wide">
        <span className="small k2">To</span>
        <input
          className="field mono"
          list="cmp-targets"
          spellCheck={false}
          autoCapitalize="none"
          value={ask.target}
          onChange={(event) => change({ target: event.target.value })}
        />
      </label>
      <datalist id="cmp-targets">
        {(answer?.targets ?? []).map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </datalist>
      <button type="submit" className="btn main" disabled={busy || answer === null}>
        Send in each mode
      </button>
    </form>
  );
}

function ModeButtons(props: {
  able: readonly CompareMode[];
  modes: readonly CompareMode[];
  onModes: (modes: readonly CompareMode[]) => void;
}) {
  const { able, modes } = props;
  const toggle = (mode: CompareMode): void => {
    const next = modes.includes(mode) ? modes.filter((one) => one !== mode) : [...modes, mode];
    if (next.length >= FEWEST) props.onModes(ALL_MODES.filter((one) => next.includes(one)));
  };
  return (
    <div className="group" role="group" aria-label="Modes to compare">
      {ALL_MODES.filter((mode) => able.includes(mode)).map((mode) => {
        const on = modes.includes(mode);
        return (
          <button
            key={mode}
            type="button"
            className="btn"
            aria-pressed={on}
            aria-disabled={on && modes.length <= FEWEST}
            title={on && modes.length <= FEWEST ? 'Two modes are the fewest to compare' : undefined}
            onClick={() => toggle(mode)}
          >
            {MODE_NAMES[mode]}
          </button>
        );
      })}
    </div>
  );
}
