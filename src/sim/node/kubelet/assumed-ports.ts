/**
 * Ports that a container's software must be listening on although its spec does not list them, if the manifest is right:
 * containerPort is only information (api/core/v1 types.go), so many leave it out. Images that we know listen where they do.
 *
 * Not simulated: what software listens on. A port that a probe of the container asks counts as listened on; where no
 * container of the pod lists ports, also those that Services send to, as they are when the container starts.
 */
import type { Container, Probe } from '../../api/kinds/container';
import type { Pod } from '../../api/kinds/pod';
import type { Store } from '../../api/store';
import type { ContainerSpec } from '../runtime';

type Ports = NonNullable<ContainerSpec['assumedPorts']>;

/** Ports of a container beside the listed ones, each once. */
export function assumedPorts(store: Store, pod: Pod, container: Container): Ports {
  const found = [...probedPorts(container), ...servedPorts(store, pod, container)];
  const listed = container.ports ?? [];
  const isNew = ({ port, protocol }: Ports[number], at: number) =>
    !listed.some((row) => row.containerPort === port && (row.protocol ?? 'TCP') === protocol) &&
    found.findIndex((row) => row.port === port && row.protocol === protocol) === at;
  return found.filter(isNew);
}

function probedPorts({ startupProbe, livenessProbe, readinessProbe }: Container): Ports {
  return [startupProbe, livenessProbe, readinessProbe].flatMap((probe: Probe | undefined) => {
    // Another host is somebody else's port.
    const { httpGet, tcpSocket, grpc } = probe ?? {};
    const port = httpGet?.host || tcpSocket?.host ? undefined : (httpGet ?? tcpSocket ?? grpc)?.port;
    return typeof port === 'number' ? [{ port, protocol: 'TCP' as const }] : [];
  });
}

/** What a container's HTTP probes speak, by the number of the port. */
export function schemesOf(container: Container): NonNullable<ContainerSpec['probedPorts']> {
  const asked = [container.startupProbe, container.livenessProbe, container.readinessProbe].flatMap(
    (probe) => {
      const { host, port, scheme = 'HTTP' } = probe?.httpGet ?? {};
      const number = container.ports?.find((row) => row.name === port)?.containerPort ?? port;
      return typeof number === 'number' && !host ? [{ number, scheme }] : [];
    },
  );
  const of = (scheme: string) => asked.filter((row) => row.scheme === scheme).map((row) => row.number);
  return { https: of('HTTPS'), http: of('HTTP') };
}

function servedPorts(store: Store, pod: Pod, container: Container): Ports {
  const { containers } = pod.spec;
  if (container !== containers[0] || containers.some((row) => (row.ports ?? []).length > 0)) return [];
  const labels = pod.metadata.labels ?? {};
  return store.list('Service', pod.metadata.namespace ?? '').flatMap(({ spec }) => {
    const pairs = Object.entries(spec.selector ?? {});
    if (pairs.length === 0 || pairs.some(([key, value]) => labels[key] !== value)) return [];
    return (spec.ports ?? []).flatMap(({ port, targetPort = port, protocol = 'TCP' }) =>
      typeof targetPort === 'number' ? [{ port: targetPort, protocol }] : [],
    );
  });
}
