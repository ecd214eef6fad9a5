/** What a visitor chose about the cluster, as a cluster is made from it. */
import type { Cluster } from '../sim/cluster';
import type { BootSettings } from './protocol';

type Overrides = NonNullable<Parameters<typeof Cluster.create>[0]>;

/** What a new cluster starts with. */
export function clusterChoices(chosen: BootSettings): Overrides {
  const { proxyMode, loadBalancer, routeExternalIps, ipFamilies } = chosen;
  return {
    ...(proxyMode !== undefined && { proxyMode }),
    ...(ipFamilies !== undefined && { ipFamilies }),
    settings: {
      ...(loadBalancer !== undefined && { loadBalancer }),
      ...(routeExternalIps !== undefined && { routeExternalIps }),
    },
  };
}

/** What kube-proxy is told besides its mode. */
export function proxyChoices({ ipvsScheduler = '', masqueradeAll = false }: BootSettings) {
  return { ipvsScheduler, masqueradeAll };
}
