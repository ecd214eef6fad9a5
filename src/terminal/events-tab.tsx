/** Kubernetes Events, newest first, as `kubectl get events` would list them. */
import { useMemo } from 'react';
import { useCalmTable } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { formatClock } from '../ui/format';
import { bounded, LinkButton, More, Rows } from '../ui/lists';
import { isRef, refWords } from '../ui/refs';

const MAX = 200;

export function EventsTab() {
  const events = useCalmTable('events');
  const newest = useMemo(() => [...events].sort((a, b) => b.lastNs - a.lastNs || b.id - a.id), [events]);
  const { shown, more } = bounded(newest, MAX);
  return (
    <>
      <Rows
        name="Events"
        columns={['Last seen', 'Type', 'Reason', 'Object', 'Message', 'Times']}
        empty="No events yet."
      >
        {shown.map((one) => (
          <tr key={one.id}>
            <td className="mono">{formatClock(one.lastNs)}</td>
            <td>{one.type}</td>
            <td>{one.reason}</td>
            <td>
              {isRef(one.object) ? (
                <LinkButton onPress={() => openRef(one.object)}>{refWords(one.object)}</LinkButton>
              ) : (
                one.object
              )}
            </td>
            <td className="wide">{one.message}</td>
            <td className="num">{one.count}</td>
          </tr>
        ))}
      </Rows>
      <More many={more} hint="older ones are in kubectl get events" />
    </>
  );
}
