/** The allocator section of timings.json: Services are created in the real API server, and where their addresses lie is looked at. */
import { addressBytes } from '../../lib/ip';
import { Clock } from '../../sim/clock/clock';
import type { ApiObject } from '../../sim/api/object';
import type { Service } from '../../sim/api/kinds/service';
import { ApiServer } from '../../sim/api/server';
import { Store } from '../../sim/api/store';
import { attempt, check } from './case-check';
import type { CaseResult } from './result';

interface Band {
  readonly cidr: string;
  readonly usable: number;
  readonly static: readonly string[];
  readonly dynamic: readonly [string, string];
}

/** Services made in a big block; a small one is filled to the last address. */
const SAMPLE = 40;

function server(cidr: string, nodePorts: readonly [number, number]): ApiServer {
  const api = new ApiServer(new Store({ clock: new Clock(5) }), { serviceCidrs: [cidr], nodePorts });
  api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return api;
}

function create(api: ApiServer, i: number, type: string): Service {
  const spec = { type, ports: [{ port: 80 }] };
  return api.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `s${i}`, namespace: 'default' },
    spec,
  } as ApiObject) as Service;
}

function toNumber(ip: string): number {
  return (addressBytes(ip) ?? []).reduce((sum, byte) => sum * 256 + byte, 0);
}

function bandCase(band: Band): CaseResult {
  const id = `allocators/service-ip/${band.cidr}`;
  return attempt(id, () => {
    const api = server(band.cidr, [30000, 32767]);
    const [first, last] = band.dynamic.map(toNumber) as [number, number];
    const dynamicSize = last - first + 1;
    const small = band.usable <= 2 * SAMPLE;
    const got: number[] = [];
    for (let i = 0; i < (small ? band.usable : SAMPLE); i++)
      got.push(toNumber(create(api, i, 'ClusterIP').spec.clusterIP ?? ''));
    const inBand = (ip: number): boolean => ip >= first && ip <= last;
    const fromDynamic = got.slice(0, dynamicSize).every(inBand);
    const restIsStatic = got.slice(dynamicSize).every((ip) => !inBand(ip));
    const full = small ? refusesMore(api, band.usable) : true;
    const expected = { fromDynamic: true, restIsStatic: true, distinct: got.length, full: true };
    return check(id, expected, { fromDynamic, restIsStatic, distinct: new Set(got).size, full });
  });
}

function refusesMore(api: ApiServer, i: number): boolean {
  try {
    create(api, i, 'ClusterIP');
    return false;
  } catch {
    return true;
  }
}

interface NodePorts {
  readonly range: readonly [number, number];
  readonly dynamic: readonly [number, number];
}

function nodePortCase(data: NodePorts): CaseResult {
  const id = 'allocators/node-port';
  return attempt(id, () => {
    const api = server('10.96.0.0/16', data.range);
    const ports = Array.from(
      { length: SAMPLE },
      (_, i) => create(api, i, 'NodePort').spec.ports?.[0]?.nodePort ?? 0,
    );
    const [first, last] = data.dynamic;
    const inBand = ports.every((port) => port >= first && port <= last);
    return check(id, { inBand: true, distinct: SAMPLE }, { inBand, distinct: new Set(ports).size });
  });
}

/** One case a block, and one for node ports. */
export function allocatorCases(
  data: { service_cluster_ip?: { bands?: Band[] }; node_port?: NodePorts } | undefined,
): CaseResult[] {
  const bands = (data?.service_cluster_ip?.bands ?? []).map(bandCase);
  return data?.node_port === undefined ? bands : [...bands, nodePortCase(data.node_port)];
}
