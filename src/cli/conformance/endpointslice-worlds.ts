/** The sections of endpointslice.json that need a whole reconcile: objects into a store, the controller once, writes counted. */
import { Clock } from '../../sim/clock/clock';
import {
  SERVICE_NAME_LABEL,
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
} from '../../sim/api/kinds/endpointslice';
import type { Pod } from '../../sim/api/kinds/pod';
import type { Service } from '../../sim/api/kinds/service';
import type { ApiObject } from '../../sim/api/object';
import { Store } from '../../sim/api/store';
import { EndpointSliceController } from '../../sim/controllers/endpointslice/controller';
import { podToEndpoint } from '../../sim/controllers/endpointslice/endpoint';
import { finalize, planSlices } from '../../sim/controllers/endpointslice/plan';
import { newSlice } from '../../sim/controllers/endpointslice/slice';
import { attempt, check } from './case-check';
import type { CaseResult } from './result';

/* eslint-disable @typescript-eslint/no-explicit-any -- case files are data of many shapes */
interface World {
  readonly store: Store;
  readonly controller: EndpointSliceController;
  readonly service: Service;
  /** Writes to slices since the last call. */
  writes(): { create: number; update: number; delete: number };
  reconcile(): void;
  slices(): readonly EndpointSlice[];
}

function world(service: Service, others: readonly ApiObject[], maxEndpoints = 100): World {
  const store = new Store({ clock: new Clock(1) });
  const controller = new EndpointSliceController({ clock: store.clock, store }, maxEndpoints);
  store.subscribe((event) => void controller.keysFor(event), controller.watches);
  const made = store.create(service);
  for (const object of others) store.create(object);
  let log = { create: 0, update: 0, delete: 0 };
  const names = { ADDED: 'create', MODIFIED: 'update', DELETED: 'delete' } as const;
  store.subscribe((event) => void log[names[event.type]]++, ['EndpointSlice']);
  const { namespace = '', name } = service.metadata;
  return {
    ...{ store, controller, service: made },
    writes: () => {
      const had = log;
      log = { create: 0, update: 0, delete: 0 };
      return had;
    },
    reconcile: () => controller.reconcile(`${namespace}/${name}`),
    slices: () => store.list('EndpointSlice', namespace),
  };
}

/** A slice of the world's Service as an earlier reconcile would have left it. */
function put(
  w: World,
  type: string,
  ports: readonly EndpointPort[],
  endpoints: readonly Endpoint[],
  labels?: object,
  foreign = false,
): void {
  const slice = newSlice(w.service, 'IPv4', ports);
  const metadata = {
    ...slice.metadata,
    ...(labels === undefined ? {} : { labels: labels as Record<string, string> }),
    ...(foreign ? { ownerReferences: [{ ...slice.metadata.ownerReferences![0]!, uid: 'another' }] } : {}),
  };
  w.store.create({ ...slice, metadata, addressType: type as 'IPv4', endpoints });
}

/** Only the fields that a case states. */
function likeExpected(expected: any, slice: EndpointSlice): unknown {
  const strip = (row: Endpoint): unknown => {
    const { uid: _uid, ...targetRef } = row.targetRef ?? {};
    return { ...row, targetRef };
  };
  const all: Record<string, unknown> = {
    ...slice,
    labels: slice.metadata.labels,
    endpoints: slice.endpoints.map(strip),
    ports: slice.ports ?? [],
  };
  return Object.fromEntries(Object.keys(expected).map((key) => [key, all[key]]));
}

const byType = (a: any, b: any): number => (String(a.addressType) < String(b.addressType) ? -1 : 1);

/** Slices that do not name their Service cannot be found by the controller; they are handed to its plan directly. */
function planOnly(row: any): CaseResult {
  const service: Service = row.service;
  const slices = (row.existingSlices as any[]).map((given, i): EndpointSlice => {
    const slice = newSlice(service, 'IPv4', given.ports ?? []);
    const metadata = { ...slice.metadata, name: `existing-${i}`, labels: given.labels };
    return { ...slice, metadata, endpoints: given.endpoints ?? [] };
  });
  const plan = planSlices({ ...{ service, pods: row.pods, slices, maxEndpoints: 100 }, nodeOf: () => null });
  const touched = new Set([...plan.update, ...plan.delete].map((slice) => slice.metadata.name));
  const after = [
    ...slices.filter((slice) => !touched.has(slice.metadata.name)),
    ...plan.create,
    ...plan.update,
  ];
  const got = after.map((slice, i) => likeExpected(row.expectSlices[i] ?? {}, slice));
  const writes = { create: plan.create.length, update: plan.update.length, delete: plan.delete.length };
  return check(
    row.id,
    { slices: row.expectSlices, writes: row.expectWrites ?? writes },
    { slices: got, writes },
  );
}

