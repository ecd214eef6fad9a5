/** Looking a frontend up and choosing one of its backends, for sockets and packets alike. */
import { SECOND, type Ns } from '../../clock/clock';
import { isLoopback } from '../packet';
import { frontendKey, type Backend, type Bpf, type BpfProtocol, type Frontend } from './maps';

/** What is asked of the maps, and from where. */
export interface Question {
  readonly address: string;
  readonly port: number;
  readonly protocol: BpfProtocol;
  /** A socket of this machine asks, and whether it lives in the host netns. */
  readonly inside: boolean;
  readonly inHost: boolean;
}

/** The entry for an address, or the wildcard entry when the address is one of a node's. */
export function findFrontend(bpf: Bpf, question: Question): Frontend | undefined {
  const { address, port, protocol, inside } = question;
  const exact = scoped(bpf, address, port, protocol, inside);
  if (exact !== undefined) return exact;
  const isNode = bpf.tables.addresses.has(address) || (question.inHost && isLoopback(address));
  if (!inside || !isNode) return undefined;
  return scoped(bpf, address.includes(':') ? '::' : '0.0.0.0', port, protocol, inside);
}

function scoped(
  { tables }: Bpf,
  address: string,
  port: number,
  protocol: BpfProtocol,
  inside: boolean,
): Frontend | undefined {
  const outer = tables.frontends.get(frontendKey(address, port, protocol));
  if (outer === undefined || !outer.twoScopes || !inside) return outer;
  return tables.frontends.get(frontendKey(address, port, protocol, 'int'));
}

/** The client's backend, or a new one by `draw`. Null when the frontend has none. */
export function chooseBackend(
  bpf: Bpf,
  frontend: Frontend,
  client: string,
  nowNs: Ns,
  draw: (bound: number) => number,
): Backend | null {
  const { slots, affinitySeconds, id } = frontend;
  const key = `${id} ${client}`;
  const kept = affinitySeconds > 0 ? bpf.affinity.get(key) : undefined;
  const fresh = kept !== undefined && nowNs - kept.lastNs < affinitySeconds * SECOND;
  const sticky = fresh && slots.includes(kept.backendId) ? kept.backendId : undefined;
  if (slots.length === 0) return null;
  const chosen = sticky ?? slots[draw(slots.length)]!;
  if (affinitySeconds > 0) bpf.affinity.set(key, { backendId: chosen, lastNs: nowNs });
  return bpf.tables.backends.get(chosen) ?? null;
}
