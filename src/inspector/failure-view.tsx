/** A failure explained: what worked, what did not, where it ended, and the smallest edit that would mend it. */
import { useMemo, type ReactNode } from 'react';
import type { PacketTrace } from '../sim/trace/hop';
import { nameOfIp } from '../state/flight';
import { useTable } from '../state/mirror';
import { jumpTo } from '../state/places';
import { applyTyped } from '../state/wire';
import { typeText, useWorkspace, workspace } from '../state/workspace';
import { StopGlyph } from '../ui/glyphs';
import { LinkButton } from '../ui/lists';
import { refWords } from '../ui/refs';
import { explainFailure, type Fix, type Rung } from './failure';
import { originOf } from './hop-detail';
import { Source, useLocated } from './source';

/** `trace` is the packet that did not arrive; null when none was lost and the names failed. */
export function FailureView(props: { trace: PacketTrace | null; requestId: number; took: string }) {
  const { trace, requestId, took } = props;
  const all = useTable('packets');
  const services = useTable('services');
  const pods = useTable('pods');
  const events = useTable('events');
  const { rungs, fix } = useMemo(() => {
    const packets = requestId === 0 ? [] : all.filter((one) => one.requestId === requestId);
    return explainFailure(trace, { packets, services, pods, events, nameOf: nameOfIp });
  }, [all, services, pods, events, trace, requestId]);
  const last = trace?.hops.at(-1);
  const rule = last?.rules?.at(-1);
  const origin = last === undefined ? null : originOf(last);
  if (rungs.length === 0) return null;
  return (
    <section className="failure" aria-label="Why it failed">
      <h3 className="failure-title">
        Why it failed
        {trace !== null && (
          <span className="small k2">: {`stopped at hop ${trace.hops.length} after ${took}`}</span>
        )}
      </h3>
      {rungs.map((rung, i) => (
        <div key={i} className="rung">
          <span className="m">
            <RungMark state={rung.state} />
          </span>
          <div>
            <p className="h">{rung.title}</p>
            <p className="k2">{rung.text}</p>
            {rung.origin !== undefined && (
              <Source refText={rung.origin.ref} path={rung.origin.path} mark={false} />
            )}
            {rung.state === 'stop' && rule !== undefined && (
              <>
                <p className="crumb">
                  {rule.table}: <b>{rule.chain}</b>
                </p>
                <div className="rule">{rule.rule}</div>
                {origin !== null && <Source refText={origin.ref} path={origin.path ?? ''} mark={false} />}
              </>
            )}
          </div>
        </div>
      ))}
      {fix !== null && <SmallestFix fix={fix} />}
    </section>
  );
}

const MARKS: Readonly<Record<Rung['state'], ReactNode>> = {
  ok: (
    <svg width="22" height="22" role="img" aria-label="worked" fill="none">
      <circle cx="11" cy="11" r="10" fill="var(--sheet)" stroke="var(--ink)" strokeWidth="1.5" />
      <path
        d="M6.5 11.5l3 3 6-6.5"
        stroke="var(--ink)"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  ),
  bad: (
    <svg width="22" height="22" role="img" aria-label="the cause" fill="none">
      <circle cx="11" cy="11" r="10.5" fill="var(--ink)" />
      <path
        d="M7.2 7.2l7.6 7.6m0-7.6l-7.6 7.6"
        stroke="var(--on-ink)"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  ),
  stop: <StopGlyph size={22} name="stopped here" />,
};

function RungMark({ state }: { state: Rung['state'] }) {
  return MARKS[state];
}

/** The edit that would make it fit, shown as a diff and applied only when asked for. */
function SmallestFix({ fix }: { fix: Fix }) {
  const located = useLocated(fix.ref, fix.path);
  const field = fix.path.split('.').at(-1)!;
  const range = located?.range ?? null;
  const file = useWorkspace((state) => state.files.find((one) => one.name === range?.file));
  const line = file === undefined || range === null ? undefined : file.text.split('\n')[range.line - 1];
  if (range === null || line === undefined || !line.includes(field)) return null;
  // The value, and not a key that happens to contain it.
  const value = line.indexOf(fix.from, line.indexOf(field) + field.length);
  if (value < 0) return null;
  const mended = line.slice(0, value) + fix.to + line.slice(value + fix.from.length);
  const apply = (): void => {
    const known = workspace.getState().files.find((one) => one.name === range.file);
    const lines = known?.text.split('\n') ?? [];
    if (known === undefined || lines[range.line - 1] !== line) return;
    lines[range.line - 1] = mended;
    typeText(known.name, lines.join('\n'));
    void applyTyped();
  };
  return (
    <div className="fix">
      <p>
        <span className="lead strong">Smallest fix</span>{' '}
        <span className="k2">
          {refWords(fix.ref)}, <LinkButton onPress={() => jumpTo(range)}>line {range.line}</LinkButton>
        </span>
      </p>
      <div className="diff">
        <div className="mi">
          <i>{range.line} -</i>
          {line}
        </div>
        <div className="pl">
          <i>{range.line} +</i>
          {mended}
        </div>
      </div>
      <button type="button" className="btn main" onClick={apply}>
        Apply fix
      </button>
    </div>
  );
}
