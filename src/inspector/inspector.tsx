/** The inspector: what is open, or the whole cluster when nothing is. Only the latter is part of the first load. */
import { useSession } from '../state/session';
import { arriving } from '../ui/arriving';
import './inspector.css';
import { Summary } from './summary';

const PacketView = arriving(() => import('./packet-view').then((m) => m.PacketView));
const RequestView = arriving(() => import('./request-view').then((m) => m.RequestView));
const ObjectView = arriving(() => import('./object-view').then((m) => m.ObjectView));

/** Loads what may be opened, before it is. */
export async function warmInspector(): Promise<void> {
  await Promise.all([PacketView, RequestView, ObjectView].map((view) => view.warm()));
}

export function Inspector() {
  const selection = useSession((state) => state.selection);
  switch (selection?.kind) {
    case 'packet':
      return <PacketView key={selection.id} id={selection.id} />;
    case 'request':
      return <RequestView key={selection.id} id={selection.id} />;
    case 'ref':
      return <ObjectView key={selection.ref} refText={selection.ref} />;
    default:
      return <Summary />;
  }
}
