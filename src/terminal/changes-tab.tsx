/** What the control plane changed, newest first: the road from a manifest to rules on every node. */
import { useMemo } from 'react';
import { useCalmTable } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { formatTime } from '../ui/format';
import { bounded, LinkButton, More, Rows } from '../ui/lists';
import { refWords } from '../ui/refs';

const MAX = 300;

export function ChangesTab() {
  const changes = useCalmTable('changes');
  const newest = useMemo(() => [...changes].sort((a, b) => b.atNs - a.atNs || b.id - a.id), [changes]);
  const { shown, more } = bounded(newest, MAX);
  return (
    <>
      <Rows
        name="Changes"
        columns={['At', 'Sign', 'What', 'Change']}
        empty="The control plane has changed nothing yet."
      >
        {shown.map((one) => (
          <tr key={one.id}>
            <td className="mono">{formatTime(one.atNs)}</td>
            <td>
              <ControlMark />
            </td>
            <td>
              <LinkButton onPress={() => openRef(one.ref)}>{refWords(one.ref)}</LinkButton>
            </td>
            <td className="wide">{one.text}</td>
          </tr>
        ))}
      </Rows>
      <More many={more} />
    </>
  );
}

function ControlMark() {
  return (
    <svg width="14" height="14" viewBox="0 0 16 16" role="img" aria-label="control plane">
      <path
        d="M8 2.5 l5.5 9.6 h-11 z"
        fill="var(--sheet)"
        stroke="var(--control)"
        strokeWidth="2"
        strokeLinejoin="round"
      />
    </svg>
  );
}
