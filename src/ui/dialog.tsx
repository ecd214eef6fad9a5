/** A dialog over the page: named, closed by Escape, focus kept inside and given back (Radix). */
import { Dialog } from 'radix-ui';
import { useState, type ReactNode, type RefObject } from 'react';
import { IconButton } from './controls';

/** What had the focus before the dialogs that are open now, one of which may have opened the next. */
let opener: Element | null = null;

function noteOpener(): void {
  const active = document.activeElement;
  const menu = active?.closest('[role=menu]');
  if (menu) opener = document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`);
  else if (!active?.closest('[role=dialog]')) opener = active;
}

/**
 * Radix gives the focus back to a dialog's own trigger only, and ours are opened from anywhere. Without this it would
 * fall to the document, and Tab would begin at the top of the page.
 */
function giveBack(event: Event): void {
  event.preventDefault();
  // Another dialog has taken its place: the focus is in there.
  if (document.querySelector('[role=dialog]') !== null || opener === document.body) return;
  const back = opener?.isConnected ? opener : document.getElementById('stage');
  if (back instanceof HTMLElement || back instanceof SVGElement) back.focus({ preventScroll: true });
}

export function Window(props: {
  title: string;
  lead?: ReactNode;
  look?: string;
  /** Absent: it cannot be closed without a choice. */
  onClose?: (() => void) | undefined;
  /** What has the focus first; without it the first thing that can have it. */
  first?: RefObject<HTMLElement | null>;
  children: ReactNode;
}) {
  const { title, lead, look = '', onClose, first } = props;
  useState(noteOpener);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose?.()}>
      <Dialog.Portal>
        <Dialog.Overlay className="veil" />
        <Dialog.Content
          className={`window ${look}`}
          {...(lead === undefined ? { 'aria-describedby': undefined } : {})}
          onOpenAutoFocus={(event) => {
            if (!first?.current) return;
            event.preventDefault();
            first.current.focus();
          }}
          onCloseAutoFocus={giveBack}
          onInteractOutside={(event) => onClose === undefined && event.preventDefault()}
        >
          <div className="window-head">
            <Dialog.Title className="lead strong">{title}</Dialog.Title>
            <span className="sp" />
            {onClose && <IconButton icon="close" name="Close" onPress={onClose} />}
          </div>
          {lead !== undefined && <Dialog.Description className="k2 window-lead">{lead}</Dialog.Description>}
          {props.children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
