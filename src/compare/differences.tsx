/** Where the modes really differ: for this question as it came out, and in general as it is written down, with sources. */
import { MODE_DIFFERENCES } from '../lib/mode-differences';
import type { CompareMode, ModeRun } from '../worker/compare-protocol';
import { aspectsOf } from './differ';
import { MODE_NAMES } from './words';

export function Differences({ runs }: { runs: readonly ModeRun[] }) {
  return (
    <section className="cmp-differ" aria-labelledby="cmp-differ">
      <h3 className="strong lead" id="cmp-differ">
        Where they really differ
      </h3>
      <ForThis runs={runs} />
      <Written modes={runs.map(({ mode }) => mode)} />
    </section>
  );
}

/** The list that a test holds all modes to: whatever is not in it comes out the same in each. */
function Written({ modes }: { modes: readonly CompareMode[] }) {
  const differs = (one: (typeof MODE_DIFFERENCES)[number]): boolean =>
    new Set(modes.map((mode) => one.answers[mode])).size > 1;
  const shown = MODE_DIFFERENCES.filter(differs);
  const others = MODE_DIFFERENCES.length - shown.length;
  return (
    <div className="cmp-scroll" tabIndex={0} role="region" aria-label="All real differences">
      <table className="rows cmp-facts">
        <caption className="sr-only">All real differences, with their reasons and sources</caption>
        <thead>
          <tr>
            <th scope="col">In general</th>
            {modes.map((mode) => (
              <th key={mode} scope="col">
                {MODE_NAMES[mode]}
              </th>
            ))}
            <th scope="col">Why, and where it is written</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ id, what, answers, why, source }) => (
            <tr key={id}>
              <th scope="row">{what}</th>
              {modes.map((mode) => (
                <td key={mode}>{answers[mode]}</td>
              ))}
              <td className="k2 cmp-why">
                {why} <span className="k3">{source}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {others > 0 && <p className="more small k3">{others} more are about modes that are not shown.</p>}
    </div>
  );
}

function ForThis({ runs }: { runs: readonly ModeRun[] }) {
  const aspects = aspectsOf(runs);
  return (
    <div className="cmp-scroll" tabIndex={0} role="region" aria-label="This question, fact by fact">
      <table className="rows cmp-facts">
        <caption className="sr-only">This question, fact by fact</caption>
        <thead>
          <tr>
            <th scope="col">For this question</th>
            {runs.map(({ mode }) => (
              <th key={mode} scope="col">
                {MODE_NAMES[mode]}
              </th>
            ))}
            <th scope="col">Compared</th>
          </tr>
        </thead>
        <tbody>
          {aspects.map(({ name, values, differs, chance }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, i) => (
                <td key={i} className={differs && chance === null ? 'strong' : ''}>
                  {value}
                </td>
              ))}
              <td className="k2">
                {differs ? (chance === null ? 'differs' : `by chance: ${chance}`) : 'the same'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
