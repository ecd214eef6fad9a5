import { describe, expect, it } from 'vitest';
import { decode } from './decode';
import type { ApiObject } from './object';

const problems = (apiVersion: string, kind: string, rest: object) =>
  decode({ apiVersion, kind, metadata: { name: 'x' }, ...rest } as ApiObject).problems.map(
    (problem) => `${problem.path} ${problem.message}`,
  );

describe('strict decoding', () => {
  it('lists unknown fields by sorted path and looks into lists and maps', () => {
    expect(
      problems('apps/v1', 'Deployment', {
        spec: {
          replica: 3,
          template: { spec: { containers: [{ name: 'c', port: 80 }], nodeSelector: { any: 'x' } } },
        },
        Spec: {},
      }),
    ).toEqual([
      'Spec unknown field "Spec"',
      'spec.replica unknown field "spec.replica"',
      'spec.template.spec.containers[0].port unknown field "spec.template.spec.containers[0].port"',
    ]);
  });

  it.each<[string, string, object, string]>([
    [
      'v1',
      'Service',
      { spec: { ports: [80] } },
      'cannot unmarshal number into Go struct field ServiceSpec.spec.ports of type v1.ServicePort',
    ],
    [
      'v1',
      'Service',
      { spec: { ports: [{ port: 1.5 }] } },
      'cannot unmarshal number 1.5 into Go struct field ServicePort.spec.ports.port of type int32',
    ],
    [
      'v1',
      'Service',
      { spec: { ipFamilies: [4] } },
      'cannot unmarshal number into Go struct field ServiceSpec.spec.ipFamilies of type v1.IPFamily',
    ],
    [
      'v1',
      'Service',
      { spec: { ipFamilies: 'IPv4' } },
      'cannot unmarshal string into Go struct field ServiceSpec.spec.ipFamilies of type []v1.IPFamily',
    ],
    [
      'v1',
      'Pod',
      { spec: { containers: [{ resources: { limits: ['cpu'] } }] } },
      'cannot unmarshal array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList',
    ],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      { spec: { policyTypes: [true] } },
      'cannot unmarshal bool into Go struct field NetworkPolicySpec.spec.policyTypes of type v1.PolicyType',
    ],
    [
      'v1',
      'Service',
      { spec: { type: [] } },
      'cannot unmarshal array into Go struct field ServiceSpec.spec.type of type v1.ServiceType',
    ],
    [
      'v1',
      'Service',
      { spec: { selector: { a: 1 } } },
      'cannot unmarshal number into Go struct field ServiceSpec.spec.selector of type string',
    ],
    [
      'v1',
      'Pod',
      { spec: { nodeSelector: [] } },
      'cannot unmarshal array into Go struct field PodSpec.spec.nodeSelector of type map[string]string',
    ],
    [
      'v1',
      'Pod',
      { spec: { terminationGracePeriodSeconds: '5' } },
      'cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64',
    ],
    [
      'apps/v1',
      'Deployment',
      { spec: { replicas: 99999999999 } },
      'cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
  ])('%s %s %j', (apiVersion, kind, rest, message) => {
    const [first = ''] = problems(apiVersion, kind, rest);
    expect(first.slice(first.indexOf('json: ') + 6)).toBe(message);
  });

  it('says of quantities what their parser says, and takes every honest one', () => {
    const memory = (value: unknown) =>
      problems('v1', 'Pod', {
        spec: { containers: [{ name: 'c', resources: { limits: { memory: value } } }] },
      }).length;
    for (const good of ['64Mi', '1e3', 1, 0.5, '100m', '.5', '12E']) expect(memory(good)).toBe(0);
    for (const bad of ['128MB', 'much', '1 Gi', true]) expect(memory(bad)).toBe(1);
  });

  it('speaks differently of custom resources', () => {
    const spec = { listeners: [{ name: 'a', port: '80', protocol: 'HTTP' }] };
    expect(problems('gateway.networking.k8s.io/v1', 'Gateway', { spec })).toEqual([
      'spec.listeners[0].port Invalid value: "string": spec.listeners[0].port in body must be of type integer: "string"',
    ]);
  });
});

describe('the decoded copy', () => {
  it('leaves nulls out, makes empty values of them in lists and maps, shares nothing', () => {
    const given = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x', labels: null },
      data: { empty: null, full: 'y' },
    } as unknown as ApiObject;
    const { object } = decode(given);
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x' },
      data: { empty: '', full: 'y' },
    });
    expect(object.data).not.toBe(given.data);
  });

  it('takes any field of kinds it does not know, and of other groups with a known name', () => {
    expect(problems('x.io/v1', 'Widget', { spec: { anything: 1 } })).toEqual([]);
    expect(problems('serving.knative.dev/v1', 'Service', { spec: { template: {} } })).toEqual([]);
    expect(
      problems('autoscaling/v1', 'HorizontalPodAutoscaler', { spec: { targetCPUUtilizationPercentage: 1 } }),
    ).toEqual([]);
  });
});

describe('bytes', () => {
  it.each<[string, number | null]>([
    ['Yg==', null],
    ['', null],
    ['YmFy\nYmFy', null],
    ['plain text', 5],
    ['YmFyY', 4],
    ['Y===', 1],
  ])('%j is bad at %s', (text, at) => {
    const found = problems('v1', 'Secret', { data: { a: text } });
    expect(found).toEqual(at === null ? [] : [`data.a illegal base64 data at input byte ${at}`]);
  });
});
