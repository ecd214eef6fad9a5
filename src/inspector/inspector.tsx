/** The inspector: what is open, or the whole cluster when nothing is. */
import { useSession } from '../state/session';
import './inspector.css';
import { ObjectView } from './object-view';
import { PacketView } from './packet-view';
import { RequestView } from './request-view';
import { Summary } from './summary';

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
