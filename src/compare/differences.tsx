/** Where the modes really differ: for this question as it came out, and in general as it is written down, with sources. */
import type { ModeRun, WrittenDifference } from '../worker/compare-protocol';
import { aspectsOf } from './differ';
import { MODE_NAMES } from './words';

export function Differences({
  runs,
  written,
}: {
  runs: readonly ModeRun[];
  written: readonly WrittenDifference[];
}) {
  return (
    <section className="cmp-differ" aria-labelledby="cmp-differ">
      <h3 className="strong lead" id="cmp-differ">
        Where they really differ
      </h3>
      <ForThis runs={runs} />
      {written.length > 0 && (
        <>
          <h4 className="strong">In general</h4>
          <ul className="cmp-written">
            {written.map(({ title, text, source }) => (
              <li key={title}>
                <b>{title}</b> {text} <span className="small k3">Source: {source}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
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
