/** The menu of a narrow screen: the panels and what the wide bar shows openly. */
import { showPanel, showTab, type Tab } from '../state/session';
import { Icon } from '../ui/icons';
import { DropdownMenu } from '../ui/menu';
import { CommandItem, Menu, MenuItem, ThemeItems } from './menus';

const TABS: readonly (readonly [Tab, string])[] = [
  ['terminal', 'Terminal'],
  ['requests', 'Requests'],
  ['events', 'Events'],
  ['changes', 'Changes'],
  ['rules', 'Rules'],
  ['conntrack', 'Conntrack'],
  ['objects', 'Objects'],
];

export function NarrowMenu() {
  return (
    <Menu
      name="More"
      trigger={
        <DropdownMenu.Trigger className="btn icon ghost" aria-label="More" title="More">
          <Icon name="more" />
        </DropdownMenu.Trigger>
      }
    >
      <MenuItem onSelect={() => showPanel('editor', true)}>Manifests</MenuItem>
      <MenuItem onSelect={() => showPanel('inspector', true)}>Inspector</MenuItem>
      {TABS.map(([tab, name]) => (
        <MenuItem key={tab} onSelect={() => showTab(tab)}>
          {name}
        </MenuItem>
      ))}
      <DropdownMenu.Separator className="menu-line" />
      <CommandItem id="palette" />
      <CommandItem id="settings" />
      <DropdownMenu.Separator className="menu-line" />
      <ThemeItems />
    </Menu>
  );
}
