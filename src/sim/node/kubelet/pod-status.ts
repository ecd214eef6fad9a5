/** The status that a kubelet reports for a pod. Pure. Upstream: pkg/kubelet/{kubelet_pods,status/generate}.go. */
import type { Clock } from '../../clock/clock';
import type { Container, ContainerStatus } from '../../api/kinds/container';
import type { Condition } from '../../api/kinds/meta';
import type { Pod, PodStatus } from '../../api/kinds/pod';
import { toRfc3339 } from '../../api/time';
import { fullImageName } from './images';
import { hasStarted, isProbedReady } from './probes';
import type { ContainerRecord, PodRecord } from './records';

/** Set on a pod by the page's "make unready": it stays not ready whatever its probes say. */
export const HOLD_UNREADY = 'hopyard.dev/hold-unready';

type Phase = NonNullable<PodStatus['phase']>;

function specOf(pod: Pod, name: string): Container | undefined {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((row) => row.name === name);
}

/** Succeeded and Failed are for good; before that the containers decide. */
export function phaseOf(pod: Pod, record: PodRecord): Phase {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const inits = record.containers.filter((row) => row.role === 'init');
  const apps = record.containers.filter((row) => row.role === 'app');
  const failedInit = inits.some((row) => row.stage === 'done' && (row.state.terminated?.exitCode ?? 0) !== 0);
  if (failedInit) return 'Failed';
  if (inits.some((row) => row.stage !== 'done')) return record.stage === 'ended' ? 'Failed' : 'Pending';
  const finished = (row: ContainerRecord): boolean =>
    row.state.terminated !== undefined || row.lastState !== undefined;
  if (apps.every((row) => row.state.terminated !== undefined) && apps.length > 0) {
    const succeeded = apps.every((row) => row.state.terminated?.exitCode === 0);
    if (record.stage === 'ended') return succeeded ? 'Succeeded' : 'Failed';
    if (policy === 'Always') return 'Running';
    if (succeeded) return 'Succeeded';
    return policy === 'Never' ? 'Failed' : 'Running';
  }
  if (record.stage === 'ended') return 'Failed';
  if (apps.some((row) => row.state.running === undefined && !finished(row))) return 'Pending';
  return 'Running';
}

function containerStatus(pod: Pod, row: ContainerRecord, held: boolean): ContainerStatus {
  const image = specOf(pod, row.name)?.image ?? '';
  const finishedInit = row.role === 'init' && row.state.terminated?.exitCode === 0;
  const known =
    row.state.running !== undefined || row.state.terminated !== undefined || row.lastState !== undefined;
  const ready =
    row.role === 'init' ? finishedInit : isProbedReady(row) && !held && row.state.running !== undefined;
  return {
    name: row.name,
    image: known ? fullImageName(image) : image,
    imageID: known ? `${fullImageName(image).replace(/:[^:/]*$/, '')}@sha256:${imageDigest(image)}` : '',
    ready,
    restartCount: row.restartCount,
    started: hasStarted(row) && row.state.running !== undefined,
    state: row.state,
    lastState: row.lastState ?? {},
    ...(known
      ? { containerID: `containerd://${imageDigest(`${record16(pod)}/${row.name}/${row.run}`)}` }
      : {}),
  };
}

function record16(pod: Pod): string {
  return pod.metadata.uid ?? pod.metadata.name;
}

/** 64 hex digits that look like a digest and only depend on the text. */
function imageDigest(text: string): string {
  let hash = 2166136261;
  let out = '';
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
    hash = Math.imul(hash ^ round, 16777619) >>> 0;
    out += hash.toString(16).padStart(8, '0');
  }
  return out;
}

function notIn(
  rows: readonly ContainerRecord[],
  bad: (row: ContainerRecord) => boolean,
  what: string,
): string | null {
  const names = rows.filter(bad).map((row) => row.name);
  return names.length === 0 ? null : `containers with ${what} status: [${names.join(' ')}]`;
}

