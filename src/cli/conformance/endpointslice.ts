/** Reads endpointslice.json: the EndpointSlice controller's facts, section by section, against the controller's own code. */
import type { Node } from '../../sim/api/kinds/cluster';
import type { Endpoint, EndpointSlice } from '../../sim/api/kinds/endpointslice';
import type { Container } from '../../sim/api/kinds/container';
import type { Pod } from '../../sim/api/kinds/pod';
import type { Service, ServicePort } from '../../sim/api/kinds/service';
import { changedServices } from '../../sim/controllers/endpointslice/controller';
import {
  addressTypesOf,
  hasServiceHostname,
  podBelongs,
  podChanges,
  podToEndpoint,
  type AddressType,
} from '../../sim/controllers/endpointslice/endpoint';
import { endpointPortsOf, findPort } from '../../sim/controllers/endpointslice/ports';
import {
  isSamePlaceholder,
  newSlice,
  serviceKeyOf,
  sliceLabels,
} from '../../sim/controllers/endpointslice/slice';
import { attempt, check } from './case-check';
import { hintSections } from './endpointslice-hints';
import { worldSections } from './endpointslice-worlds';
import type { CaseResult, Format } from './result';

/* eslint-disable @typescript-eslint/no-explicit-any -- case files are data of many shapes */
type Section = (data: any) => CaseResult[];

const cases = (data: any): any[] => (Array.isArray(data) ? data : (data.cases ?? []));

const aPod = (spec: object, more: object = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ns' }, spec, ...more }) as Pod;

const aService = (spec: object, metadata: object = {}): Service =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'ns', ...metadata },
    spec,
  }) as Service;

function podToEndpointSection(data: any): CaseResult[] {
  return cases(data).map((row) =>
    attempt(row.id, () => {
      const got = podToEndpoint(
        row.pod,
        row.node as Node | null,
        row.service,
        row.addressType as AddressType,
      );
      return check(row.id, row.expectEndpoint, got);
    }),
  );
}

function portSections(data: any): CaseResult[] {
  return cases(data).map((row) =>
    check(row.id, row.expectPorts, endpointPortsOf(aService({ ports: row.servicePorts }), row.pod)),
  );
}

function findPortSection(data: any): CaseResult[] {
  return cases(data).map((row) => {
    const pod = aPod({ containers: row.podContainers as Container[], initContainers: row.podInitContainers });
    return check(row.id, row.expectPort, findPort(pod, row.servicePort as ServicePort));
  });
}

function newSliceSection(data: any): CaseResult[] {
  return cases(data).map((row) => {
    const slice = newSlice(row.service, row.expect.addressType as AddressType, []);
    const { generateName, namespace, labels, ownerReferences } = slice.metadata;
    const owners = ownerReferences?.map(({ uid: _uid, ...rest }) => rest);
    const { addressType, endpoints } = slice;
    const got = { generateName, namespace, labels, ownerReferences: owners, addressType, endpoints };
    return check(row.id, row.expect, got);
  });
}

function labelSection(data: any): CaseResult[] {
  return cases(data).map((row) => {
    const { labels, changed } = sliceLabels(row.existingSliceLabels, row.service);
    const expected = { labels: row.expectLabels, changed: row.expectSliceUpdateNeeded };
    return check(row.id, expected, { labels, changed });
  });
}

function addressTypeSection(data: any): CaseResult[] {
  return cases(data).map((row) => {
    const spec = { clusterIP: row.clusterIP ?? undefined, ipFamilies: row.ipFamilies ?? undefined };
    return check(row.id, [...row.expect].sort(), [...addressTypesOf(aService(spec))].sort());
  });
}

