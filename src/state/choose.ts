/** Choosing another setting of the cluster: kept with the workspace, and rolled out at once where it can be. */
import type { BootSettings } from '../worker/protocol';
import { session } from './session';
import { readSettings } from './settings';
import { restartCluster, sendFault } from './wire';
import { workspace } from './workspace';

/** The cluster follows while it runs; other IP families take a new one. */
export function changeSettings(change: BootSettings): void {
  const settings = readSettings({ ...workspace.getState().settings, ...change });
  workspace.setState({ settings });
  if (change.ipFamilies !== undefined) return restartCluster();
  // A cluster that is still being made takes them when it is there; one that crashed, with the next.
  if (session.getState().phase === 'crashed') return;
  const { proxyMode, ipvsScheduler, masqueradeAll, loadBalancer, routeExternalIps } = change;
  if (proxyMode !== undefined) sendFault({ kind: 'proxy-mode', mode: proxyMode });
  if (ipvsScheduler !== undefined) sendFault({ kind: 'proxy-settings', change: { ipvsScheduler } });
  if (masqueradeAll !== undefined) sendFault({ kind: 'proxy-settings', change: { masqueradeAll } });
  if (loadBalancer !== undefined) sendFault({ kind: 'load-balancer', provider: loadBalancer });
  if (routeExternalIps !== undefined) sendFault({ kind: 'route-external-ips', on: routeExternalIps });
}
