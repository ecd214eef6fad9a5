/** The world beyond the nodes as the page shows it: its machines, their ways to virtual addresses, and who announces what. */
import type { ClusterNode } from './cluster-node';
import type { Outside } from './cluster-outside';
import { BALANCER, CLIENT, INTERNET, ROUTER } from './cluster-outside-machines';
import type { Machine } from './kernel/machine';
import type { AnnouncementView, OutsideView } from './view';

const ROLES: Readonly<Record<string, OutsideView['role']>> = {
  [ROUTER]: 'router',
  [CLIENT]: 'client',
  [INTERNET]: 'internet',
  [BALANCER]: 'balancer',
};

/** The part of the cluster's facts that is about load balancers and the outside. */
export function outsideFacts(outside: Outside, nodes: readonly ClusterNode[]) {
  const { loadBalancer, routeExternalIps } = outside.settings;
  const protocol = loadBalancer === 'metallb-bgp' ? 'bgp' : 'layer2';
  return {
    loadBalancer,
    routeExternalIps,
    outside: outsideViews(outside),
    announcements: announcements(nodes, protocol),
  };
}

/** One record for each machine out there; the balancer only while there is a cloud. */
function outsideViews({ machines, settings, balancer }: Outside): OutsideView[] {
  const { router, client, internet, balancer: cloud } = machines;
  const shown: readonly Machine[] = [
    router,
    client,
    internet,
    ...(settings.loadBalancer === 'cloud' ? [cloud] : []),
  ];
  return shown.map((machine) => ({
    ref: `Outside//${machine.name}`,
    name: machine.name,
    role: ROLES[machine.name] ?? 'internet',
    addresses: addressesOf(machine),
    routes: routesOf(machine),
    health:
      machine.name === BALANCER
        ? balancer.health.map(({ timer: _timer, ip: _ip, ...shownCheck }) => shownCheck)
        : [],
  }));
}

/** Which node answers for which address; empty without MetalLB. */
function announcements(nodes: readonly ClusterNode[], protocol: 'layer2' | 'bgp'): AnnouncementView[] {
  return nodes.flatMap(({ machine, speaker }) =>
    [...speaker.addresses].flatMap(([service, ips]) => {
      const [namespace = '', name = ''] = service.split('/');
      const ref = `Service/${namespace}/${name}`;
      return ips.map((ip) => ({ ip, node: machine.name, service: ref, protocol }));
    }),
  );
}

function addressesOf(machine: Machine): string[] {
  return [...machine.netns('host').devices.values()]
    .filter(({ kind }) => kind !== 'loopback')
    .flatMap(({ addresses }) => addresses.map(({ ip }) => ip));
}

function routesOf(machine: Machine): OutsideView['routes'] {
  return machine
    .netns('host')
    .routes.filter(({ length, route }) => length > 0 && route.proto !== 'kernel')
    .map(({ route }) => ({
      prefix: route.prefix,
      via: route.nexthops?.map(({ via }) => via) ?? (route.via === undefined ? [] : [route.via]),
      kind: route.type ?? 'unicast',
      ref: route.origin?.ref ?? null,
    }));
}
