/** A dialog over the page: named, closed by Escape, focus kept inside (Radix). */
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './controls';

export function Window(props: {
  title: string;
  lead?: ReactNode;
  look?: string;
  /** Absent: it cannot be closed without a choice. */
  onClose?: (() => void) | undefined;
  children: ReactNode;
}) {
  const { title, lead, look = '', onClose } = props;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose?.()}>
      <Dialog.Portal>
        <Dialog.Overlay className="veil" />
        <Dialog.Content
          className={`window ${look}`}
          {...(lead === undefined ? { 'aria-describedby': undefined } : {})}
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
