/** The menus of the bar: the workspace, and on a narrow screen everything that has no room there. */
import type { ReactNode } from 'react';
import { session, useSession, type ThemeChoice } from '../state/session';
import { useWorkspace } from '../state/workspace';
import { Icon } from '../ui/icons';
import { DropdownMenu } from '../ui/menu';
import { command, run } from './commands';

export function Menu(props: { trigger: ReactNode; name?: string; children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      {props.trigger}
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={props.name}
        >
          {props.children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem(props: { onSelect: () => void; hint?: string | undefined; children: ReactNode }) {
  return (
    <DropdownMenu.Item onSelect={props.onSelect}>
      {props.children}
      {props.hint && <span className="hint small k3">{props.hint}</span>}
    </DropdownMenu.Item>
  );
}

/** A command of the list as a menu item. */
export function CommandItem({ id }: { id: string }) {
  const { name, key } = command(id);
  return (
    <MenuItem onSelect={() => run(id)} hint={key}>
      {name}
    </MenuItem>
  );
}

export function WorkspaceMenu() {
  const name = useWorkspace((state) => state.name);
  return (
    <Menu
      name="Workspace"
      trigger={
        <DropdownMenu.Trigger className="pick">
          <span className="ellipsis">{name}</span>
          <Icon name="down" />
        </DropdownMenu.Trigger>
      }
    >
      <CommandItem id="examples" />
      <CommandItem id="add-files" />
      <CommandItem id="download" />
      <DropdownMenu.Separator className="menu-line" />
      <CommandItem id="rebuild" />
      <CommandItem id="compare" />
      <CommandItem id="settings" />
    </Menu>
  );
}

const THEMES: readonly (readonly [ThemeChoice, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export function ThemeItems() {
  const theme = useSession((state) => state.theme);
  const set = (choice: string): void => session.setState({ theme: choice as ThemeChoice });
  return (
    <DropdownMenu.RadioGroup value={theme} onValueChange={set}>
      {THEMES.map(([choice, name]) => (
        <DropdownMenu.RadioItem key={choice} value={choice}>
          <span className="tick">{theme === choice && <Icon name="check" />}</span>
          {name}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function ThemeMenu() {
  return (
    <Menu
      name="Theme"
      trigger={
        <DropdownMenu.Trigger className="btn icon ghost" aria-label="Theme" title="Theme">
          <Icon name="theme" />
        </DropdownMenu.Trigger>
      }
    >
      <ThemeItems />
    </Menu>
  );
}
