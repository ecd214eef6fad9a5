/**
 * Documents in a workspace that are no objects of the API: a component's own configuration file. They have an apiVersion and
 * a kind, and no name.
 */
import type { ApiObject } from '../api/object';

/** kube-proxy's configuration file (--config). */
export const PROXY_API_VERSION = 'kubeproxy.config.k8s.io/v1alpha1';
export const PROXY_KIND = 'KubeProxyConfiguration';
/** Our own: what kube-proxy's file cannot say, since kube-proxy is then not there. */
export const CLUSTER_API_VERSION = 'hopyard.dev/v1';
export const CLUSTER_KIND = 'ClusterSettings';

const NAMES: Readonly<Record<string, string>> = { [PROXY_KIND]: 'kube-proxy', [CLUSTER_KIND]: 'cluster' };

/** True for a document of these kinds, whatever its version. */
export function isSettings({ apiVersion, kind }: Pick<ApiObject, 'apiVersion' | 'kind'>): boolean {
  const group = apiVersion.split('/')[0];
  if (kind === PROXY_KIND) return group === 'kubeproxy.config.k8s.io';
  return kind === CLUSTER_KIND && group === 'hopyard.dev';
}

/** Such a document with the name under which its row and its places are kept; null for everything else. */
export function withSettingsName(value: unknown): ApiObject | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isSettings({ apiVersion, kind }))
    return null;
  const given = typeof metadata === 'object' && metadata !== null ? metadata : {};
  return { ...value, apiVersion, kind, metadata: { ...given, name: NAMES[kind]! } } as ApiObject;
}
