/** Service ports to the ports that a pod really listens on (upstream getEndpointPorts, podutil FindPort). */
import type { EndpointPort } from '../../api/kinds/endpointslice';
import type { Container } from '../../api/kinds/container';
import type { Pod } from '../../api/kinds/pod';
import type { Service, ServicePort } from '../../api/kinds/service';

/** A numeric target port is taken as it is; a name is looked up in the containers, then in the sidecars. */
export function findPort(pod: Pod, port: Pick<ServicePort, 'protocol' | 'targetPort'>): number | null {
  const target = port.targetPort;
  if (typeof target === 'number') return target;
  if (target === undefined) return null;
  const sidecars = (pod.spec.initContainers ?? []).filter((row) => row.restartPolicy === 'Always');
  return inContainers(pod.spec.containers, target, port) ?? inContainers(sidecars, target, port);
}

function inContainers(
  containers: readonly Container[],
  name: string,
  port: Pick<ServicePort, 'protocol'>,
): number | null {
  for (const container of containers) {
    for (const row of container.ports ?? []) {
      if (row.name === name && (row.protocol ?? 'TCP') === port.protocol) return row.containerPort;
    }
  }
  return null;
}

/** The ports of the slices that list this pod. A name the pod does not have is left out. */
export function endpointPortsOf(service: Service, pod: Pod): EndpointPort[] {
  const out: EndpointPort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = findPort(pod, port);
    if (number === null) continue;
    out.push({
      name: port.name ?? '',
      port: number,
      protocol: port.protocol,
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return out;
}

/** Slices are grouped by their list of ports; the order of the list does not count. */
export function portsKey(ports: readonly EndpointPort[] | undefined | null): string {
  return (ports ?? [])
    .map((row) => `${row.name ?? ''}/${row.protocol ?? 'TCP'}/${row.port ?? '*'}/${row.appProtocol ?? ''}`)
    .sort()
    .join(',');
}
