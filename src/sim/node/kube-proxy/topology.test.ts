import { describe, expect, it } from 'vitest';
import type { Service } from '../../api/kinds/service';
import type { EndpointSlice } from '../../api/kinds/endpointslice';
import { chainHash, nftName, probabilityText } from './names';
import { servicePortsOf } from './service-ports';
import { chooseEndpoints } from './topology';

/** "1 ready here zone=a node=n1": number, state, place and hints. Unset conditions count as ready. */
function endpoint(text: string): EndpointSlice['endpoints'][number] {
  const [number = '1', ...words] = text.split(' ');
  const hint = (key: string) =>
    words.filter((word) => word.startsWith(`${key}=`)).map((word) => ({ name: word.slice(5) }));
  const [zones, nodes] = [hint('zone'), hint('node')];
  const leaving = words.includes('leaving');
  const conditions = words.includes('unready')
    ? { ready: false, serving: false, terminating: false }
    : leaving
      ? { ready: false, serving: !words.includes('deaf'), terminating: true }
      : {};
  return {
    addresses: [`10.1.0.${number}`],
    conditions,
    ...(words.includes('here') ? { nodeName: 'n1' } : { nodeName: 'n9' }),
    hints: { forZones: zones, forNodes: nodes },
  };
}

function choose(spec: object, texts: readonly string[], zone = 'a'): string {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'd' },
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  } as Service;
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's-1', namespace: 'd', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: texts.map(endpoint),
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  } as EndpointSlice;
  const [port] = servicePortsOf(service, [slice], 'IPv4', 'n1');
  const labels = { 'topology.kubernetes.io/zone': zone };
  const choice = chooseEndpoints(port!.info, port!.endpoints, { name: 'n1', labels });
  const list = (some: readonly { readonly ip: string }[] | null) =>
    some === null ? 'unused' : some.map(({ ip }) => ip.slice('10.1.0.'.length)).join(',') || 'none';
  const parts = [
    `cluster ${list(choice.cluster)}`,
    `local ${list(choice.local)}`,
    `all ${list(choice.reachable)}`,
  ];
  return `${parts.join('; ')}${choice.anywhere ? '' : '; nobody anywhere'}`;
}

const ITP = { internalTrafficPolicy: 'Local' };
const ETP = {
  type: 'NodePort',
  externalTrafficPolicy: 'Local',
  ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080 }],
};

describe('which endpoints a node uses', () => {
  it.each([
    [{}, ['1', '2 here'], 'cluster 1,2; local unused; all 1,2'],
    [{}, ['1 unready'], 'cluster none; local unused; all none; nobody anywhere'],
    [{}, ['1 leaving', '2 leaving deaf'], 'cluster 1; local unused; all 1'],
    [{}, ['1', '2 leaving'], 'cluster 1; local unused; all 1'],
    [{}, ['1 zone=a', '2 zone=b'], 'cluster 1; local unused; all 1'],
    [{}, ['1 zone=a', '2'], 'cluster 1,2; local unused; all 1,2'],
    [{}, ['1 zone=a', '2 unready'], 'cluster 1; local unused; all 1'],
    [{}, ['1 zone=b', '2 zone=c'], 'cluster 1,2; local unused; all 1,2'],
    [{}, ['1 zone=a node=n9', '2 zone=b node=n1'], 'cluster 2; local unused; all 2'],
    [{}, ['1 zone=a node=n8', '2 zone=b node=n9'], 'cluster 1; local unused; all 1'],
    [{}, ['1 zone=a leaving', '2 zone=b leaving'], 'cluster 1,2; local unused; all 1,2'],
    [ITP, ['1', '2 here'], 'cluster unused; local 2; all 2'],
    [ITP, ['1'], 'cluster unused; local none; all none'],
    [ITP, [], 'cluster unused; local none; all none; nobody anywhere'],
    [ETP, ['1', '2 here'], 'cluster 1,2; local 2; all 1,2'],
    [ETP, ['1', '2 here leaving'], 'cluster 1; local 2; all 1,2'],
    [ETP, ['1 zone=a', '2 here zone=b'], 'cluster 1; local 2; all 1,2'],
    [{ ...ETP, ...ITP }, ['1'], 'cluster 1; local none; all 1'],
    [{ externalTrafficPolicy: 'Local' }, ['1'], 'cluster 1; local unused; all 1'],
  ])('%j with %j: %s', (spec, endpoints, expected) => {
    expect(choose(spec, endpoints)).toBe(expected);
  });

  it('never goes by zone on a node that has none', () => {
    expect(choose({}, ['1 zone=a', '2 zone=b'], '')).toBe('cluster 1,2; local unused; all 1,2');
  });
});

describe('names', () => {
  it('are those seen on real clusters', () => {
    expect(chainHash('default/kubernetes:https', 'TCP')).toBe('NPX46M4PTMTKRN6Y');
    expect(chainHash('kube-system/kube-dns:dns', 'UDP')).toBe('TCOU7JCQXEZGVUNU');
    expect(chainHash('ns1/svc1:p80', 'TCP', '10.180.0.1:80')).toBe('SXIVWICOYRO3J4NJ');
    const port = { namespace: 'testing', service: 'service', portName: 'http', protocol: 'TCP' };
    expect(nftName(port)).toBe('P4ZYZVCF-testing/service/tcp/http');
    expect(nftName(port, { ip: '10.180.0.1', port: 80 })).toBe(
      'JO2XBXZR-testing/service/tcp/http__10.180.0.1/80',
    );
    expect(nftName({ ...port, portName: 'x'.repeat(300) })).toHaveLength(240);
  });

  it('write probabilities with ten digits', () => {
    expect([2, 3, 100_001].map(probabilityText)).toEqual(['0.5000000000', '0.3333333333', '0.0000099999']);
  });
});
