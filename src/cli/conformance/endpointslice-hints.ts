/** The sections of endpointslice.json about hints: trafficDistribution and topology-aware routing. */
import type { Node } from '../../sim/api/kinds/cluster';
import type { Endpoint, EndpointSlice } from '../../sim/api/kinds/endpointslice';
import type { Pod } from '../../sim/api/kinds/pod';
import type { Service } from '../../sim/api/kinds/service';
import { podToEndpoint } from '../../sim/controllers/endpointslice/endpoint';
import { applyTrafficDistribution } from '../../sim/controllers/endpointslice/hints';
import type { SliceChanges } from '../../sim/controllers/endpointslice/packing';
import { planSlices, type Plan } from '../../sim/controllers/endpointslice/plan';
import { newSlice } from '../../sim/controllers/endpointslice/slice';
import {
  addTopologyHints,
  hintsEnabled,
  rebalance,
  zoneRatios,
} from '../../sim/controllers/endpointslice/topology';
import { check } from './case-check';
import type { CaseResult } from './result';

/* eslint-disable @typescript-eslint/no-explicit-any -- case files are data of many shapes */
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'ns', uid: 'u' },
  spec: {
    selector: { a: 'b' },
    clusterIP: '10.0.0.1',
    ipFamilies: ['IPv4'],
    ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
  },
} as Service;

const slices = (list: Endpoint[][] = []): EndpointSlice[] =>
  list.map((endpoints, i) => {
    const slice = newSlice(SERVICE, 'IPv4', []);
    return { ...slice, metadata: { ...slice.metadata, name: `s-${i}` }, endpoints };
  });

function planned(row: any): SliceChanges {
  return {
    create: slices(row.slicesToCreate),
    update: slices(row.slicesToUpdate),
    delete: [],
    unchanged: slices(row.slicesUnchanged),
  };
}

function trafficDistribution(data: any): CaseResult[] {
  return (data as any[]).map((row) => {
    const gate: boolean = row.preferSameGate ?? true;
    const got = applyTrafficDistribution(planned(row), row.trafficDistribution ?? undefined, gate);
    const bare = (list: readonly EndpointSlice[]): unknown => list.map((slice) => slice.endpoints);
    const result = {
      slicesToCreate: bare(got.create),
      slicesToUpdate: bare(got.update),
      slicesUnchanged: bare(got.unchanged),
    };
    return check(row.id, row.expect, result);
  });
}

function aNode(name: string, zone: string, cpu: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
    status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu } },
  };
}

