/** What can be asked in a cluster, and what its addresses are called: read from the view that the page would get. */
import type { Cluster } from '../sim/cluster';
import type { NodeView, PodView, ServiceView, ViewPatch } from '../sim/view';
import type { Ask, Choice, ModeRun } from './compare-protocol';

/** A cluster's view at one moment. */
export interface Sight {
  readonly pods: readonly PodView[];
  readonly services: readonly ServiceView[];
  readonly nodes: readonly NodeView[];
  readonly outside: NonNullable<ViewPatch['facts']['outside']>;
}

export function sightOf(cluster: Cluster): Sight {
  cluster.view.markAll();
  const patch = cluster.view.patch(() => false);
  const records = <V>(table: { set: readonly (readonly [string, V])[] } | undefined): V[] =>
    (table?.set ?? []).map(([, record]) => record);
  return {
    pods: records(patch.pods),
    services: records(patch.services),
    nodes: records(patch.nodes),
    outside: patch.facts.outside ?? [],
  };
}

/** Addresses and who has them. */
export function namesOf({ pods, services, nodes, outside }: Sight): ModeRun['names'] {
  return [
    ...pods.flatMap((pod) =>
      pod.ip === null || pod.hostNetwork ? [] : (pod.ips ?? [pod.ip]).map((ip) => [ip, pod.name] as const),
    ),
    ...services.flatMap((one) =>
      [...one.clusterIPs, ...one.externalAddresses]
        .filter((ip) => ip !== 'None' && ip !== '')
        .map((ip) => [ip, `Service ${one.namespace}/${one.name}`] as const),
    ),
    ...nodes.flatMap((node) => (node.ips ?? [node.ip]).map((ip) => [ip, node.name] as const)),
    ...outside.flatMap((one) => one.addresses.map((ip) => [ip, wordsOf(one.role)] as const)),
  ];
}

function wordsOf(role: Sight['outside'][number]['role']): string {
  if (role === 'client') return 'client outside';
  return role === 'balancer' ? 'cloud balancer' : role;
}

/** Who can ask: the user's pods first, then nodes, then the client outside, then the system's pods. */
export function placesOf({ pods, nodes, outside }: Sight): Choice[] {
  const able = pods.filter((pod) => pod.ip !== null && pod.look !== 'completed' && pod.look !== 'failed');
  const choice = (pod: PodView): Choice => ({
    value: pod.ref,
    name: pod.namespace === 'default' ? pod.name : `${pod.namespace}/${pod.name}`,
  });
  const isSystem = (pod: PodView): boolean => pod.namespace.startsWith('kube-');
  return [
    ...able.filter((pod) => !isSystem(pod)).map(choice),
    ...nodes.map((node) => ({ value: node.ref, name: node.name })),
    ...outside
      .filter((one) => one.role === 'client')
      .map((one) => ({ value: `Outside//${one.addresses[0] ?? one.name}`, name: 'client outside' })),
    ...able.filter(isSystem).map(choice),
  ];
}

/** What can be asked for: each TCP port of each Service by name, and by node port or outer address where it has them. */
export function targetsOf({ services, nodes }: Sight): Choice[] {
  const isOwn = (service: ServiceView): boolean =>
    service.namespace !== 'kube-system' && service.name !== 'kubernetes';
  return [...services.filter(isOwn), ...services.filter((service) => !isOwn(service))].flatMap((service) =>
    service.ports.filter((port) => port.protocol === 'TCP').flatMap((port) => urlsOf(service, port, nodes)),
  );
}

function urlsOf(
  service: ServiceView,
  { port, nodePort }: ServiceView['ports'][number],
  nodes: readonly NodeView[],
): Choice[] {
  const name = service.namespace === 'default' ? service.name : `${service.name}.${service.namespace}`;
  const words = `Service ${service.namespace}/${service.name}`;
  const suffix = port === 80 ? '' : `:${port}`;
  const node = nodes[0]?.ip;
  const urls: Choice[] = [{ value: `http://${name}${suffix}`, name: words }];
  if (nodePort !== null && node !== undefined)
    urls.push({ value: `http://${node}:${nodePort}`, name: `${words}, node port` });
  if (service.type !== 'ExternalName')
    for (const ip of service.externalAddresses)
      urls.push({
        value: `http://${ip.includes(':') ? `[${ip}]` : ip}${suffix}`,
        name: `${words}, from outside`,
      });
  return urls;
}

/** The question with its gaps filled: the first Service, asked by a pod that does not stand behind it. */
export function completeAsk(ask: Partial<Ask>, sight: Sight): Ask {
  const places = placesOf(sight);
  const behind = new Set(sight.services.flatMap(({ endpoints }) => endpoints.map(({ podRef }) => podRef)));
  const known = places.find(({ value }) => value === ask.from);
  const caller = known ?? places.find(({ value }) => !behind.has(value)) ?? places[0];
  const target = ask.target?.trim() || targetsOf(sight)[0]?.value || 'http://kubernetes:443';
  return { from: caller?.value ?? '', tool: ask.tool ?? 'curl', target };
}
