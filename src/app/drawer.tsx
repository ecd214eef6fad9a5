/** The drawer: terminal and tables under the canvas. Its tabs are always there; what they show is not. */
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useCount, useRecord } from '../state/mirror-hooks';
import { useTable } from '../state/mirror';
import { session, showPanel, showTab, togglePanel, useSession, type Tab } from '../state/session';
import { arriving } from '../ui/arriving';
import { IconButton } from '../ui/controls';

/** The drawer is closed at first, so what it shows is loaded later. */
export const DrawerPage = arriving(() => import('./drawer-page').then((m) => m.DrawerPage));

const TABS: readonly (readonly [Tab, string])[] = [
  ['terminal', 'Terminal'],
  ['events', 'Events'],
  ['changes', 'Changes'],
  ['requests', 'Requests'],
  ['rules', 'Rules'],
  ['conntrack', 'Conntrack'],
  ['objects', 'Objects'],
];

export function Drawer({ open }: { open: boolean }) {
  const tab = useSession((state) => state.tab);
  const narrow = useSession((state) => state.narrow);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`#tab-${tab}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = TABS.findIndex(([id]) => id === tab);
    const next = TABS[(at + step + TABS.length) % TABS.length]!;
    if (open) showTab(next[0]);
    else session.setState({ tab: next[0] });
    list.current?.querySelector<HTMLElement>(`#tab-${next[0]}`)?.focus();
  };
  return (
    <div className="drawer">
      <div className="tabs">
        <div
          ref={list}
          className="tablist"
          role="tablist"
          aria-label="Terminal and tables"
          onKeyDown={onKeyDown}
        >
          {TABS.map(([id, name]) => (
            <button
              key={id}
              id={`tab-${id}`}
              type="button"
              role="tab"
              className="tab"
              aria-selected={open && id === tab}
              aria-controls={open && id === tab ? 'drawer-page' : undefined}
              tabIndex={id === tab ? 0 : -1}
              onClick={() => (open && id === tab ? showPanel('drawer', narrow) : showTab(id))}
            >
              {name}
              <TabCount tab={id} />
            </button>
          ))}
        </div>
        <span className="sp" />
        {narrow ? (
          <IconButton icon="close" name="Close" onPress={() => showPanel('drawer', false)} />
        ) : (
          <IconButton
            icon={open ? 'down' : 'up'}
            name={open ? 'Close the drawer' : 'Open the drawer'}
            keyHint="T"
            onPress={() => togglePanel('drawer')}
          />
        )}
      </div>
      {open && (
        <div className="page" id="drawer-page" role="tabpanel" aria-labelledby={`tab-${tab}`} key={tab}>
          <DrawerPage tab={tab} />
        </div>
      )}
    </div>
  );
}

function TabCount({ tab }: { tab: Tab }) {
  const nodes = useTable('nodes');
  const wanted = useSession((state) => state.drawerNode);
  const ref = nodes.find((one) => one.name === wanted)?.ref ?? nodes[0]?.ref ?? null;
  const node = useRecord('nodes', ref);
  const events = useCount('events');
  const changes = useCount('changes');
  const requests = useCount('requests');
  const objects = useCount('objects');
  const text: Record<Tab, string> = {
    terminal: '',
    events: String(events),
    changes: String(changes),
    requests: String(requests),
    rules: node === null ? '' : `${node.ruleCount} on ${node.name}`,
    conntrack: node === null ? '' : String(node.conntrackCount),
    objects: String(objects),
  };
  return text[tab] === '' ? null : <span className="c">{text[tab]}</span>;
}
