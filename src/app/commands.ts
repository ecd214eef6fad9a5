/**
 * Every command a visitor can give, once: its name, its keys, when it makes sense and what it does. Buttons, menus, keys
 * and the palette all come from this list.
 */
import { closeSelection } from '../state/moves';
import {
  session,
  showDialog,
  showPanel,
  showTab,
  togglePanel,
  type PanelName,
  type Tab,
  type ThemeChoice,
} from '../state/session';
import { stepBack, stepEvent, stepHop, togglePlay } from '../state/steps';
import { applyTyped, restartCluster, setPace } from '../state/wire';
import { keyName } from '../ui/key-names';
import { downloadManifests, pickFiles } from './files';
import { focusPanel } from './focus';
import { nextSpeed } from './speed';

export interface UserCommand {
  readonly id: string;
  readonly name: string;
  readonly group: 'Time' | 'Manifests' | 'View' | 'Cluster';
  /** As shown to the visitor. */
  readonly key?: string;
  /** Matches of KeyboardEvent: "mod+s", "shift+>", "space". Several spellings may lead here. */
  readonly keys?: readonly string[];
  /** True when it also answers while someone types in the editor or the terminal. */
  readonly whileTyping?: boolean;
  readonly when?: () => boolean;
  readonly do: () => void;
}

const ready = (): boolean => session.getState().phase === 'ready';
const opened = (): boolean => session.getState().selection !== null || sheetOf() !== null;
/** The sheet that lies over the cluster on a narrow screen. */
const sheetOf = (): PanelName | null => (session.getState().narrow ? session.getState().sheet : null);

const TIME: readonly UserCommand[] = [
  {
    id: 'play',
    name: 'Play or pause',
    group: 'Time',
    key: 'Space',
    keys: ['space'],
    when: ready,
    do: togglePlay,
  },
  {
    id: 'hop',
    name: 'Next hop',
    group: 'Time',
    key: '.',
    keys: ['.', 'arrowright'],
    when: ready,
    do: stepHop,
  },
  {
    id: 'event',
    name: 'Next event',
    group: 'Time',
    key: keyName('Shift .'),
    keys: ['shift+>', 'shift+.', 'shift+arrowright'],
    when: ready,
    do: stepEvent,
  },
  { id: 'back', name: 'Back', group: 'Time', key: ',', keys: [',', 'arrowleft'], when: ready, do: stepBack },
  {
    id: 'faster',
    name: 'Time runs faster',
    group: 'Time',
    key: '+',
    keys: ['+', '=', 'shift++'],
    do: () => turnDial(1),
  },
  { id: 'slower', name: 'Time runs slower', group: 'Time', key: '-', keys: ['-'], do: () => turnDial(-1) },
  {
    id: 'auto',
    name: 'Hurry between packets',
    group: 'Time',
    key: 'A',
    keys: ['a'],
    do: () => setPace({ auto: !session.getState().pace.auto }),
  },
];

const MANIFESTS: readonly UserCommand[] = [
  {
    id: 'apply',
    name: 'Apply manifests',
    group: 'Manifests',
    key: keyName('Ctrl S'),
    keys: ['mod+s', 'mod+enter'],
    whileTyping: true,
    when: ready,
    do: () => void applyTyped(),
  },
  { id: 'add-files', name: 'Add manifest files…', group: 'Manifests', do: () => void pickFiles() },
  { id: 'download', name: 'Download manifests', group: 'Manifests', do: downloadManifests },
  {
    id: 'examples',
    name: 'Open an example, or start over…',
    group: 'Manifests',
    do: () => showDialog('examples'),
  },
  {
    id: 'settings',
    name: 'Settings: kube-proxy, load balancers, IP families',
    group: 'Cluster',
    key: 'S',
    keys: ['s'],
    do: () => showDialog('settings'),
  },
  {
    id: 'rebuild',
    name: 'Build a new cluster from what is typed',
    group: 'Cluster',
    do: () => restartCluster(),
  },
];

const tab = (id: Tab, name: string): UserCommand => ({
  id: `tab-${id}`,
  name: `Show ${name}`,
  group: 'View',
  do: () => showTab(id),
});
const theme = (choice: ThemeChoice, name: string): UserCommand => ({
  id: `theme-${choice}`,
  name,
  group: 'View',
  when: () => session.getState().theme !== choice,
  do: () => session.setState({ theme: choice }),
});

const VIEW: readonly UserCommand[] = [
  {
    id: 'palette',
    name: 'Find a command or an object',
    group: 'View',
    key: keyName('Ctrl K'),
    keys: ['mod+k', '/'],
    do: () => showDialog('palette'),
  },
  {
    id: 'close',
    name: 'Close what is open',
    group: 'View',
    key: 'Esc',
    keys: ['escape'],
    when: opened,
    do: closeTopmost,
  },
  {
    id: 'keys',
    name: 'Keyboard shortcuts',
    group: 'View',
    key: '?',
    keys: ['shift+?', '?'],
    do: () => showDialog('keys'),
  },
  {
    id: 'compare',
    name: 'Compare modes of kube-proxy side by side',
    group: 'View',
    key: 'C',
    keys: ['c'],
    do: () => showDialog('compare'),
  },
  {
    id: 'editor',
    name: 'Show or hide the manifests',
    group: 'View',
    key: 'M',
    keys: ['m'],
    do: () => togglePanel('editor'),
  },
  {
    id: 'inspector',
    name: 'Show or hide the inspector',
    group: 'View',
    key: 'I',
    keys: ['i'],
    do: () => togglePanel('inspector'),
  },
  {
    id: 'drawer',
    name: 'Show or hide the drawer',
    group: 'View',
    key: 'T',
    keys: ['t'],
    do: () => togglePanel('drawer'),
  },
  {
    id: 'panel-next',
    name: 'Go to the next panel',
    group: 'View',
    key: 'F6',
    keys: ['f6'],
    whileTyping: true,
    do: () => focusPanel(1),
  },
  {
    id: 'panel-before',
    name: 'Go to the panel before',
    group: 'View',
    key: keyName('Shift F6'),
    keys: ['shift+f6'],
    whileTyping: true,
    do: () => focusPanel(-1),
  },
  tab('terminal', 'the terminal'),
  tab('events', 'events'),
  tab('changes', 'changes of the control plane'),
  tab('requests', 'requests'),
  tab('rules', 'the rules of a node'),
  tab('conntrack', 'connections of a node'),
  tab('objects', 'all objects'),
  theme('system', 'Theme: as the system'),
  theme('light', 'Theme: light'),
  theme('dark', 'Theme: dark'),
];

export const COMMANDS: readonly UserCommand[] = [...TIME, ...MANIFESTS, ...VIEW];

/** The command of that id; the ids are ours, so a wrong one is a defect. */
export function command(id: string): UserCommand {
  const found = COMMANDS.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no command ${id}`);
  return found;
}

/** Runs a command if it makes sense now. */
export function run(id: string): void {
  const found = command(id);
  if (found.when?.() ?? true) found.do();
}

/** Closes the sheet that is in front, or what is open. */
function closeTopmost(): void {
  const sheet = sheetOf();
  if (sheet !== null && sheet !== 'inspector') showPanel(sheet, false);
  else if (session.getState().selection !== null) closeSelection();
  else if (sheet !== null) showPanel(sheet, false);
}

function turnDial(direction: 1 | -1): void {
  setPace({ nsPerSecond: nextSpeed(session.getState().pace.nsPerSecond, direction) });
}
