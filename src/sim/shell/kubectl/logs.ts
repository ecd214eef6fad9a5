/**
 * `kubectl logs`: what containers have printed, once or with -f (kubectl pkg/cmd/logs).
 * Not simulated: --since, --since-time and --timestamps of logs, since the lines carry no time here.
 */
import { ApiError } from '../../api/errors';
import type { ApiObject } from '../../api/object';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { UsageError, usage } from './api';
import type { Kubectl, Verb } from './context';
import { DONE } from './context';
import { containerStatus, pickContainer, pickPod, podsBehind } from './pick-pod';
import { at, list, str } from './read';
import { fetchTarget, resourceNamed } from './targets';

interface Source {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

interface Following {
  readonly sources: readonly (Source & { readonly shown: readonly string[] })[];
}

/** Lines of `now` that `before` did not show; the log keeps only its newest lines, so the two may be shifted. */
export function newLines(before: readonly string[], now: readonly string[]): readonly string[] {
  for (let shift = 0; shift <= before.length; shift++) {
    const rest = before.slice(shift);
    if (rest.length <= now.length && rest.every((line, i) => now[i] === line)) return now.slice(rest.length);
  }
  return now;
}

/** Logs of a container's instances, the oldest first. */
function instances(k: Kubectl, { namespace, pod, container }: Source): readonly (readonly string[])[] {
  return k.world.processes.instanceLogs(`Pod/${namespace}/${pod}`, container);
}

/** What the latest instance of a container has printed. */
export function latestLines(k: Kubectl, source: Source): readonly string[] {
  return instances(k, source).at(-1) ?? [];
}

/** What the instance before the last restart had printed. */
function previousLines(k: Kubectl, source: Source, pod: ApiObject): readonly string[] {
  const status = containerStatus(pod, source.container);
  const all = instances(k, source);
  // While the container waits to be started again, its last instance is the previous one.
  const lines = at(status, 'state.waiting') != null ? all.at(-1) : all.at(-2);
  if (at(status, 'lastState.terminated') == null || lines === undefined) {
    throw new ApiError(
      'BadRequest',
      400,
      `previous terminated container "${source.container}" in pod "${source.pod}" not found`,
    );
  }
  return lines;
}

/** Refuses a container that has not started yet. */
function checkStarted(pod: ApiObject, container: string): void {
  const status = containerStatus(pod, container);
  const waiting = at(status, 'state.waiting');
  const began =
    at(status, 'state.running') ?? at(status, 'state.terminated') ?? at(status, 'lastState.terminated');
  if (began != null || (status === undefined && str(pod, 'status.phase') === '')) return;
  const reason = str(waiting, 'reason') || 'ContainerCreating';
  if (status === undefined && str(pod, 'spec.nodeName') !== '' && str(pod, 'status.phase') !== 'Pending')
    return;
  const why =
    reason === 'ErrImagePull' || reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason;
  throw new ApiError(
    'BadRequest',
    400,
    `container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${why}`,
  );
}

function sourcesOf(k: Kubectl, pod: ApiObject): Source[] {
  const namespace = pod.metadata.namespace ?? '';
  const names = k.flags.bool('all-containers')
    ? [...list(pod, 'spec.initContainers'), ...list(pod, 'spec.containers')].map((container) =>
        str(container, 'name'),
      )
    : [pickContainer(k, pod)];
  if (!k.flags.bool('previous')) for (const name of names) checkStarted(pod, name);
  return names.map((container) => ({ namespace, pod: pod.metadata.name, container }));
}

function podsOf(k: Kubectl): readonly ApiObject[] {
  if (k.flags.text('selector') !== '') {
    return fetchTarget(k, { resource: resourceNamed(k, 'pods'), namespace: k.namespace, name: null });
  }
  const word = k.args[0];
  if (word === undefined) throw usage('logs', USAGE);
  if (k.flags.bool('all-pods') && word.includes('/')) {
    const [type = '', name = ''] = word.split('/');
    const object = k.api.get(resourceNamed(k, type), k.namespace, name);
    if (object !== undefined) return podsBehind(k, object);
  }
  try {
    const { pod, others } = pickPod(k, word);
    if (others.length > 0) k.io.err(`Found ${others.length + 1} pods, using pod/${pod.metadata.name}\n`);
    return [pod];
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
    throw new UsageError(`error from server (NotFound): ${error.message} in namespace "${k.namespace}"`);
  }
}

function print(k: Kubectl, source: Source, lines: readonly string[]): void {
  const prefix = k.flags.bool('prefix') ? `[pod/${source.pod}/${source.container}] ` : '';
  for (const line of lines) k.io.out(`${prefix}${line}\n`);
}

const USAGE =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/** What is refused before any pod is looked for. Throws UsageError. */
function checkFlags(k: Kubectl): void {
  if (k.args.length === 1 && k.flags.text('selector') !== '')
    throw usage('logs', 'only a selector (-l) or a POD name is allowed');
  if (k.args.length > 2) throw usage('logs', USAGE);
  const container = k.flags.text('container') || (k.args[1] ?? '');
  if (k.args.length === 2 && k.flags.text('container') !== '')
    throw new UsageError('only one of -c or an inline [CONTAINER] arg is allowed');
  if (k.flags.bool('all-containers') && container !== '')
    throw new UsageError(`--all-containers=true should not be specified with container name ${container}`);
  if (k.flags.has('since') && k.flags.has('since-time'))
    throw new UsageError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (k.flags.int('limit-bytes') < 0) throw new UsageError('--limit-bytes must be greater than 0');
  if (k.flags.has('tail') && k.flags.int('tail') < -1)
    throw new UsageError('--tail must be greater than or equal to -1');
}

function run(k: Kubectl): Step {
  checkFlags(k);
  if (k.args.length === 2 && k.flags.text('container') === '')
    k.flags.set(k.flags.spec('container')!, k.args[1]!);
  const timed = ['since', 'since-time', 'timestamps'].find((flag) => k.flags.has(flag));
  if (timed !== undefined) throw new UsageError(`--${timed} is not simulated: log lines carry no time here`);
  const selected = k.flags.text('selector') !== '';
  const pods = podsOf(k);
  if (pods.length === 0) {
    k.io.err(`No resources found in ${k.namespace} namespace.\n`);
    return DONE;
  }
  const tail = k.flags.has('tail') ? k.flags.int('tail') : selected ? 10 : -1;
  const following: Following['sources'][number][] = [];
  const sources = pods.flatMap((pod) => sourcesOf(k, pod).map((source) => ({ source, pod })));
  for (const { source, pod } of sources) {
    const all = k.flags.bool('previous') ? previousLines(k, source, pod) : latestLines(k, source);
    print(k, source, tail >= 0 ? all.slice(Math.max(0, all.length - tail)) : all);
    following.push({ ...source, shown: all });
  }
  if (!k.flags.bool('follow')) return DONE;
  return { state: { sources: following } satisfies Following, afterNs: WATCH_EVERY_NS };
}

/** Prints what was added; ends when none of the pods is there any more. */
function follow(k: Kubectl, state: Following): Step {
  const pods = resourceNamed(k, 'pods');
  let alive = false;
  const sources = state.sources.map((source) => {
    const pod = k.api.get(pods, source.namespace, source.pod);
    const phase = str(pod, 'status.phase');
    alive ||= pod !== undefined && phase !== 'Succeeded' && phase !== 'Failed';
    const now = latestLines(k, source);
    if (now.length === 0) return source;
    print(k, source, newLines(source.shown, now));
    return { ...source, shown: now };
  });
  return alive ? { state: { sources }, afterNs: WATCH_EVERY_NS } : DONE;
}

export const logsVerb: Verb = { path: 'logs', run, resume: (k, state) => follow(k, state as Following) };
