/**
 * Radix' dropdown menu, loaded when the first menu is opened: until then a trigger is a plain button that says what it
 * opens. Same parts and properties as `DropdownMenu` of radix-ui.
 */
import {
  createContext,
  useContext,
  useState,
  type ComponentProps,
  type KeyboardEvent,
  type PointerEvent,
} from 'react';
import type { DropdownMenu as Radix } from 'radix-ui';

type Menus = typeof Radix;

let loaded: Menus | null = null;

/** Loads the menus, so that the first one opens at once. */
export async function warmMenus(): Promise<Menus> {
  loaded ??= (await import('./menu-radix')).DropdownMenu;
  return loaded;
}

/** What a menu's parts share: Radix when it is there, and how to ask for it. */
const Shared = createContext<{ menus: Menus | null; open: () => void }>({
  menus: null,
  open: () => undefined,
});

function Root({ children, ...rest }: ComponentProps<Menus['Root']>) {
  const [menus, setMenus] = useState<Menus | null>(loaded);
  const [isOpen, setOpen] = useState(false);
  const open = (): void => {
    warmMenus().then(
      (here) => {
        setMenus(here);
        setOpen(true);
      },
      // Offline, and never loaded: the button does nothing, as a menu that cannot be had.
      () => undefined,
    );
  };
  const inside = <Shared value={{ menus, open }}>{children}</Shared>;
  if (menus === null) return inside;
  return (
    <menus.Root {...rest} open={isOpen} onOpenChange={setOpen}>
      {inside}
    </menus.Root>
  );
}

function Trigger(props: ComponentProps<Menus['Trigger']>) {
  const { menus, open } = useContext(Shared);
  if (menus !== null) return <menus.Trigger {...props} />;
  const onPointerDown = (event: PointerEvent<HTMLButtonElement>): void => {
    props.onPointerDown?.(event);
    if (event.button !== 0 || event.ctrlKey) return;
    // As Radix' own trigger: a button that took the focus after the menu is there would close it.
    event.preventDefault();
    open();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>): void => {
    if (!['Enter', ' ', 'ArrowDown'].includes(event.key)) return;
    event.preventDefault();
    open();
  };
  return (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded={false}
      data-state="closed"
      {...props}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}

function Portal(props: ComponentProps<Menus['Portal']>) {
  const { menus } = useContext(Shared);
  return menus && <menus.Portal {...props} />;
}

// What stands in a portal is drawn by Radix only, which is there by then.
function Content(props: ComponentProps<Menus['Content']>) {
  const { menus } = useContext(Shared);
  return menus && <menus.Content {...props} />;
}

function Item(props: ComponentProps<Menus['Item']>) {
  const { menus } = useContext(Shared);
  return menus && <menus.Item {...props} />;
}

function Separator(props: ComponentProps<Menus['Separator']>) {
  const { menus } = useContext(Shared);
  return menus && <menus.Separator {...props} />;
}

function RadioGroup(props: ComponentProps<Menus['RadioGroup']>) {
  const { menus } = useContext(Shared);
  return menus && <menus.RadioGroup {...props} />;
}

function RadioItem(props: ComponentProps<Menus['RadioItem']>) {
  const { menus } = useContext(Shared);
  return menus && <menus.RadioItem {...props} />;
}

export const DropdownMenu = { Root, Trigger, Portal, Content, Item, Separator, RadioGroup, RadioItem };
