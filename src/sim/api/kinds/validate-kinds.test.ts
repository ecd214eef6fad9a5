/** What the server says of kinds other than pods, on creation and on change. Sources stand at the validators. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Clock } from '../../clock/clock';
import { ApiError } from '../errors';
import type { ApiObject } from '../object';
import { ApiServer } from '../server';
import { Store } from '../store';

const GROUP: Readonly<Record<string, string>> = {
  Service: 'v1',
  Node: 'v1',
  Secret: 'v1',
  ConfigMap: 'v1',
  Namespace: 'v1',
  StatefulSet: 'apps/v1',
  IngressClass: 'networking.k8s.io/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
};
const CLUSTER = ['Node', 'Namespace', 'IngressClass'];

function object(kind: string, fields: string): ApiObject {
  const given = parse(`{${fields}}`) as Record<string, object>;
  const place = CLUSTER.includes(kind) ? {} : { namespace: 'default' };
  return {
    apiVersion: GROUP[kind]!,
    kind,
    ...given,
    metadata: { name: 'x', ...place, ...given['metadata'] } as ApiObject['metadata'],
  };
}

function serverOf(): ApiServer {
  const store = new Store({ clock: new Clock(3) });
  const server = new ApiServer(store);
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return server;
}

function said(run: () => void): string {
  try {
    run();
    return 'valid';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return (error.details.causes ?? []).map(({ field, message }) => `${field}: ${message}`).join('\n');
  }
}

describe('a new object', () => {
  it.each<[string, string, string]>([
    [
      'Service',
      'spec: {externalIPs: ["0.0.0.0"], ports: [{port: 80}]}',
      'spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
    ],
    [
      'Service',
      'spec: {loadBalancerClass: "not a name", ports: [{port: 80}]}',
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      'Service',
      'metadata: {annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: "10.0.0.0/8, x"}}, spec: {ports: [{port: 80}]}',
      'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Forbidden: may only be used when `type` is \'LoadBalancer\'\nmetadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [
      'Node',
      'spec: {taints: [{key: a, value: b, effect: NoSchedule}, {key: a, value: c, effect: NoSchedule}]}',
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"c","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
    [
      'IngressClass',
      'spec: {controller: a.b/c, parameters: {apiGroup: "", kind: a/b, name: x, scope: Namespace, namespace: A}}',
      "spec.parameters.apiGroup: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n" +
        'spec.parameters.kind: Invalid value: "a/b": may not contain \'/\'\n' +
        "spec.parameters.namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
    [
      'EndpointSlice',
      'addressType: FQDN, endpoints: [{addresses: [web]}, {addresses: [web.example.com.]}]',
      'endpoints[0].addresses[0]: Invalid value: "web": should be a domain with at least two segments separated by dots',
    ],
    [
      'EndpointSlice',
      'addressType: IPv4, ports: [{protocol: tcp}], endpoints: [{addresses: ["10.0.0.1"], hints: {forZones: [{name: a}, {name: a}]}}]',
      'ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"\nendpoints[0].hints.forZones[1].name: Duplicate value: "a"',
    ],
    ['Node', 'spec: {taints: [{key: a}]}', 'metadata.taints[0].effect: Required value'],
    [
      'Node',
      'spec: {podCIDRs: ["10.0.0.0/24", "10.0.1.0/24"]}',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
    ],
    [
      'ConfigMap',
      'data: {a: b}, binaryData: {a: YQ==}',
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    [
      'Secret',
      'type: kubernetes.io/basic-auth',
      'data[username]: Required value\ndata[password]: Required value',
    ],
    ['Secret', 'type: kubernetes.io/basic-auth, data: {username: YQ==}', 'valid'],
    [
      'Secret',
      'type: kubernetes.io/service-account-token',
      'metadata.annotations[kubernetes.io/service-account.name]: Required value',
    ],
    [
      'Secret',
      'type: kubernetes.io/ssh-auth, data: {ssh-privatekey: ""}',
      'data[ssh-privatekey]: Required value',
    ],
    [
      'Namespace',
      'spec: {finalizers: [mine]}',
      'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [
      'ConfigMap',
      'metadata: {ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: ""}]}',
      'metadata.ownerReferences.uid: Invalid value: "": uid must not be empty',
    ],
    [
      'StatefulSet',
      'spec: {serviceName: a.b, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: C}]}}}',
      'spec.serviceName: Invalid value: "a.b": must not contain dots',
    ],
    [
      'StatefulSet',
      'spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: "b c"}}, spec: {}}, updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0}}}',
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0\nspec.template.metadata.labels: Invalid value: {"a":"b c"}: `selector` does not match template `labels`\n' +
        "spec.template.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      'StatefulSet',
      'spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}, updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}}',
      'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
  ])('%s %s', (kind, fields, expected) => {
    expect(said(() => serverOf().create(object(kind, fields)))).toBe(expected);
  });
});

describe('a change', () => {
  it.each<[string, string, string, string]>([
    [
      'ConfigMap',
      'immutable: true, data: {a: b}',
      'immutable: false, data: {"a b": c}',
      'immutable: Forbidden: field is immutable when `immutable` is set\ndata: Forbidden: field is immutable when `immutable` is set\n' +
        "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
    ['Secret', 'type: a', 'type: b', 'type: Invalid value: "b": field is immutable'],
    [
      'Service',
      'spec: {ports: [{port: 80}], clusterIP: 10.96.0.50}',
      'spec: {ports: [{port: 0}], clusterIP: 10.96.0.51}',
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.51"]: may not change once set\nspec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\nspec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      'Service',
      'spec: {type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}], healthCheckNodePort: 31000}',
      'spec: {type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}], healthCheckNodePort: 31001}',
      'spec.healthCheckNodePort: Forbidden: field is immutable',
    ],
    [
      'IngressClass',
      'spec: {controller: a.b/c}',
      'spec: {controller: c}',
      'spec.controller: Invalid value: "c": field is immutable\nspec.controller: Invalid value: "c": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      'Node',
      'spec: {providerID: "a://b"}',
      'spec: {providerID: "a://c"}',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
  ])('%s %s to %s', (kind, before, after, expected) => {
    const server = serverOf();
    server.create(object(kind, before));
    expect(said(() => server.update(object(kind, after)))).toBe(expected);
  });
});
