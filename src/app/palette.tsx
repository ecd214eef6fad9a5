/** The palette: every command and every object, found by a few letters. */
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { rowsOf, useTable } from '../state/mirror';
import { openRef, openRequest } from '../state/moves';
import { showDialog } from '../state/session';
import { Window } from '../ui/dialog';
import { COMMANDS } from './commands';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly hint?: string | undefined;
  readonly do: () => void;
}

const MAX_SHOWN = 60;

/** Entries whose name and note hold every word that was typed, best first. */
export function findEntries<E extends { name: string; note: string }>(
  entries: readonly E[],
  typed: string,
): E[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (entry: E): number => {
    const name = entry.name.toLowerCase();
    const all = `${name} ${entry.note.toLowerCase()}`;
    if (!words.every((word) => all.includes(word))) return -1;
    const first = words[0] ?? '';
    return name.startsWith(first) ? 2 : name.includes(first) ? 1 : 0;
  };
  return entries
    .map((entry, i) => ({ entry, i, rank: rank(entry) }))
    .filter((one) => one.rank >= 0)
    .sort((a, b) => b.rank - a.rank || a.i - b.i)
    .map((one) => one.entry);
}

function collect(objects: ReturnType<typeof useTable<'objects'>>): Entry[] {
  const commands = COMMANDS.filter((one) => one.id !== 'palette' && (one.when?.() ?? true)).map((one) => ({
    id: one.id,
    name: one.name,
    note: one.group,
    hint: one.key,
    do: one.do,
  }));
  const things = objects.map((one) => ({
    id: one.ref,
    name: one.name,
    note: [one.kind, one.namespace].filter(Boolean).join(' in '),
    do: () => openRef(one.ref),
  }));
  const requests = rowsOf('requests')
    .slice(-10)
    .reverse()
    .map((one) => ({
      id: `request-${one.id}`,
      name: one.what,
      note: 'Request',
      do: () => openRequest(one.id),
    }));
  return [...commands, ...things, ...requests];
}

export function Palette() {
  const objects = useTable('objects');
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const entries = useMemo(() => collect(objects), [objects]);
  const found = useMemo(() => findEntries(entries, typed), [entries, typed]);
  const shown = found.slice(0, MAX_SHOWN);
  const said =
    shown.length === 0
      ? 'Nothing is called that.'
      : found.length > MAX_SHOWN
        ? `${found.length - MAX_SHOWN} more`
        : '';
  const close = (): void => showDialog(null);
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    close();
    entry.do();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = Math.min(shown.length - 1, Math.max(0, at + step));
      setAt(next);
      document.getElementById(`entry-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(shown[at]);
    }
  };
  return (
    <Window title="Find a command or an object" look="palette" first={field} onClose={close}>
      <input
        ref={field}
        className="field"
        role="combobox"
        aria-expanded={shown.length > 0}
        aria-autocomplete="list"
        aria-controls="palette-list"
        aria-activedescendant={shown.length > 0 ? `entry-${at}` : undefined}
        aria-label="Name of a command or an object"
        placeholder="Type a name"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" role="listbox" aria-label="Found" className="choices">
        {shown.map((entry, i) => (
          <li
            key={entry.id}
            id={`entry-${i}`}
            role="option"
            aria-selected={i === at}
            className="choice"
            onPointerMove={() => i !== at && setAt(i)}
            onClick={() => choose(entry)}
          >
            <span className="ellipsis">{entry.name}</span>
            <span className="small k3 nw">{entry.hint ?? entry.note}</span>
          </li>
        ))}
      </ul>
      <p className={said === '' ? 'sr-only' : 'k3 none'} role="status">
        {said}
      </p>
    </Window>
  );
}
