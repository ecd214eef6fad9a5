/** What may be changed about a cluster while it runs, besides its objects: who serves load balancers, and outside routes. */
import type { LoadBalancerProvider } from './controllers/load-balancer/provider';

export type { LoadBalancerProvider } from './controllers/load-balancer/provider';

export interface ClusterSettings {
  readonly loadBalancer: LoadBalancerProvider;
  /**
   * Whether the router sends externalIPs of Services to the nodes. Kubernetes does nothing of the kind: bringing such packets
   * to a node is the administrator's business, so they are not routed unless this says so.
   */
  readonly routeExternalIps: boolean;
}

export const DEFAULT_SETTINGS: ClusterSettings = { loadBalancer: 'cloud', routeExternalIps: false };