function onePod(data: any): CaseResult[] {
  return (data as any[]).map((row) =>
    attempt(row.id, () => {
      // Labels that a case does not state are those that the controller gave.
      const isLost = (slice: any): boolean =>
        slice.labels !== undefined && slice.labels[SERVICE_NAME_LABEL] === undefined;
      if (row.existingSlices.some(isLost)) return planOnly(row);
      const w = world(row.service, [...(row.nodes ?? []), ...row.pods]);
      for (const slice of row.existingSlices)
        put(w, slice.addressType ?? 'IPv4', slice.ports, slice.endpoints, slice.labels);
      w.writes();
      w.reconcile();
      const writes = w.writes();
      const expectedSlices = [...row.expectSlices].sort(byType);
      const got = [...w.slices()]
        .sort(byType)
        .map((slice, i) => likeExpected(expectedSlices[i] ?? {}, slice));
      if ((row.notes ?? []).some((note: string) => note.includes('second reconcile'))) {
        w.reconcile();
        const again = w.writes();
        return check(
          row.id,
          [expectedSlices, row.expectWrites ?? writes, 0],
          [got, writes, again.create + again.update + again.delete],
        );
      }
      return check(
        row.id,
        { slices: expectedSlices, writes: row.expectWrites ?? writes },
        { slices: got, writes },
      );
    }),
  );
}

