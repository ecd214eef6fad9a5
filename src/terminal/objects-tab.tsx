/** Every object in the API server, also those that are kept and served but that nothing here acts on. */
import { useMemo, useState } from 'react';
import { useCalmTable } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { bounded, LinkButton, More, Rows } from '../ui/lists';

const FROM = {
  manifest: 'your manifests',
  system: 'the cluster itself',
  controller: 'a controller',
} as const;
const MAX = 300;

export function ObjectsTab() {
  const objects = useCalmTable('objects');
  const [typed, setTyped] = useState('');
  const found = useMemo(() => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return objects
      .filter((one) =>
        words.every((word) => `${one.kind} ${one.namespace}/${one.name}`.toLowerCase().includes(word)),
      )
      .sort((a, b) => (a.ref < b.ref ? -1 : 1));
  }, [objects, typed]);
  const { shown, more } = bounded(found, MAX);
  return (
    <>
      <div className="tools">
        <input
          className="field"
          type="search"
          placeholder="Search the objects"
          aria-label="Search the objects"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <span className="small k3">{found.length} objects</span>
      </div>
      <Rows
        name="Objects"
        columns={['Kind', 'Namespace', 'Name', 'From', 'Note']}
        empty="No object is called that."
      >
        {shown.map((one) => (
          <tr key={one.ref}>
            <td>{one.kind}</td>
            <td>{one.namespace}</td>
            <td>
              <LinkButton onPress={() => openRef(one.ref)}>{one.name}</LinkButton>
            </td>
            <td className="k2">{FROM[one.from]}</td>
            <td className="wide">
              {!one.simulated && <span className="chip dashed">stored, not simulated</span>}
            </td>
          </tr>
        ))}
      </Rows>
      <More many={more} hint="search to see them" />
    </>
  );
}
