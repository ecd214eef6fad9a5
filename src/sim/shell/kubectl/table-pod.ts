/** The Pod table: READY, STATUS and RESTARTS by the walk over container statuses that the API server's printer does. */
import type { ApiObject } from '../../api/object';
import { age, parseTime } from './time';
import { AGE, NAME, column, wide } from './table';
import { conditionStatus } from './table-texts';
import type { Columns } from './table';
import { at, list, num, str } from './read';
import type { Fields } from './read';

/** The three computed cells of a pod. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  /** STATUS column. */
  readonly status: string;
  readonly restarts: number;
  /** When a container last ended, RFC 3339; null when none did. */
  readonly lastRestart: string | null;
}

interface Walk {
  status: string;
  ready: number;
  restarts: number;
  last: string | null;
}

function later(a: string | null, status: Fields): string | null {
  const ended = at(status, 'lastState.terminated.finishedAt');
  if (typeof ended !== 'string') return a;
  return a === null || (parseTime(ended) ?? 0) > (parseTime(a) ?? 0) ? ended : a;
}

/** "Signal:9", "ExitCode:3" or the reason of a terminated state. */
function endedReason(state: unknown): string {
  const signal = num(state, 'signal');
  return str(state, 'reason') || (signal !== 0 ? `Signal:${signal}` : `ExitCode:${num(state, 'exitCode')}`);
}

function sidecarNames(pod: ApiObject): ReadonlySet<string> {
  const sidecars = list(pod, 'spec.initContainers').filter((c) => str(c, 'restartPolicy') === 'Always');
  return new Set(sidecars.map((container) => str(container, 'name')));
}

/** Walks the init containers; `blocked` when one of them still holds the pod up. */
function walkInit(pod: ApiObject, sidecars: ReadonlySet<string>, status: string) {
  const walk: Walk = { status, ready: 0, restarts: 0, last: null };
  const ofSidecars = { restarts: 0, last: null as string | null };
  let blocked = false;
  for (const [index, container] of list(pod, 'status.initContainerStatuses').entries()) {
    const isSidecar = sidecars.has(str(container, 'name'));
    walk.restarts += num(container, 'restartCount');
    walk.last = later(walk.last, container);
    if (isSidecar) {
      ofSidecars.restarts += num(container, 'restartCount');
      ofSidecars.last = later(ofSidecars.last, container);
    }
    const ended = at(container, 'state.terminated');
    if (ended != null && num(ended, 'exitCode') === 0) continue;
    if (isSidecar && container['started'] === true) {
      if (container['ready'] === true) walk.ready++;
      continue;
    }
    const waiting = str(container, 'state.waiting.reason');
    if (ended != null) walk.status = `Init:${endedReason(ended)}`;
    else if (waiting !== '' && waiting !== 'PodInitializing') walk.status = `Init:${waiting}`;
    else walk.status = `Init:${index}/${list(pod, 'spec.initContainers').length}`;
    blocked = true;
    break;
  }
  return { walk, ofSidecars, blocked };
}

function walkContainers(pod: ApiObject, walk: Walk): void {
  let running = false;
  for (const container of [...list(pod, 'status.containerStatuses')].reverse()) {
    walk.restarts += num(container, 'restartCount');
    walk.last = later(walk.last, container);
    const waiting = str(container, 'state.waiting.reason');
    const ended = at(container, 'state.terminated');
    if (waiting !== '') walk.status = waiting;
    else if (ended != null) walk.status = endedReason(ended);
    else if (container['ready'] === true && at(container, 'state.running') != null) {
      running = true;
      walk.ready++;
    }
  }
  if (walk.status === 'Completed' && running) {
    walk.status = conditionStatus(pod, 'Ready') === 'True' ? 'Running' : 'NotReady';
  }
}

/** READY, STATUS and RESTARTS of a pod. */
export function podSummary(pod: ApiObject): PodSummary {
  const phase = str(pod, 'status.phase');
  const gated = list(pod, 'status.conditions').some(
    (c) => c['type'] === 'PodScheduled' && c['reason'] === 'SchedulingGated',
  );
  const start = gated ? 'SchedulingGated' : str(pod, 'status.reason') || phase;
  const sidecars = sidecarNames(pod);
  const { walk, ofSidecars, blocked } = walkInit(pod, sidecars, start);
  if (!blocked || conditionStatus(pod, 'Initialized') === 'True') {
    walk.restarts = ofSidecars.restarts;
    walk.last = ofSidecars.last;
    walkContainers(pod, walk);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (str(pod, 'status.reason') === 'NodeLost') walk.status = 'Unknown';
    else if (phase !== 'Failed' && phase !== 'Succeeded') walk.status = 'Terminating';
  }
  return {
    ready: walk.ready,
    total: list(pod, 'spec.containers').length + sidecars.size,
    status: walk.status,
    restarts: walk.restarts,
    lastRestart: walk.last,
  };
}

function restartsText(pod: ApiObject, nowMs: number): string {
  const { restarts, lastRestart } = podSummary(pod);
  return restarts > 0 && lastRestart !== null
    ? `${restarts} (${age(lastRestart, nowMs)} ago)`
    : `${restarts}`;
}

function gatesText(pod: ApiObject): string {
  const gates = list(pod, 'spec.readinessGates');
  if (gates.length === 0) return '<none>';
  const met = gates.filter((gate) => conditionStatus(pod, str(gate, 'conditionType')) === 'True');
  return `${met.length}/${gates.length}`;
}

export const POD_COLUMNS: Columns = [
  NAME,
  column('READY', (pod) => {
    const { ready, total } = podSummary(pod);
    return `${ready}/${total}`;
  }),
  column('STATUS', (pod) => podSummary(pod).status),
  column('RESTARTS', (pod, { nowMs }) => restartsText(pod, nowMs)),
  AGE,
  wide('IP', (pod) => str(list(pod, 'status.podIPs')[0], 'ip') || '<none>'),
  wide('NODE', (pod) => str(pod, 'spec.nodeName') || '<none>'),
  wide('NOMINATED NODE', (pod) => str(pod, 'status.nominatedNodeName') || '<none>'),
  wide('READINESS GATES', gatesText),
];
