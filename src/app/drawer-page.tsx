/** What a tab of the drawer shows. */
import type { Tab } from '../state/session';
import { ChangesTab } from '../terminal/changes-tab';
import { EventsTab } from '../terminal/events-tab';
import { MachineTab } from '../terminal/machine-tab';
import { ObjectsTab } from '../terminal/objects-tab';
import { RequestsTab } from '../terminal/requests-tab';
import { TerminalTab } from '../terminal/terminal-tab';

export function DrawerPage({ tab }: { tab: Tab }) {
  switch (tab) {
    case 'terminal':
      return <TerminalTab />;
    case 'events':
      return <EventsTab />;
    case 'changes':
      return <ChangesTab />;
    case 'requests':
      return <RequestsTab />;
    case 'rules':
      return <MachineTab key="rules" />;
    case 'conntrack':
      return <MachineTab key="conntrack" only="conntrack" />;
    case 'objects':
      return <ObjectsTab />;
  }
}
