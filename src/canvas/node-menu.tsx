/** What can be done to a node: keep new pods away, switch it off, pull its cable. */
import type { NodeView } from '../sim/view';
import { sendFault } from '../state/wire';
import { DropdownMenu } from '../ui/menu';

export function NodeMenu({ node }: { node: NodeView }) {
  const { name, wireCut: cut = false } = node;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        className="machine-more nopan"
        aria-label={`Actions on ${name}`}
        title={`Actions on ${name}`}
      >
        <svg width={16} height={4} aria-hidden>
          <circle cx={3} cy={2} r={1.5} fill="currentColor" />
          <circle cx={8} cy={2} r={1.5} fill="currentColor" />
          <circle cx={13} cy={2} r={1.5} fill="currentColor" />
        </svg>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} aria-label={`Actions on ${name}`}>
          <DropdownMenu.Item onSelect={() => sendFault({ kind: 'cordon', node: name, on: node.schedulable })}>
            {node.schedulable ? 'Cordon' : 'Uncordon'}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => sendFault({ kind: 'power', node: name, on: !node.poweredOn })}>
            {node.poweredOn ? 'Switch off' : 'Switch on'}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => sendFault({ kind: 'cut-wire', node: name, cut: !cut })}>
            {cut ? 'Plug the cable in' : 'Pull the cable out'}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
