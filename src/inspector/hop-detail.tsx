/** One hop opened: headers before and after, the rules that matched, further facts, and the line of YAML behind it. */
import { useState } from 'react';
import { explain, titleOf } from '../sim/trace/explain';
import type { Hop, RuleStep } from '../sim/trace/hop';
import { nameOfIp, shortNameOfIp } from '../state/flight';
import { tableOf } from '../state/mirror';
import { useMirror } from '../state/mirror-hooks';
import { session, showTab } from '../state/session';
import { formatSpan } from '../ui/format';
import { LinkButton } from '../ui/lists';
import { headerRows, leavingOf, type HeaderRow } from './headers';
import { Source } from './source';

export function HopDetail(props: {
  hop: Hop;
  next: Hop | undefined;
  marked: RuleStep | null;
  bornNs: number;
  current: boolean;
}) {
  const { hop, next, marked, bornNs, current } = props;
  const [all, setAll] = useState(false);
  const rows = headerRows(hop.before, leavingOf(hop, next));
  const shown = all ? rows : rows.filter((row) => row.brief || row.changed);
  const origin = originOf(hop) ?? marked?.origin ?? null;
  const facts = Object.entries(hop.facts ?? {});
  return (
    <div className="open">
      <p className="small k3">
        {placeWords(hop)}, {formatSpan(hop.atNs - bornNs)} after it was sent, takes{' '}
        {formatSpan(hop.durationNs)}
      </p>
      <Headers rows={shown} />
      {rows.length > shown.length || all ? (
        <LinkButton onPress={() => setAll(!all)}>
          {all ? 'Fewer headers' : `All ${rows.length} headers`}
        </LinkButton>
      ) : null}
      {hop.rules !== undefined && hop.rules.length > 0 && (
        <Rules rules={hop.rules} passed={hop.rulesPassed} />
      )}
      {marked !== null && (
        <>
          <p className="small k3">It was marked for this before, by</p>
          <div className="rule">
            <RuleText text={marked.rule} />
          </div>
        </>
      )}
      {facts.length > 0 && (
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {hop.details !== undefined && <Details hops={hop.details} />}
      <EntryLink hop={hop} />
      {origin !== null && <Source refText={origin.ref} path={origin.path ?? ''} mark={current} />}
    </div>
  );
}

/** To the connection that this node tracks for the packet; the drawer finds it by the packet's addresses. */
function EntryLink({ hop }: { hop: Hop }) {
  const { machine, netns } = hop.place;
  const isNode = useMirror(() => tableOf('nodes').has(`Node//${machine}`));
  const asked = hop.station === 'hook' || hop.station === 'chain' || hop.station === 'conntrack';
  if (!isNode || netns !== 'host' || !asked) return null;
  const show = (): void => {
    session.setState({ drawerNode: machine, flow: null });
    showTab('conntrack');
  };
  return (
    <p className="small">
      <LinkButton onPress={show}>Conntrack entry</LinkButton>
    </p>
  );
}

/** What the kernel did besides, folded: routes inside the pod, neighbours, the outer packet's own lap. */
function Details({ hops }: { hops: readonly Hop[] }) {
  return (
    <details className="details">
      <summary>
        {hops.length === 1 ? 'One more step' : `${hops.length} more steps`} before the next hop
      </summary>
      <ol>
        {hops.map((hop, i) => (
          <li key={i}>
            <span className="mono">{titleOf(hop, shortNameOfIp)}</span> {explain(hop, nameOfIp)}
          </li>
        ))}
      </ol>
    </details>
  );
}

/**
 * Why the hop is as it is: its own cause, or that of a rule that matched. Rules for an endpoint come from a slice, which a
 * controller derived from its Service; the Service is what somebody wrote, so it goes first.
 */
export function originOf(hop: Hop): { ref: string; path?: string } | null {
  const origins = [
    ...(hop.rules ?? []).flatMap((step) => step.origin ?? []),
    ...(hop.origin ? [hop.origin] : []),
  ];
  return origins.findLast((one) => !one.ref.startsWith('EndpointSlice/')) ?? origins.at(-1) ?? null;
}

const MARKING = /\b(KUBE-MARK-MASQ|mark-for-masquerade)\b/;

/**
 * Why hop `i` masquerades: the rule that sent the packet to be marked on the same machine. The rule that masquerades asks
 * for the mark alone, and knows of no object.
 */
export function markedBy(hops: readonly Hop[], i: number): RuleStep | null {
  const hop = hops[i]!;
  const byMark = /^(KUBE-POSTROUTING|masquerading)$/.test(hop.rules?.at(-1)?.chain ?? '');
  if (hop.action !== 'masquerade' || !byMark || originOf(hop) !== null) return null;
  for (const before of hops.slice(0, i).reverse()) {
    if (before.place.machine !== hop.place.machine) return null;
    const found = before.rules?.find(({ rule, origin }) => origin !== undefined && MARKING.test(rule));
    if (found !== undefined) return found;
  }
  return null;
}

function placeWords(hop: Hop): string {
  const { machine, netns, device } = hop.place;
  if (netns === '') return 'On the wire';
  const where = netns === 'host' ? machine : `In a pod’s network on ${machine}`;
  return device === undefined ? where : `${where}, ${device}`;
}

function Headers({ rows }: { rows: readonly HeaderRow[] }) {
  if (rows.length === 0) return null;
  const before = rows.some((row) => row.before !== null);
  return (
    <table className="hd">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">Header</span>
          </th>
          <th scope="col">{before ? 'Before' : ''}</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.section}/${row.field}`}>
            <td>{row.field}</td>
            <td className={row.changed && row.before !== null ? 'old' : undefined}>{row.before ?? 'none'}</td>
            <td>
              {row.changed ? <span className="new">{row.after ?? 'none'}</span> : row.after}
              {row.changed && <span className="sr-only"> changed</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Chains in the order of the walk, and the last rule in full; the others on demand. */
function Rules({ rules, passed }: { rules: readonly RuleStep[]; passed: number | undefined }) {
  const [all, setAll] = useState(false);
  const last = rules.at(-1)!;
  const chains = rules.map((step) => step.chain).filter((name, i, list) => list[i - 1] !== name);
  return (
    <>
      <p className="crumb">
        {last.table}: {chains.slice(0, -1).join(' › ')}
        {chains.length > 1 && ' › '}
        <b>{chains.at(-1)}</b>
      </p>
      {(all ? rules : [last]).map((step, i) => (
        <div key={i} className="rule">
          <RuleText text={step.rule} />
        </div>
      ))}
      <p className="small k3">
        {passed !== undefined && `${passed} rules looked at. `}
        {rules.length > 1 && (
          <LinkButton onPress={() => setAll(!all)}>
            {all ? 'Only the last' : `All ${rules.length} that matched`}
          </LinkButton>
        )}
      </p>
    </>
  );
}

/** The rule with its target in bold, as in the field's own notation. */
function RuleText({ text }: { text: string }) {
  const at = text.search(/ -[jg] \S+/);
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at + 1)}
      <b>{text.slice(at + 1)}</b>
    </>
  );
}
