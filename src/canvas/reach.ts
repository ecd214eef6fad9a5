/** How a Service is reached from outside, in words and as URLs: external addresses, node ports, or nothing yet and why. */
import type { ClusterFacts, NodeView, ServiceView } from '../sim/view';

type Provider = ClusterFacts['loadBalancer'];

export interface Reach {
  /** "198.51.100.1", "<pending>", ":30080 on every node"; null for a Service of the inside only. */
  readonly text: string | null;
  readonly mono: boolean;
  /** Why it is as it is, for a tip and for a screen reader. */
  readonly why: string;
}

const GIVERS: Readonly<Record<NonNullable<Provider>, string>> = {
  none: '',
  cloud: 'the cloud controller',
  'metallb-l2': 'MetalLB',
  'metallb-bgp': 'MetalLB',
};

function pendingWhy(provider: Provider): string {
  if (provider === undefined || provider === 'none')
    return 'no load balancer is installed in this cluster, so nobody gives this Service an address';
  return `${GIVERS[provider]} has not given it an address yet`;
}

function nodePortOf({ ports }: ServiceView): number | null {
  return ports.find(({ nodePort }) => nodePort !== null)?.nodePort ?? null;
}

export function reachOf(service: ServiceView, provider: Provider): Reach {
  const { type, externalAddresses } = service;
  const nodePort = nodePortOf(service);
  const onNodes = nodePort === null ? '' : `; every node takes it on port ${nodePort}, too`;
  if (type === 'ExternalName') return { text: null, mono: false, why: '' };
  if (externalAddresses.length > 0) {
    const more = externalAddresses.length > 1 ? ` +${externalAddresses.length - 1}` : '';
    const why = `reached from outside as ${externalAddresses.join(', ')}${onNodes}`;
    return { text: `${externalAddresses[0]}${more}`, mono: true, why };
  }
  if (type === 'LoadBalancer')
    return { text: '<pending>', mono: true, why: `EXTERNAL-IP <pending>: ${pendingWhy(provider)}${onNodes}` };
  if (nodePort === null) return { text: null, mono: false, why: '' };
  return { text: `:${nodePort} on every node`, mono: false, why: `every node takes it on port ${nodePort}` };
}

/** What a client on the internet can ask for: each external address, and each node's ports, that speak TCP. */
export function outsideTargets(services: readonly ServiceView[], nodes: readonly NodeView[]): string[] {
  const host = (address: string): string => (address.includes(':') ? `[${address}]` : address);
  const urls = services.flatMap(({ type, externalAddresses, ports }) => {
    if (type === 'ExternalName') return [];
    const tcp = ports.filter(({ protocol }) => protocol === 'TCP');
    const external = externalAddresses.flatMap((address) =>
      tcp.map(({ port }) => `http://${host(address)}${port === 80 ? '' : `:${port}`}`),
    );
    const byNode = tcp.flatMap(({ nodePort }) =>
      nodePort === null ? [] : nodes.map(({ ip }) => `http://${host(ip)}:${nodePort}`),
    );
    return [...external, ...byNode];
  });
  return [...new Set(urls)];
}
