/** "12 more in shop": the Services of a namespace that have no card of their own, as a list to choose from. */
import { memo } from 'react';
import { useStore } from 'zustand';
import { useTable } from '../state/mirror';
import { openRef } from '../state/moves';
import { useSession } from '../state/session';
import { focus } from './focus';
import { addressOf } from './service-card';
import { DropdownMenu } from '../ui/menu';

export interface MoreServicesData {
  readonly namespace: string;
  readonly refs: readonly string[];
  readonly [key: string]: unknown;
}

function MoreServicesInner({ data: { namespace, refs } }: { data: MoreServicesData }) {
  const lit = useStore(focus, (state) => refs.find((ref) => state.lit.has(ref)) ?? null);
  const dim = useStore(focus, (state) => state.open && !refs.some((ref) => state.lit.has(ref)));
  const chosen = useSession(({ selection }) =>
    selection?.kind === 'ref' && refs.includes(selection.ref) ? selection.ref : null,
  );
  const name = (lit ?? chosen)?.split('/')[2];
  const classes = ['service', 'low', 'cv-dimmable', ...(dim ? ['dim'] : []), ...(name ? ['lit'] : [])];
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        className={`${classes.join(' ')} nopan`}
        aria-label={`${refs.length} more Services in ${namespace}`}
      >
        <span className="line first">
          <span className="name">{name ?? `${refs.length} more`}</span>
          <span className="k2 close-only">
            {name === undefined ? `in ${namespace}` : `and ${refs.length - 1} more`}
          </span>
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu long"
          align="start"
          sideOffset={4}
          aria-label={`Services in ${namespace}`}
        >
          <List refs={refs} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Read only while it is open. */
function List({ refs }: { refs: readonly string[] }) {
  const services = useTable('services').filter(({ ref }) => refs.includes(ref));
  return services.map((service) => (
    <DropdownMenu.Item key={service.ref} onSelect={() => openRef(service.ref)}>
      {service.name} <span className="mono k2">{addressOf(service)}</span>
    </DropdownMenu.Item>
  ));
}

export const MoreServices = memo(MoreServicesInner);