function podsOf(count: number, ready: (i: number) => boolean, namedPort?: (i: number) => number): Pod[] {
  return Array.from({ length: count }, (_, i) => {
    const ip = `10.${Math.floor(i / 250)}.0.${(i % 250) + 1}`;
    const ports =
      namedPort === undefined
        ? []
        : [{ name: 'http', containerPort: namedPort(i), protocol: 'TCP' as const }];
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${String(i).padStart(4, '0')}`, namespace: 'test', labels: { foo: 'bar' } },
      spec: { containers: [{ name: 'c', ports }], nodeName: 'node-1' },
      status: {
        phase: 'Running',
        podIP: ip,
        podIPs: [{ ip }],
        conditions: [{ type: 'Ready', status: ready(i) ? 'True' : 'False' }],
      },
    };
  });
}

const NODE: ApiObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } };

/** What a packing case describes in words, read from its id and description. */
function traits(row: any): Record<string, boolean> {
  const text = `${row.id} ${row.description ?? ''}`;
  return {
    publish: /publish-?not-?ready/i.test(text),
    thirdUnready: /third of the pods/.test(text),
    oldPort: /port-change|port changes|port of all endpoints/.test(text),
    labelChange: /service-label-change/.test(text),
    reserved: /reserved/.test(text),
    touched: /already being updated/.test(text),
    oldType: /deprecated|address type IP\b/.test(text),
    named: /named/.test(text),
    foreign: isForeign(`${text} ${row.upstreamTest ?? ''}`),
  };
}

/** The existing slices belong to an earlier Service of this name: said, or the subject of the test and not denied. */
function isForeign(text: string): boolean {
  if (
    /unowned|not[- ]owned|foreign|(?:an)?other[- ](?:owner|uid|service)|different[- ](?:owner|uid)/i.test(
      text,
    )
  )
    return true;
  return /recreat/i.test(text) && !/owned by (?:the|its|this) service|\/owned-/i.test(text);
}

function packingService(is: Record<string, boolean>): Service {
  const labels: Record<string, string> | undefined = is.labelChange
    ? { fresh: 'label' }
    : is.reserved
      ? { 'kubernetes.io/service-name': 'bad', 'endpointslice.kubernetes.io/managed-by': 'actor' }
      : undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'foo', namespace: 'test', ...(labels === undefined ? {} : { labels }) },
    spec: {
      ports: [{ name: is.named ? '' : 'foo', port: 80, protocol: 'TCP', targetPort: is.named ? 'http' : 80 }],
      selector: { foo: 'bar' },
      ipFamilies: ['IPv4'],
      clusterIP: '10.96.0.9',
      ...(is.publish ? { publishNotReadyAddresses: true } : {}),
    },
  };
}

function packingWorld(row: any): World {
  const is = traits(row);
  const lengths = row.existingSliceLengths as number[];
  const known = lengths.reduce((sum, length) => sum + length, 0);
  const unready = is.publish || is.thirdUnready;
  const all = podsOf(
    Math.max(row.desiredEndpoints, known),
    (i) => !unready || i % 3 !== 0,
    is.named ? (i) => 8080 + (i % 5) : undefined,
  );
  const w = world(
    packingService(is),
    [NODE, ...all.slice(0, row.desiredEndpoints)],
    row.maxEndpointsPerSlice,
  );
  const ports: EndpointPort[] = [
    { name: is.named ? '' : 'foo', port: is.oldPort ? 8080 : 80, protocol: 'TCP' },
  ];
  let at = 0;
  for (const length of lengths) {
    const endpoints = all.slice(at, at + length).map((pod, i) => {
      const stored = w.store.get('Pod', 'test', pod.metadata.name) ?? pod;
      const endpoint = podToEndpoint(stored, null, w.service, 'IPv4');
      return is.touched && i === 0
        ? { ...endpoint, conditions: { ready: false, serving: false, terminating: false } }
        : endpoint;
    });
    at += length;
    const labels: Record<string, string> | undefined = is.labelChange
      ? {
          'kubernetes.io/service-name': 'foo',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        }
      : undefined;
    put(w, is.oldType ? 'IP' : 'IPv4', ports, endpoints, labels, is.foreign);
  }
  return w;
}

function packing(data: any): CaseResult[] {
  return (data as any[]).map((row) =>
    attempt(row.id, () => {
      const w = packingWorld(row);
      w.writes();
      w.reconcile();
      const writes = w.writes();
      const lengths = w
        .slices()
        .map((slice) => slice.endpoints.length)
        .sort((a, b) => b - a);
      const ports = row.expectSlicePorts === undefined ? null : w.slices().map((slice) => slice.ports);
      const sorted = ports?.sort((a, b) => (a?.[0]?.port ?? 0) - (b?.[0]?.port ?? 0)) ?? null;
      const wanted = [...row.expectSliceLengths].sort((a, b) => b - a);
      const expected = {
        lengths: wanted,
        writes: row.expectWrites ?? writes,
        ports: row.expectSlicePorts ?? null,
      };
      return check(row.id, expected, { lengths, writes, ports: sorted });
    }),
  );
}

function finalizeSection(data: any): CaseResult[] {
  return (data.cases as any[]).map((row, i) => {
    const deletion = row.serviceDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {};
    const service = {
      ...{ apiVersion: 'v1', kind: 'Service', spec: {} },
      metadata: { name: 'foo', namespace: 'test', uid: 'u', ...deletion },
    } as Service;
    const named = (name: string): EndpointSlice => {
      const slice = newSlice(service, 'IPv4', []);
      return { ...slice, metadata: { ...slice.metadata, name } };
    };
    const when = (what: string, name: string): EndpointSlice[] =>
      row.attempt.includes(what) ? [named(name)] : [];
    const plan = finalize(
      {
        create: when('create', 'created'),
        update: when('update', 'updated'),
        delete: when('delete', 'toDelete'),
        unchanged: [],
      },
      service,
    );
    const names = new Set(['updated', 'toDelete']);
    for (const slice of plan.delete) names.delete(slice.metadata.name);
    for (const slice of plan.create) names.add(slice.metadata.name);
    const got = Object.fromEntries(['created', 'updated', 'toDelete'].map((name) => [name, names.has(name)]));
    return check(`finalize/${i}`, row.existsAfter, got);
  });
}

function missingNode(data: any): CaseResult[] {
  return (data.cases as any[]).map((row) => {
    const id = `missing-node/${row.id}`;
    return attempt(id, () => {
      const is = { publish: row.publishNotReadyAddresses };
      const pods = podsOf(2, () => true).map((pod, i) => ({
        ...pod,
        spec: { ...pod.spec, nodeName: `node-${i}` },
      }));
      const nodes = (row.existingNodes as string[]).map((name) => ({ ...NODE, metadata: { name } }));
      const w = world(packingService(is), [...nodes, ...pods]);
      const endpoints = pods.map((pod) =>
        podToEndpoint(w.store.get('Pod', 'test', pod.metadata.name)!, null, w.service, 'IPv4'),
      );
      if (row.existingSliceHasBoth) put(w, 'IPv4', [{ name: 'foo', port: 80, protocol: 'TCP' }], endpoints);
      w.writes();
      const pending = w.store.clock.pending;
      w.reconcile();
      const got = {
        endpoints: w.slices().reduce((sum, slice) => sum + slice.endpoints.length, 0),
        writes: w.writes(),
        error: w.store.clock.pending > pending,
      };
      return check(
        id,
        { endpoints: row.expectEndpoints, writes: row.expectWrites, error: row.expectError },
        got,
      );
    });
  });
}

export const worldSections: Readonly<Record<string, (data: any) => CaseResult[]>> = {
  reconcileOnePod: onePod,
  placeholder: onePod,
  packing,
  finalize: finalizeSection,
  missingNode,
};
