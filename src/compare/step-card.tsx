/** What the step in front does in one mode: the sentence, the header before and after, and the entry that says so. */
import { destinationOf, innermost, sourceOf } from '../sim/trace/describe';
import { explain, explainEnd } from '../sim/trace/explain';
import type { Hop, RuleStep } from '../sim/trace/hop';
import { formatSpan } from '../ui/format';
import type { Behind, ComparePacket, ModeRun } from '../worker/compare-protocol';
import type { Row } from './align';
import { telling, type Stage } from './stage';
import { nameIn } from './words';

export function StepCard(props: {
  run: ModeRun;
  packet: ComparePacket | null;
  rows: readonly Row[];
  at: number;
  pane: number;
}) {
  const { run, packet, rows, at, pane } = props;
  const cell = (rows[at]?.cells[pane] ?? []).flatMap((i) => packet?.hops[i] ?? []);
  const main = telling(cell);
  if (packet === null) return <p className="cmp-none k2">Sends no such packet.</p>;
  if (main === null) return <Nothing packet={packet} rows={rows} at={at} pane={pane} />;
  const nameOf = nameIn(run);
  const others = cell.filter((one) => one !== main);
  return (
    <div className="cmp-step">
      <p className="small k3">
        {placeWords(main.hop)}, {formatSpan(main.hop.atNs - packet.bornNs)} after it was sent
      </p>
      <p className="strong cmp-said">{explain(main.hop, nameOf)}</p>
      <Header hop={main.hop} />
      {main.behind.map((one) => (
        <Table key={one.tool} behind={one} />
      ))}
      <Rules rules={main.hop.rules ?? []} passed={main.hop.rulesPassed} />
      <Facts hop={main.hop} />
      {others.length > 0 && (
        <ul className="cmp-others small k2" aria-label="Also in this step">
          {others.map(({ hop }, i) => (
            <li key={i}>{explain(hop, nameOf)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Why a packet has no step of this kind at all. */
function nothingWords(stage: Stage | undefined, { role }: ComparePacket): string {
  if (stage === 'cross') return 'Nothing to cross: it stays on this machine.';
  if (stage !== 'decide') return 'Nothing to do here in this mode.';
  return role === 'request' || role === 'dns-query'
    ? 'No rule, table or map is about this destination: it goes on as it is.'
    : 'Nothing to change back: it comes from the very address that the socket is connected to.';
}

/** A pane without a step of its own says why: its way is over, it has had this step, has yet to, or never will. */
function Nothing(props: { packet: ComparePacket; rows: readonly Row[]; at: number; pane: number }) {
  const { packet, rows, at, pane } = props;
  const { end } = packet;
  const stage = rows[at]?.stage;
  const has = (row: Row): boolean => (row.cells[pane] ?? []).length > 0;
  if (end !== null && !rows.slice(at).some(has)) {
    return (
      <div className="cmp-none">
        <p className="small k3">
          {end.place.netns === '' ? 'On the wire' : `On ${end.place.machine}`}, some steps ago
        </p>
        <p className={end.kind === 'delivered' ? 'strong' : 'strong cmp-failed'}>{explainEnd(end)}</p>
      </div>
    );
  }
  const mine = (list: readonly Row[]): boolean => list.some((row) => has(row) && row.stage === stage);
  if (mine(rows.slice(0, at))) return <p className="cmp-none k2">Done already, some steps ago.</p>;
  if (mine(rows.slice(at))) return <p className="cmp-none k2">Not yet: it comes to this later.</p>;
  return <p className="cmp-none k2">{nothingWords(stage, packet)}</p>;
}

function placeWords({ place }: Hop): string {
  if (place.netns === '') return 'On the wire';
  return place.netns === 'host' ? `On ${place.machine}` : `In a pod on ${place.machine}`;
}

function Header({ hop }: { hop: Hop }) {
  const [before, after] = [innermost(hop.before), innermost(hop.after)];
  const rows = [
    ['To', destinationOf(before), destinationOf(after)],
    ['From', sourceOf(before), sourceOf(after)],
  ] as const;
  return (
    <table className="hd">
      <thead className="sr-only">
        <tr>
          <th scope="col">Header</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, old, now]) => (
          <tr key={name}>
            <td>{name}</td>
            {old === now ? (
              <td colSpan={2}>{now}</td>
            ) : (
              <>
                <td className="old">{old}</td>
                <td>
                  <span className="new">{now}</span>
                </td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Rules({ rules, passed }: { rules: readonly RuleStep[]; passed: number | undefined }) {
  const last = rules.at(-1);
  if (last === undefined) return null;
  const chains = rules.map((step) => step.chain).filter((name, i, list) => list[i - 1] !== name);
  return (
    <>
      <p className="crumb">
        {last.table}: {chains.slice(0, -1).join(' › ')}
        {chains.length > 1 && ' › '}
        <b>{chains.at(-1)}</b>
        {passed !== undefined && <span className="k3">{`, ${passed} rules looked at`}</span>}
      </p>
      <div className="rule">
        {rules.map((step, i) => (
          <Rule key={i} text={step.rule} />
        ))}
      </div>
    </>
  );
}

/** A rule as its tool prints it, whole; the element that a look-up found stands on a line of its own. */
function Rule({ text }: { text: string }) {
  const [rule = '', element] = text.split(/ {2}# /);
  return (
    <div className="cmp-rule">
      {rule}
      {element !== undefined && <b className="cmp-element">{element}</b>}
    </div>
  );
}

/** The tool's columns, as far apart as a narrow pane has room for. */
function Table({ behind }: { behind: Behind }) {
  return (
    <div className="cmp-table">
      <p className="crumb">{behind.tool}</p>
      <pre className="rule">
        {behind.lines.map(({ text, hit }, i) => {
          const line = `${text.replace(/(\S) {3,}/g, '$1  ')}\n`;
          return hit ? <b key={i}>{line}</b> : line;
        })}
      </pre>
    </div>
  );
}

/** Facts that are not in the sentence, the headers or the tables above. */
const TOLD_ABOVE = new Set(['state', 'original', 'reply', 'ipvs', 'frontend', 'backend', 'backends']);

function Facts({ hop }: { hop: Hop }) {
  const told = Object.entries(hop.facts ?? {}).filter(([name]) => !TOLD_ABOVE.has(name));
  if (told.length === 0) return null;
  return (
    <dl className="facts">
      {told.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
