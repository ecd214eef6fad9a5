/** From Services to BPF maps: goldens as Cilium's tool lists them, and numbers that stay while things change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointInfo } from '../kube-proxy/endpoints';
import type { ProxyConfig } from '../kube-proxy/config';
import type { ServicePortInfo, ServicePortState } from '../kube-proxy/service-ports';
import { generateEbpf, NO_NUMBERS, type Numbers } from './generate';
import { printLbList, printServiceList } from './print';

const CONFIG: ProxyConfig = {
  family: 'IPv4',
  nodeName: 'node-1',
  nodeIp: '192.168.0.11',
  nodeIps: ['192.168.0.11'],
  localDetector: { type: 'none' },
  masqueradeAll: false,
  masqueradeBit: 14,
  nodePortAddresses: null,
  localhostNodePorts: true,
  nfacct: false,
  dropInvalid: true,
  randomFully: true,
};

function endpoint(n: number, more: Partial<EndpointInfo> = {}): EndpointInfo {
  const ip = `10.244.${n}.5`;
  return {
    ...{ ip, port: 8080, text: `${ip}:8080`, local: n === 1, ready: true, serving: true, terminating: false },
    ...{ zoneHints: [], nodeHints: [], origin: { ref: 'EndpointSlice/default/web-x' } },
    ...more,
  };
}

function port(more: Partial<ServicePortInfo>, endpoints: readonly EndpointInfo[]): ServicePortState {
  const info: ServicePortInfo = {
    ...{ name: 'default/web:http', namespace: 'default', service: 'web', portName: 'http', protocol: 'TCP' },
    ...{ clusterIp: '10.96.0.42', port: 80, nodePort: 0, externalIps: [], loadBalancerVips: [] },
    ...{ sourceRanges: [], affinitySeconds: 0, healthCheckNodePort: 0 },
    ...{ externalPolicyLocal: false, internalPolicyLocal: false, origin: { ref: 'Service/default/web' } },
    ...more,
  };
  return { info, endpoints };
}

function generate(ports: readonly ServicePortState[], numbers: Numbers = NO_NUMBERS) {
  return generateEbpf({
    families: [{ config: CONFIG, ports }],
    addresses: new Map([['192.168.0.11', 'host']]),
    devices: { wire: ['eth0'], inside: ['cni0'] },
    numbers,
  });
}

const list = (ports: readonly ServicePortState[]): string[] => printLbList(generate(ports).tables);

describe('maps as the tool lists them', () => {
  it('of a cluster IP', () => {
    expect(list([port({}, [endpoint(1), endpoint(2)])])).toEqual([
      'SERVICE ADDRESS         BACKEND ADDRESS (REVNAT_ID) (SLOT)',
      '10.96.0.42:80/TCP (0)   0.0.0.0:0 (1) (0) [ClusterIP, non-routable]',
      '10.96.0.42:80/TCP (1)   10.244.1.5:8080/TCP (1) (1)',
      '10.96.0.42:80/TCP (2)   10.244.2.5:8080/TCP (1) (2)',
    ]);
  });

  it('of a load balancer with Local policy, ranges and affinity: two scopes', () => {
    const more: Partial<ServicePortInfo> = {
      ...{ nodePort: 30080, loadBalancerVips: ['198.51.100.1'], sourceRanges: ['203.0.113.0/24'] },
      ...{ externalPolicyLocal: true, affinitySeconds: 10_800 },
    };
    const rows = list([port(more, [endpoint(1), endpoint(2)])]).map((row) => row.replace(/ {2,}/, '  '));
    expect(rows.filter((row) => row.includes('[')).slice(1)).toEqual([
      '192.168.0.11:30080/TCP (0)  0.0.0.0:0 (2) (0) [NodePort, Local, two-scopes, sessionAffinity]',
      '192.168.0.11:30080/TCP/i (0)  0.0.0.0:0 (3) (0) [NodePort, Local, two-scopes, sessionAffinity]',
      '0.0.0.0:30080/TCP (0)  0.0.0.0:0 (4) (0) [NodePort, Local, two-scopes, sessionAffinity, non-routable]',
      '0.0.0.0:30080/TCP/i (0)  0.0.0.0:0 (5) (0) [NodePort, Local, two-scopes, sessionAffinity, non-routable]',
      '198.51.100.1:80/TCP (0)  0.0.0.0:0 (6) (0) [LoadBalancer, Local, two-scopes, sessionAffinity, check source-range]',
      '198.51.100.1:80/TCP/i (0)  0.0.0.0:0 (7) (0) [LoadBalancer, Local, two-scopes, sessionAffinity, check source-range]',
    ]);
    // From outside the endpoint on this node, from inside both.
    expect(rows.filter((row) => row.startsWith('198.51.100.1:80/TCP (')).length).toBe(2);
    expect(rows.filter((row) => row.startsWith('198.51.100.1:80/TCP/i (')).length).toBe(3);
  });

  it('with states of backends', () => {
    const leaving = endpoint(2, { ready: false, terminating: true });
    const { tables } = generate([port({}, [endpoint(3, { ready: false, serving: false }), leaving])]);
    expect(printServiceList(tables)).toEqual([
      'ID   Frontend            Service Type   Backend',
      '1    10.96.0.42:80/TCP   ClusterIP      1 => 10.244.2.5:8080/TCP (terminating)',
    ]);
  });

  it.each([
    ['internal policy Local', { internalPolicyLocal: true }, ['10.244.1.5']],
    ['hints for elsewhere, which are not looked at', {}, ['10.244.1.5', '10.244.2.5']],
  ] as const)('%s', (_name, more, ips) => {
    const hinted = [1, 2].map((n) => endpoint(n, { zoneHints: ['b'], nodeHints: ['node-2'] }));
    const { backends, frontends } = generate([port(more, hinted)]).tables;
    const slots = [...frontends.values()][0]!.slots;
    expect(slots.map((id) => backends.get(id)!.address)).toEqual(ips);
  });

  it('leaves SCTP out, and every entry says where it comes from', () => {
    expect(generate([port({ protocol: 'SCTP' }, [endpoint(1)])]).tables.frontends.size).toBe(0);
    const { frontends, backends } = generate([port({ nodePort: 30080 }, [endpoint(1)])]).tables;
    for (const { origin } of [...frontends.values(), ...backends.values()]) expect(origin?.ref).toBeTruthy();
  });
});

describe('numbers', () => {
  const CHANGES = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }), {
    maxLength: 8,
  });

  it('stay with what lives on, are never given to two, and change nothing else', () => {
    fc.assert(
      fc.property(CHANGES, (steps) => {
        let numbers = NO_NUMBERS;
        for (const step of steps) {
          const ports = [
            port(
              { nodePort: 30080 },
              [...step].sort().map((n) => endpoint(n)),
            ),
          ];
          const now = generate(ports, numbers);
          for (const [key, id] of now.numbers.backends)
            if (numbers.backends.has(key)) expect(id).toBe(numbers.backends.get(key));
          const ids = [...now.numbers.backends.values()];
          expect(new Set(ids).size).toBe(ids.length);
          expect(now.tables.backends.size).toBe(step.length);
          const plain = (tables: typeof now.tables) =>
            printLbList(tables).map((row) => row.replace(/\(\d+\) (?=\(\d+\))/, ''));
          expect(plain(now.tables)).toEqual(plain(generate(ports).tables));
          numbers = now.numbers;
        }
      }),
      { numRuns: 30 },
    );
  });
});