function membershipSection(data: any): CaseResult[] {
  return cases(data).map((row) => {
    const podIPs = (row.podIPs as string[]).map((ip) => ({ ip }));
    const pod = aPod(
      { containers: [], restartPolicy: row.restartPolicy },
      {
        metadata: { name: 'p', ...(row.terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
        status: { phase: row.phase, podIP: podIPs[0]?.ip, podIPs },
      },
    );
    return check(row.id, row.expect, podBelongs(pod, row.includeTerminating));
  });
}

function hostnameSection(data: any): CaseResult[] {
  return cases(data).map((row) => {
    const { namespace, hostname, subdomain } = row.pod;
    const pod = aPod({ containers: [], hostname, subdomain }, { metadata: { name: 'p', namespace } });
    return check(row.id, row.expect, hasServiceHostname(pod, aService({}, row.service)));
  });
}

/** Letters stand for Services; a pod that is selected by "abc" carries those three as labels. */
function labelChange(row: any, podChanged: boolean): string {
  const labels = (text: string): object => Object.fromEntries([...text].map((letter) => [letter, 'x']));
  const letters = [...new Set(`${row.old}${row.new}`)].sort();
  const services = letters.map((letter) => aService({ selector: { [letter]: 'x' } }, { name: letter }));
  const make = (text: string, ready: boolean): Pod =>
    aPod(
      { containers: [] },
      {
        metadata: { name: 'p', namespace: 'ns', labels: labels(text) },
        status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
      },
    );
  const hit = changedServices(services, make(row.new, podChanged), make(row.old, false));
  return hit
    .map((service) => service.metadata.name)
    .sort()
    .join('');
}

function selectorSection(data: any): CaseResult[] {
  const services = (data.services as any[]).map(({ name, namespace, selector }) =>
    aService({ selector }, { name, namespace }),
  );
  const rows = cases(data).map((row, i) => {
    const pod = aPod(
      { containers: [] },
      { metadata: { name: 'p', namespace: 'test', labels: row.podLabels } },
    );
    const hit = changedServices(services, pod, undefined).map(
      (s) => `${s.metadata.namespace}/${s.metadata.name}`,
    );
    return check(`selector-matching/${i}`, row.expectServices, hit);
  });
  const changes = ((data.labelChangeCases ?? []) as any[]).map((row) =>
    check(
      `label-change/${row.old}-${row.new}`,
      [row.podUnchanged, row.podChanged],
      [labelChange(row, false), labelChange(row, true)],
    ),
  );
  return [...rows, ...changes];
}

const BASE_POD = aPod(
  { containers: [], nodeName: 'node-1' },
  {
    metadata: { name: 'p', namespace: 'ns', resourceVersion: '1', labels: { a: '1', b: '2' } },
    status: {
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::9' }],
      conditions: [{ type: 'Ready', status: 'False' }],
    },
  },
);

/** The pod before and after the change that a case names. */
function changedPods(change: string): [Pod, Pod] | null {
  const base = BASE_POD;
  const withIps = (...ips: string[]): Pod => ({
    ...base,
    status: { ...base.status, podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) },
  });
  const withMeta = (metadata: object): Pod => ({ ...base, metadata: { ...base.metadata, ...metadata } });
  const table: Readonly<Record<string, [Pod, Pod]>> = {
    none: [base, base],
    'spec.nodeName': [base, { ...base, spec: { ...base.spec, nodeName: 'node-2' } }],
    resourceVersion: [base, withMeta({ resourceVersion: '2' })],
    'add primary IPv4': [withIps(), withIps('1.2.3.4')],
    'change primary IPv4': [withIps('1.2.3.4'), withIps('1.2.3.5')],
    'add primary IPv6': [withIps(), withIps('fd00::1')],
    'change primary IPv6': [withIps('fd00::1'), withIps('fd00::2')],
    'add secondary IP': [withIps('1.2.3.4'), withIps('1.2.3.4', 'fd00::1')],
    'change secondary IP': [withIps('1.2.3.4', 'fd00::1'), withIps('1.2.3.4', 'fd00::2')],
    'remove secondary IP': [withIps('1.2.3.4', 'fd00::1'), withIps('1.2.3.4')],
    readiness: [
      base,
      { ...base, status: { ...base.status, conditions: [{ type: 'Ready', status: 'True' }] } },
    ],
    deletionTimestamp: [base, withMeta({ deletionTimestamp: '2026-01-01T00:00:00Z' })],
    'add label': [base, withMeta({ labels: { ...base.metadata.labels, c: '3' } })],
    'change label': [base, withMeta({ labels: { ...base.metadata.labels, a: '9' } })],
    'remove label': [base, withMeta({ labels: { a: '1' } })],
  };
  return table[change] ?? null;
}

function podChangeSection(data: any): CaseResult[] {
  return cases(data).map((row): CaseResult => {
    const id = `pod-change/${row.change}`;
    const pods = changedPods(row.change);
    if (pods === null) return { id, status: 'not-run' };
    const { pod, labels } = podChanges(...pods);
    return check(id, { pod: row.podChanged, labels: row.labelsChanged }, { pod, labels });
  });
}

function placeholderCompareSection(data: any): CaseResult[] {
  const base = newSlice(aService({}, { uid: 'u' }), 'IPv4', []);
  const withMeta = (metadata: object): EndpointSlice => ({
    ...base,
    metadata: { ...base.metadata, ...metadata },
  });
  const pairs: Readonly<Record<string, [EndpointSlice | null, EndpointSlice | null]>> = {
    'both null': [null, null],
    'one null': [base, null],
    'both empty': [base, { ...base, endpoints: [] as Endpoint[] }],
    name: [base, withMeta({ name: 'other' })],
    labels: [base, withMeta({ labels: { other: 'x' } })],
    'creation time': [base, withMeta({ creationTimestamp: '2026-01-01T00:00:00Z' })],
    'address type': [base, { ...base, addressType: 'IPv6' }],
    namespace: [base, withMeta({ namespace: 'elsewhere' })],
  };
  return cases(data).map((row): CaseResult => {
    const id = `placeholder-compare/${row.difference}`;
    const pair = pairs[row.difference];
    return pair === undefined ? { id, status: 'not-run' } : check(id, row.equal, isSamePlaceholder(...pair));
  });
}

function serviceKeySection(data: any): CaseResult[] {
  return cases(data).map((row, i) => {
    const slice =
      row.slice === null ? null : { metadata: { name: 'x', namespace: row.namespace, labels: row.labels } };
    let got: string | null = null;
    try {
      got = serviceKeyOf(slice);
    } catch {
      got = null;
    }
    return check(`service-key/${i}`, row.error === true ? null : row.key, got);
  });
}

const SECTIONS: Readonly<Record<string, Section>> = {
  podToEndpoint: podToEndpointSection,
  servicePortsToEndpointPorts: portSections,
  findPort: findPortSection,
  newSlice: newSliceSection,
  labelUpdates: labelSection,
  addressTypes: addressTypeSection,
  placeholderCompare: placeholderCompareSection,
  podMembership: membershipSection,
  hostname: hostnameSection,
  selectorMatching: selectorSection,
  podChangeDetection: podChangeSection,
  serviceKey: serviceKeySection,
  ...worldSections,
  ...hintSections,
};

/** Sections that state facts rather than cases. */
const FACTS = new Set(['about', 'constants', 'packingRules']);

/** A row that cannot be read fails alone: the others are then run one by one. */
function runSection(name: string, section: any, run: Section): CaseResult[] {
  try {
    return run(section);
  } catch {
    return cases(section).flatMap((row, i) => {
      const id = String(row?.id ?? `${name}/${i}`);
      const alone = Array.isArray(section) ? [row] : { ...section, cases: [row] };
      try {
        return run(alone).map((result) => ({ ...result, id }));
      } catch (error) {
        return [{ id, status: 'failed' as const, expected: 'no exception', got: String(error) }];
      }
    });
  }
}

const endpointSliceFormat: Format = (data) =>
  Object.entries(data as Record<string, unknown>).flatMap(([name, section]): CaseResult[] => {
    if (FACTS.has(name)) return [];
    const run = SECTIONS[name];
    if (run !== undefined) return runSection(name, section, run);
    return cases(section).map((row, i) => ({ id: String(row.id ?? `${name}/${i}`), status: 'not-run' }));
  });

export const formats: Readonly<Record<string, Format>> = { 'endpointslice.json': endpointSliceFormat };
