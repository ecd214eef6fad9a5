import { expect, it } from 'vitest';
import { SECOND } from '../clock/clock';
import { Shop } from '../testing/shop';
import { portsOfArgs, usualPorts } from './usual-ports';

it.each([
  ['rabbitmq:3-management', [5672, 15672]],
  ['docker.io/grafana/grafana:11', [3000]],
  ['quay.io/prometheus/prometheus', [9090]],
  ['example.com/acme/shop', []],
])('%s', (image, ports) => {
  expect(usualPorts(image)).toEqual(ports);
});

it.each([
  [['--port=8080'], [8080]],
  [['serve', '--http-port', '9000', '--verbose'], [9000]],
  [
    ['--metrics-bind-address=:8443', '--health-probe-bind-address', '0.0.0.0:8081'],
    [8443, 8081],
  ],
  [['--web.listen-address=[::]:9100'], [9100]],
  [['--support=5', '--timeout=30', '--upstream=http://a:80'], []],
])('%s', (args, ports) => {
  expect(portsOfArgs(args)).toEqual(ports);
});

it('lets software listen where its manifest asks it, and else where it is used to', () => {
  const shop = new Shop();
  shop.boot();
  const listens = (more: Parameters<Shop['start']>[2]) => {
    const handle = shop.start('x', '10.244.1.9', more);
    shop.run(SECOND);
    return shop.processes.logs(handle)[0];
  };
  expect(
    listens({
      assumedPorts: [{ port: 8081, protocol: 'TCP' }],
      ports: [{ containerPort: 80, protocol: 'TCP' }],
    }),
  ).toBe('server: listening on 80/tcp, 8081/tcp');
  expect(listens({ image: 'prom/prometheus', assumedPorts: [] })).toBe('server: listening on 9090/tcp');
  expect(listens({})).toBe('server: no ports declared, nothing to listen on');
});