interface Draft {
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

const YES: Draft = { status: 'True' };

function readiness(
  pod: Pod,
  record: PodRecord,
  phase: Phase,
  held: boolean,
): { containers: Draft; pod: Draft } {
  if (phase === 'Succeeded') {
    const done: Draft = { status: 'False', reason: 'PodCompleted' };
    return { containers: done, pod: done };
  }
  if (phase === 'Failed') {
    const failed: Draft = { status: 'False', reason: 'PodFailed' };
    return { containers: failed, pod: failed };
  }
  const watched = record.containers.filter((row) => row.role !== 'init');
  const unready = notIn(
    watched,
    (row) => held || row.state.running === undefined || !isProbedReady(row),
    'unready',
  );
  if (unready !== null) {
    const draft: Draft = { status: 'False', reason: 'ContainersNotReady', message: unready };
    return { containers: draft, pod: draft };
  }
  const gates = (pod.spec.readinessGates ?? []).filter((gate) => !gateHolds(pod, gate.conditionType));
  if (gates.length === 0) return { containers: YES, pod: YES };
  const messages = gates.map((gate) => gateMessage(pod, gate.conditionType)).join(', ');
  return { containers: YES, pod: { status: 'False', reason: 'ReadinessGatesNotReady', message: messages } };
}

function gateHolds(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((row) => row.type === type && row.status === 'True') ?? false;
}

function gateMessage(pod: Pod, type: string): string {
  const exists = pod.status?.conditions?.some((row) => row.type === type);
  return exists
    ? `the status of pod readiness gate "${type}" is not "True", but False`
    : `corresponding condition of pod readiness gate "${type}" does not exist.`;
}

function initialized(record: PodRecord, phase: Phase): Draft {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const rows = record.containers.filter((row) => row.role !== 'app');
  const incomplete = notIn(
    rows,
    (row) =>
      row.role === 'init'
        ? row.stage !== 'done' || row.state.terminated?.exitCode !== 0
        : !hasStarted(row) && phase === 'Pending',
    'incomplete',
  );
  return incomplete === null
    ? YES
    : { status: 'False', reason: 'ContainersNotInitialized', message: incomplete };
}

function condition(pod: Pod, type: string, draft: Draft, now: string): Condition {
  const old = pod.status?.conditions?.find((row) => row.type === type);
  const lastTransitionTime = old?.status === draft.status ? (old.lastTransitionTime ?? now) : now;
  return { type, lastProbeTime: null, lastTransitionTime, ...draft };
}

const OWN = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];

function qosClass(pod: Pod): NonNullable<PodStatus['qosClass']> {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const resources = all.map((row) => row.resources ?? {});
  if (resources.every((row) => !row.requests && !row.limits)) return 'BestEffort';
  const guaranteed = resources.every((row) =>
    ['cpu', 'memory'].every(
      (name) =>
        row.limits?.[name] !== undefined && (row.requests?.[name] ?? row.limits[name]) === row.limits[name],
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** The whole status as it is to be stored. Conditions of others (readiness gates) are kept. */
export function podStatus(pod: Pod, record: PodRecord, nodeIps: readonly string[], clock: Clock): PodStatus {
  const now = toRfc3339(clock.nowNs);
  const phase = phaseOf(pod, record);
  const held = pod.metadata.annotations?.[HOLD_UNREADY] === 'true';
  const { containers, pod: ready } = readiness(pod, record, phase, held);
  const sandbox: Draft = record.netns !== '' ? YES : { status: 'False' };
  const drafts: Readonly<Record<string, Draft>> = {
    PodReadyToStartContainers: sandbox,
    Initialized: initialized(record, phase),
    Ready: ready,
    ContainersReady: containers,
    PodScheduled: YES,
  };
  const rows = (role: (row: ContainerRecord) => boolean): ContainerStatus[] =>
    record.containers.filter(role).map((row) => containerStatus(pod, row, held));
  const inits = rows((row) => row.role !== 'app');
  const others = (pod.status?.conditions ?? []).filter((row) => !OWN.includes(row.type));
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: [...others, ...OWN.map((type) => condition(pod, type, drafts[type]!, now))],
    hostIP: nodeIps[0],
    hostIPs: nodeIps.map((ip) => ({ ip })),
    ...(record.ips.length > 0 ? { podIP: record.ips[0], podIPs: record.ips.map((ip) => ({ ip })) } : {}),
    startTime: record.startTime,
    ...(inits.length > 0 ? { initContainerStatuses: inits } : {}),
    containerStatuses: rows((row) => row.role === 'app'),
    qosClass: pod.status?.qosClass ?? qosClass(pod),
  };
}
