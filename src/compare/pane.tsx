/** One mode: its way, the step in front, and what the first packet cost there. */
import { formatSpan } from '../ui/format';
import type { ModeRun } from '../worker/compare-protocol';
import { fineSpan, firstPacket } from './differ';
import { Road } from './road';
import { decides, telling } from './stage';
import { StepCard } from './step-card';
import type { Stepper } from './steps';
import { MODE_LEADS, MODE_NAMES } from './words';

export function Pane({ run, pane, stepper }: { run: ModeRun; pane: number; stepper: Stepper }) {
  const { walk, at } = stepper;
  const position = walk.positions[at];
  const part = position === undefined ? undefined : walk.chapters[position.chapter];
  const packet = part?.chapter.packets[pane] ?? null;
  return (
    <section className="cmp-pane" id={`cmp-${run.mode}`} aria-labelledby={`cmp-name-${run.mode}`}>
      <header className="cmp-pane-head">
        <h3 className="strong lead" id={`cmp-name-${run.mode}`}>
          {MODE_NAMES[run.mode]}
        </h3>
        <p className="small k2">{MODE_LEADS[run.mode]}</p>
      </header>
      {part !== undefined && position !== undefined && (
        <>
          <Road mode={run.mode} pane={pane} rows={part.rows} at={position.row} packet={packet} />
          <StepCard run={run} packet={packet} rows={part.rows} at={position.row} pane={pane} />
        </>
      )}
      <Sums run={run} />
      <Holds run={run} />
    </section>
  );
}

/** What stays in sight while the pane is scrolled: the count, the time, and what came of it. */
function Sums({ run }: { run: ModeRun }) {
  const first = firstPacket(run);
  const outcome = run.request?.outcome;
  return (
    <p className="cmp-sums">
      {first === null ? (
        <span>No packet was sent, so no rule was passed</span>
      ) : (
        <span>
          <b className="cmp-count">{first.there.rulesPassed}</b> rules passed on {run.node}
        </span>
      )}
      <span className={outcome?.ok === false ? 'strong cmp-failed' : 'strong'}>
        {outcome?.text ?? 'nothing was asked'}
      </span>
    </p>
  );
}

function Holds({ run }: { run: ModeRun }) {
  const first = firstPacket(run);
  const end = first?.end ?? null;
  const deciding = first && telling(first.hops.filter(({ hop }) => decides(hop)))?.hop.rulesPassed;
  return (
    <dl className="cmp-holds">
      <div>
        <dt>Rules passed on the whole way</dt>
        <dd>{first?.rulesPassed ?? 0}</dd>
      </div>
      <div>
        <dt>In the hooks of {run.node}</dt>
        <dd>{fineSpan(first?.there.hooksNs ?? 0)}</dd>
      </div>
      <div>
        <dt>Rules passed to decide</dt>
        <dd>{deciding ?? 0}</dd>
      </div>
      <div>
        <dt>{end?.kind === 'delivered' || end === null ? 'First packet there' : 'First packet ended'}</dt>
        <dd>{first === null || end === null ? 'not yet' : `after ${formatSpan(end.atNs - first.bornNs)}`}</dd>
      </div>
      {run.holds.map(({ what, count }) => (
        <div key={what}>
          <dt>
            {what} on {run.node}
          </dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}
