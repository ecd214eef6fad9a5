/** What the simulator leaves out on purpose, from the comments in its own code, searchable. */
import { useDeferredValue, useState } from 'react';
import notes from 'virtual:fidelity';

export function Fidelity() {
  const [typed, setTyped] = useState('');
  const words = useDeferredValue(typed).toLowerCase().split(/\s+/).filter(Boolean);
  const shown = notes.filter((note) => {
    const text = `${note.area} ${note.text} ${note.file}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const areas = [...new Set(shown.map((note) => note.area))];
  return (
    <>
      <input
        className="field"
        type="search"
        placeholder="Search the notes"
        aria-label="Search the fidelity notes"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <p className="small k3" role="status">
        {shown.length} of {notes.length} notes
      </p>
      {areas.map((area) => (
        <section key={area} aria-label={area}>
          <h3>{area}</h3>
          <ul>
            {shown
              .filter((note) => note.area === area)
              .map((note) => (
                <li key={`${note.file}:${note.line}`} title={`${note.file}:${note.line}`}>
                  {note.text}
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}
