/**
 * Environment and command line of a container. Upstream: pkg/kubelet/kubelet_pods.go, third_party expansion.
 *
 * Not simulated: resourceFieldRef.
 */
import { decodeBase64 } from '../../../lib/bytes';
import type { Container, EnvVar } from '../../api/kinds/container';
import type { ConfigMap, Secret } from '../../api/kinds/cluster';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import type { Store } from '../../api/store';

export interface Environment {
  readonly env: Readonly<Record<string, string>>;
  /** `configmap "conf" not found`: the container cannot be created yet. */
  readonly error: string | null;
}

/** Facts about the pod that fieldRef can name. */
export interface PodFacts {
  readonly pod: Pod;
  readonly ips: readonly string[];
  readonly nodeIps: readonly string[];
  readonly hostname: string;
}

/** Replaces $(NAME) by known variables; unknown ones stay as they are, $$ is a dollar sign. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([^()]*)\))/g, (whole, rest: string, name: string | undefined) =>
    rest === '$' ? '$' : (env[name ?? ''] ?? whole),
  );
}

/** What fieldRef gives for a path; empty for one that is not known. */
export function fieldValue(path: string, facts: PodFacts): string {
  const { pod, ips } = facts;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec.nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? 'default',
    'status.hostIP': facts.nodeIps[0],
    'status.hostIPs': facts.nodeIps.join(','),
    'status.podIP': ips[0],
    'status.podIPs': ips.join(','),
  };
  return fields[path] ?? '';
}

/** A value of a ConfigMap or Secret; an error text when it is missing and not optional. */
function keyed(
  what: 'configmap' | 'secret',
  source: { readonly data?: Readonly<Record<string, string>> } | undefined,
  ref: { readonly name?: string; readonly key: string; readonly optional?: boolean },
  namespace: string,
): { value?: string; error?: string } {
  const value = source?.data?.[ref.key];
  if (value !== undefined) return { value: what === 'secret' ? decodeBase64(value) : value };
  if (ref.optional === true) return {};
  if (source === undefined) return { error: `${what} "${ref.name ?? ''}" not found` };
  const kind = what === 'secret' ? 'Secret' : 'ConfigMap';
  return { error: `couldn't find key ${ref.key} in ${kind} ${namespace}/${ref.name ?? ''}` };
}

// A pure memo: the store hands out the same list until a Service changes.
const links = new WeakMap<readonly Service[], Readonly<Record<string, string>>>();

/**
 * Host and port variables of the namespace's Services, and of the API server's (enableServiceLinks), with those that Docker
 * links had. Upstream: pkg/kubelet/envvars.
 */
export function serviceLinks(services: readonly Service[]): Readonly<Record<string, string>> {
  const known = links.get(services);
  if (known !== undefined) return known;
  const made = makeLinks(services);
  links.set(services, made);
  return made;
}

function makeLinks(services: readonly Service[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const service of services) {
    const ip = service.spec.clusterIP;
    const first = service.spec.ports?.[0];
    if (!ip || ip === 'None' || first === undefined) continue;
    const prefix = service.metadata.name.toUpperCase().replace(/-/g, '_');
    env[`${prefix}_SERVICE_HOST`] = ip;
    env[`${prefix}_SERVICE_PORT`] = String(first.port);
    for (const port of service.spec.ports ?? [])
      if (port.name)
        env[`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replace(/-/g, '_')}`] = String(port.port);
    for (const [i, { port, protocol }] of (service.spec.ports ?? []).entries()) {
      const small = protocol.toLowerCase();
      const url = `${small}://${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
      const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
      if (i === 0) env[`${prefix}_PORT`] = url;
      env[name] = url;
      env[`${name}_PROTO`] = small;
      env[`${name}_PORT`] = String(port);
      env[`${name}_ADDR`] = ip;
    }
  }
  return env;
}

interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name?: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name?: string; readonly optional?: boolean };
}

function fromSources(
  store: Store,
  container: Container,
  namespace: string,
  env: Record<string, string>,
): string | null {
  for (const row of (container.envFrom ?? []) as readonly EnvFrom[]) {
    const ref = row.configMapRef ?? row.secretRef;
    const kind = row.configMapRef === undefined ? 'Secret' : 'ConfigMap';
    const source: ConfigMap | Secret | undefined = store.get(kind, namespace, ref?.name ?? '');
    if (source === undefined && ref?.optional !== true)
      return `${kind.toLowerCase()} "${ref?.name ?? ''}" not found`;
    for (const [key, value] of Object.entries(source?.data ?? {}))
      env[`${row.prefix ?? ''}${key}`] = kind === 'Secret' ? decodeBase64(value) : value;
  }
  return null;
}

function oneValue(store: Store, row: EnvVar, facts: PodFacts): { value?: string; error?: string } {
  const namespace = facts.pod.metadata.namespace ?? '';
  const from = row.valueFrom;
  if (from === undefined) return { value: row.value ?? '' };
  if (from.fieldRef !== undefined) return { value: fieldValue(from.fieldRef.fieldPath, facts) };
  const map = from.configMapKeyRef;
  if (map !== undefined)
    return keyed('configmap', store.get('ConfigMap', namespace, map.name ?? ''), map, namespace);
  const secret = from.secretKeyRef;
  if (secret !== undefined)
    return keyed('secret', store.get('Secret', namespace, secret.name ?? ''), secret, namespace);
  return {};
}

/** All variables of a container. */
export function environment(store: Store, container: Container, facts: PodFacts): Environment {
  const namespace = facts.pod.metadata.namespace ?? '';
  const api = store.get('Service', 'default', 'kubernetes');
  const linked = facts.pod.spec.enableServiceLinks === false ? [] : store.list('Service', namespace);
  const own = serviceLinks(linked);
  const base = api === undefined || linked.includes(api) ? {} : makeLinks([api]);
  const env: Record<string, string> = { HOSTNAME: facts.hostname, ...base, ...own };
  const missing = fromSources(store, container, namespace, env);
  if (missing !== null) return { env, error: missing };
  for (const row of container.env ?? []) {
    const { value, error } = oneValue(store, row, facts);
    if (error !== undefined) return { env, error };
    if (value !== undefined) env[row.name] = row.valueFrom === undefined ? expand(value, env) : value;
  }
  return { env, error: null };
}
