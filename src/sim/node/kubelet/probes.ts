/** Rules of probing: which probes run, what an outcome changes, what is asked. Upstream: pkg/kubelet/prober/worker.go. */
import { SECOND } from '../../clock/clock';
import type { Container, HandlerAction, Probe } from '../../api/kinds/container';
import type { Plain } from '../../../lib/plain';
import type { Ask } from './node-client';
import type { ContainerRecord, ProbeKind, ProbeRecord } from './records';

export const PROBE_KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  if (kind === 'startup') return container.startupProbe;
  return kind === 'liveness' ? container.livenessProbe : container.readinessProbe;
}

/** Before the first outcome a pod is not ready, but alive. */
export function freshProbes(container: Container): ContainerRecord['probes'] {
  const start = { last: null, inARow: 0, resting: false };
  const rows = PROBE_KINDS.filter((kind) => probeOf(container, kind) !== undefined).map((kind) => {
    const result = kind === 'startup' ? 'unknown' : kind === 'liveness' ? 'success' : 'failure';
    return [kind, { ...start, result }] as const;
  });
  return Object.fromEntries(rows);
}

/** Startup is over when its probe has succeeded once, or there is none. */
export function hasStarted(row: ContainerRecord): boolean {
  return row.handle !== null && (row.probes.startup === undefined || row.probes.startup.result === 'success');
}

/** Ready as far as the container's own probe tells. */
export function isProbedReady(row: ContainerRecord): boolean {
  return hasStarted(row) && (row.probes.readiness === undefined || row.probes.readiness.result === 'success');
}

/** Whether a probe has work to do now. */
export function isDue(row: ContainerRecord, kind: ProbeKind, podStopping: boolean): boolean {
  const record = row.probes[kind];
  if (row.handle === null || record === undefined || record.resting) return false;
  if (kind === 'startup') return record.result !== 'success' && !podStopping;
  if (kind === 'liveness' && podStopping) return false;
  return hasStarted(row);
}

/** The record after one outcome; `flipped` when the result that counts changed. */
export function afterOutcome(
  record: ProbeRecord,
  probe: Probe,
  kind: ProbeKind,
  ok: boolean,
): { record: ProbeRecord; flipped: boolean } {
  const outcome = ok ? 'success' : 'failure';
  const inARow = record.last === outcome ? record.inARow + 1 : 1;
  const needed = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  const counted = { ...record, last: outcome, inARow } as const;
  if (inARow < needed) return { record: counted, flipped: false };
  const deadly = !ok && kind !== 'readiness';
  const next: ProbeRecord = { ...counted, result: outcome, resting: deadly, inARow: deadly ? 0 : inARow };
  return { record: next, flipped: record.result !== outcome };
}

function portNumber(container: Container, port: number | string): number | null {
  if (typeof port === 'number') return port;
  const named = container.ports?.find((row) => row.name === port);
  return named?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : null);
}

/** The connection that an httpGet, tcpSocket or grpc action opens; null for exec and sleep, or a port name nobody has. */
export function askFor(
  action: HandlerAction,
  container: Container,
  ip: string,
  timeoutSeconds: number,
  what: string,
  tag: Plain,
): Ask | null {
  const { httpGet, tcpSocket, grpc } = action;
  const port = portNumber(container, httpGet?.port ?? tcpSocket?.port ?? grpc?.port ?? '');
  if (port === null) return null;
  const headers = Object.fromEntries((httpGet?.httpHeaders ?? []).map((row) => [row.name, row.value]));
  const path = httpGet?.path ?? '/';
  const kind = httpGet !== undefined ? 'http' : tcpSocket !== undefined ? 'tcp' : 'grpc';
  const scheme = httpGet?.scheme ?? 'HTTP';
  const target =
    kind === 'http' ? `http-get ${scheme.toLowerCase()}://:${port}${path}` : `${kind}-socket :${port}`;
  return {
    kind,
    ip: httpGet?.host || tcpSocket?.host || ip,
    port,
    path: path.startsWith('/') ? path : `/${path}`,
    scheme,
    headers,
    timeoutNs: timeoutSeconds * SECOND,
    what: `${what} ${target}`,
    tag,
  };
}