function aPod(name: string, ip: string, nodeName: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', labels: { a: 'b' } },
    spec: { containers: [{ name: 'c' }], nodeName },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

function counts(names: readonly string[]): Record<string, number> {
  const out: Record<string, number> = {};
  for (const name of names) out[name] = (out[name] ?? 0) + 1;
  return out;
}

function written(plan: Plan): Endpoint[] {
  return [...plan.create, ...plan.update].flatMap((slice) => slice.endpoints);
}

const zoneHints = (endpoints: readonly Endpoint[]): string[] =>
  endpoints.flatMap((row) => row.hints?.forZones ?? []).map((row) => row.name);

const crossZone = (endpoints: readonly Endpoint[]): number =>
  endpoints.filter((row) => row.hints?.forZones !== undefined && row.hints.forZones[0]?.name !== row.zone)
    .length;

function trafficReconcile(data: any): CaseResult[] {
  const places = [
    ['node-0', 'zone-a', 1],
    ['node-1', 'zone-b', 3],
    ['node-2', 'zone-c', 2],
  ] as const;
  const nodes = places.map(([name, zone]) => aNode(name, zone, '1'));
  const pods = places
    .flatMap(([name, , count]) => Array.from({ length: count }, () => name))
    .map((name, i) => aPod(`pod-${i}`, `10.0.0.${i + 1}`, name));
  return (data.cases as any[]).map((row, i) => {
    const annotations = { 'service.kubernetes.io/topology-mode': row.topologyAnnotation };
    const spec = { ...SERVICE.spec, trafficDistribution: row.trafficDistribution ?? undefined };
    const service = { ...SERVICE, metadata: { ...SERVICE.metadata, annotations }, spec };
    const endpoints = written(
      planSlices({
        ...{ service, pods, slices: [], maxEndpoints: 100, ratios: zoneRatios(nodes) },
        nodeOf: (name) => nodes.find((node) => node.metadata.name === name) ?? null,
        preferSame: row.preferSameGate,
      }),
    );
    const nodeHints = endpoints.flatMap((entry) => entry.hints?.forNodes ?? []).map((entry) => entry.name);
    const got = {
      zones: counts(zoneHints(endpoints)),
      nodes: nodeHints.length === 0 ? null : counts(nodeHints),
      cross: crossZone(endpoints),
    };
    const expected = { zones: row.hintsPerZone, nodes: row.hintsPerNode, cross: row.crossZoneHints };
    return check(`traffic-distribution-reconcile/${i}`, expected, got);
  });
}

function annotation(data: any): CaseResult[] {
  return (data.cases as any[]).map((row, i) =>
    check(`topology-annotation/${i}`, row.enabled, hintsEnabled(row.annotations)),
  );
}

function topologyHints(data: any): CaseResult[] {
  return (data.cases as any[]).map((row) => {
    const { changes, refusal } = addTopologyHints(planned(row), row.zoneRatios);
    const zones = (list: readonly EndpointSlice[]): unknown =>
      list.map((slice) => slice.endpoints.map((entry) => entry.hints?.forZones?.[0]?.name ?? null));
    const all = [...changes.create, ...changes.update].flatMap((slice) => slice.endpoints);
    const hints = refusal
      ? null
      : {
          slicesToCreate: zones(changes.create),
          slicesToUpdate: zones(changes.update),
          perZone: counts(zoneHints(all)),
        };
    const event = refusal === null ? 'TopologyAwareHintsEnabled' : 'TopologyAwareHintsDisabled';
    // Of a message only the start is stated, and of one that tells of success nothing.
    const message = refusal?.slice(0, row.message?.length) ?? null;
    const expected = { hints: row.expectHints, event: row.event, message: row.message ?? null };
    return check(row.id, expected, { hints, event, message });
  });
}

function zoneCapacity(data: any): CaseResult[] {
  return (data.cases as any[]).map((row) => {
    const ratios = zoneRatios(row.nodes);
    return check(
      row.id,
      { sufficient: row.sufficient, ratios: row.ratios },
      { sufficient: ratios !== null, ratios },
    );
  });
}

function zoneRebalance(data: any): CaseResult[] {
  return (data.cases as any[]).map((row) => {
    const { giving, receiving } = rebalance(row.desired, row.held);
    return check(row.id, { giving: row.expectGiving, receiving: row.expectReceiving }, { giving, receiving });
  });
}

/** "zone-a-b" holds two endpoints of zone-a and three of zone-b, and so on, as the section's set-up says. */
const EXISTING: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'zone-a-b': { 'zone-a': 2, 'zone-b': 3 },
  'zone-a-c': { 'zone-a': 2, 'zone-c': 2 },
  'zone-c': { 'zone-c': 3 },
};

function topologyReconcile(data: any): CaseResult[] {
  const zones = ['zone-a', 'zone-b', 'zone-c'];
  const nodes = zones.flatMap((zone) =>
    Array.from({ length: 10 }, (_, i) => aNode(`${zone}-${i}`, zone, '100m')),
  );
  const nodeOf = (name: string): Node | null => nodes.find((node) => node.metadata.name === name) ?? null;
  return (data.cases as any[]).map((row, i) => {
    const pods: Pod[] = [];
    const existing = (row.slices as string[]).map((name): EndpointSlice => {
      const own = Object.entries(EXISTING[name] ?? {}).flatMap(([zone, count]) =>
        Array.from({ length: count }, (_, n) =>
          aPod(`${name}-${zone}-${n}`, `10.0.${pods.length}.${zone.charCodeAt(5) * 2 + n}`, `${zone}-${n}`),
        ),
      );
      pods.push(...own);
      const slice = newSlice(SERVICE, 'IPv4', [{ name: '', port: 80, protocol: 'TCP' }]);
      const endpoints = own.map((pod) =>
        podToEndpoint(pod, nodeOf(pod.spec.nodeName ?? ''), SERVICE, 'IPv4'),
      );
      return { ...slice, metadata: { ...slice.metadata, name }, endpoints };
    });
    const annotations = { 'service.kubernetes.io/topology-mode': row.annotation };
    const service = { ...SERVICE, metadata: { ...SERVICE.metadata, annotations } };
    const ratios = row.topologyCache ? { ratios: zoneRatios(nodes) } : {};
    const plan = planSlices({ ...{ service, pods, slices: existing, maxEndpoints: 100, nodeOf }, ...ratios });
    const endpoints = written(plan);
    const perZone = counts(zoneHints(endpoints));
    const got = {
      perZone: Object.keys(perZone).length === 0 ? null : perZone,
      cross: crossZone(endpoints),
      updated: plan.update.length,
    };
    const expected = {
      perZone: row.expectHintsPerZone,
      cross: row.expectCrossZone,
      updated: row.slicesUpdated,
    };
    return check(`topology-reconcile/${i}`, expected, got);
  });
}

export const hintSections: Readonly<Record<string, (data: any) => CaseResult[]>> = {
  trafficDistribution,
  trafficDistributionReconcile: trafficReconcile,
  topologyAnnotation: annotation,
  topologyHints,
  zoneCapacity,
  zoneRebalance,
  topologyReconcile,
};
