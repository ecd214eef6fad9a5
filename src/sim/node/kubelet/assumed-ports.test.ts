import { expect, it } from 'vitest';
import type { Container } from '../../api/kinds/container';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import type { Store } from '../../api/store';
import { assumedPorts, schemesOf } from './assumed-ports';

const service = (selector: object, ports: object[]): Service =>
  ({ spec: { selector, ports } }) as unknown as Service;

function ports(
  container: Partial<Container>,
  services: readonly Service[] = [],
  others: Partial<Container>[] = [],
) {
  const containers = [{ name: 'a', ...container }, ...others.map((row) => ({ name: 'b', ...row }))];
  const pod = { metadata: { name: 'p', labels: { app: 'x' } }, spec: { containers } } as unknown as Pod;
  const store = { list: () => services } as unknown as Store;
  return assumedPorts(store, pod, pod.spec.containers[0]!).map(({ port, protocol }) => `${port}/${protocol}`);
}

const X = { app: 'x' };

it.each([
  [
    'ports of probes',
    { livenessProbe: { httpGet: { port: 8080 } }, readinessProbe: { tcpSocket: { port: 8080 } } },
    [],
    ['8080/TCP'],
  ],
  [
    'but not of another host, nor by name',
    { livenessProbe: { httpGet: { port: 1, host: '10.0.0.1' } }, readinessProbe: { grpc: { port: 'x' } } },
    [],
    [],
  ],
  [
    'listed ones are no news',
    { ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } } },
    [],
    [],
  ],
  [
    'where a Service sends',
    {},
    [
      service(X, [
        { port: 80, targetPort: 3000 },
        { port: 53, protocol: 'UDP' },
      ]),
    ],
    ['3000/TCP', '53/UDP'],
  ],
  ['not one for other pods', {}, [service({ app: 'y' }, [{ port: 80 }]), service({}, [{ port: 80 }])], []],
  [
    'a list that is there is meant',
    { ports: [{ containerPort: 80 }] },
    [service(X, [{ port: 80, targetPort: 3000 }])],
    [],
  ],
  ['names are for lists', {}, [service(X, [{ port: 80, targetPort: 'http' }])], []],
])('%s', (_what, container, services, expected) => {
  expect(ports(container as Partial<Container>, services)).toEqual(expected);
});

it('tells what probes speak, also on named ports', () => {
  const container = {
    name: 'a',
    ports: [{ name: 'https', containerPort: 10250 }],
    livenessProbe: { httpGet: { port: 'https', scheme: 'HTTPS' } },
    readinessProbe: { httpGet: { port: 8443 } },
    startupProbe: { httpGet: { port: 1, host: 'x', scheme: 'HTTPS' } },
  } as unknown as Container;
  expect(schemesOf(container)).toEqual({ https: [10250], http: [8443] });
});

it('leaves Services to the container that lists its ports', () => {
  expect(ports({}, [service(X, [{ port: 80 }])], [{ ports: [{ containerPort: 80 }] }])).toEqual([]);
});
