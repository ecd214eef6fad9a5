/** The subsets of an Endpoints object (core/v1), from a Service and its pods. Upstream: pkg/controller/endpoint, api/v1/endpoints. */
import { canonicalIp, ipFamily } from '../../../lib/ip';
import type { EndpointAddress, EndpointPort, Endpoints } from '../../api/kinds/endpointslice';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import { addressTypesOf, hasServiceHostname, podBelongs } from '../endpointslice/endpoint';
import { endpointPortsOf, portsKey } from '../endpointslice/ports';
import { isReady } from '../pod-state';

export type Subset = NonNullable<Endpoints['subsets']>[number];

/** More addresses than this are cut off. */
const MAX_ADDRESSES = 1000;

interface Entry {
  readonly address: EndpointAddress;
  readonly ready: boolean;
}

interface PortGroup {
  readonly port: EndpointPort | null;
  readonly entries: Map<string, Entry>;
}

function addressOf(service: Service, pod: Pod): EndpointAddress | null {
  const family = addressTypesOf(service)[0] === 'IPv6' ? 6 : 4;
  const ips = (pod.status?.podIPs ?? []).map((row) => row.ip);
  const ip = (ips.length > 0 ? ips : [pod.status?.podIP ?? '']).find((row) => ipFamily(row) === family);
  if (ip === undefined) return null;
  const { namespace, name, uid } = pod.metadata;
  return {
    ip: canonicalIp(ip),
    ...(hasServiceHostname(pod, service) ? { hostname: pod.spec.hostname } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** Every port with the pods that have it; a headless Service without ports has one group without a port. */
function byPort(service: Service, pods: readonly Pod[]): PortGroup[] {
  const publish = service.spec.publishNotReadyAddresses === true;
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    const address = podBelongs(pod, publish) ? addressOf(service, pod) : null;
    if (address === null) continue;
    const ports = endpointPortsOf(service, pod);
    const portless = (service.spec.ports ?? []).length === 0 && service.spec.clusterIP === 'None';
    for (const port of portless ? [null] : ports) {
      const key = port === null ? '' : portsKey([port]);
      const group = groups.get(key) ?? { port, entries: new Map<string, Entry>() };
      group.entries.set(pod.metadata.uid ?? pod.metadata.name, { address, ready: publish || isReady(pod) });
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function byIp(a: EndpointAddress, b: EndpointAddress): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1;
  return (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1;
}

function subset(groups: readonly PortGroup[], entries: readonly Entry[]): Subset {
  const pick = (ready: boolean): EndpointAddress[] =>
    entries
      .filter((row) => row.ready === ready)
      .map((row) => row.address)
      .sort(byIp);
  const [addresses, notReadyAddresses] = [pick(true), pick(false)];
  const ports = groups.flatMap(({ port }) =>
    port === null
      ? []
      : [
          {
            ...(port.name ? { name: port.name } : {}),
            port: port.port ?? 0,
            protocol: port.protocol,
            ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
          },
        ],
  );
  return {
    ...(addresses.length > 0 ? { addresses } : {}),
    ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

/** Ports with the same addresses share a subset. `truncated` tells that addresses were left out. */
export function subsetsOf(service: Service, pods: readonly Pod[]): { subsets: Subset[]; truncated: boolean } {
  const merged = new Map<string, PortGroup[]>();
  for (const group of byPort(service, pods)) {
    const key = [...group.entries]
      .map(([uid, row]) => `${uid}${row.ready}`)
      .sort()
      .join();
    merged.set(key, [...(merged.get(key) ?? []), group]);
  }
  let room = MAX_ADDRESSES;
  let truncated = false;
  const subsets: Subset[] = [];
  for (const groups of merged.values()) {
    const all = [...groups[0]!.entries.values()];
    // Ready ones are kept first when there is not room for all.
    const ordered = [...all.filter((row) => row.ready), ...all.filter((row) => !row.ready)];
    truncated ||= all.length > room;
    const kept = all.length > room ? ordered.slice(0, room) : all;
    room -= kept.length;
    if (kept.length > 0) subsets.push(subset(groups, kept));
  }
  return { subsets, truncated };
}
