/** Everything that somebody asked for lately, newest first, with its outcome. */
import { memo, useMemo } from 'react';
import type { RequestTrace } from '../sim/trace/hop';
import { useCalmTable } from '../state/mirror-hooks';
import { openRequest } from '../state/moves';
import { useSession } from '../state/session';
import { formatSpan, formatTime } from '../ui/format';
import { bounded, LinkButton, More, Rows } from '../ui/lists';
import { refParts } from '../ui/refs';

const MAX = 100;

/** Outcome in words; an open one says so. */
function outcomeWords(request: RequestTrace): string {
  if (request.outcome === null) return 'on its way';
  return request.outcome.text || (request.outcome.ok ? 'answered' : 'failed');
}

export function RequestsTab() {
  const requests = useCalmTable('requests');
  const open = useSession((state) => (state.selection?.kind === 'request' ? state.selection.id : null));
  const newest = useMemo(() => [...requests].reverse(), [requests]);
  const { shown, more } = bounded(newest, MAX);
  return (
    <>
      <Rows
        name="Requests"
        columns={['Began', 'From', 'What', 'Took', 'Outcome']}
        empty="Nobody has asked for anything yet."
      >
        {shown.map((one) => (
          <Row key={one.id} request={one} open={one.id === open} />
        ))}
      </Rows>
      <More many={more} />
    </>
  );
}

const Row = memo(function Row({ request, open }: { request: RequestTrace; open: boolean }) {
  const { id, startNs, endNs, from, what, outcome } = request;
  return (
    <tr className={open ? 'on' : ''} onClick={() => openRequest(id)}>
      <td className="mono">{formatTime(startNs)}</td>
      <td>{refParts(from).name || from}</td>
      <td>
        <LinkButton mono onPress={() => openRequest(id)}>
          {what}
        </LinkButton>
      </td>
      <td className="num">{endNs === null ? '' : formatSpan(endNs - startNs)}</td>
      <td className="wide">
        {outcome?.ok === false && <StopMark />} {outcomeWords(request)}
      </td>
    </tr>
  );
});

function StopMark() {
  return (
    <svg width="14" height="14" viewBox="0 0 18 18" role="img" aria-label="failed" className="inline-mark">
      <rect width="18" height="18" rx="3" fill="var(--drop)" />
      <path d="M4.5 4.5l9 9m0-9l-9 9" stroke="var(--on-signal)" strokeWidth="2.25" strokeLinecap="round" />
    </svg>
  );
}
