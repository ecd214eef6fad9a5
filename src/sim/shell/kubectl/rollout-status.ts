/** `kubectl rollout status`: the sentences about a rollout's progress (kubectl pkg/polymorphichelpers rollout_status.go). */
import type { ApiObject } from '../../api/object';
import { SECOND } from '../../clock/clock';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, FAILED } from './context';
import { at, list, num, str } from './read';
import { parseTargets, fetchTarget, resourceNamed } from './targets';

interface Progress {
  readonly text: string;
  readonly done: boolean;
}

function deploymentProgress(o: ApiObject): Progress {
  if (num(o, 'metadata.generation') > num(o, 'status.observedGeneration')) {
    return { text: 'Waiting for deployment spec update to be observed...', done: false };
  }
  const name = o.metadata.name;
  const stuck = list(o, 'status.conditions').some(
    (c) => c['type'] === 'Progressing' && c['reason'] === 'ProgressDeadlineExceeded',
  );
  if (stuck) throw new UsageError(`deployment "${name}" exceeded its progress deadline`);
  const wanted = at(o, 'spec.replicas') == null ? 1 : num(o, 'spec.replicas');
  const updated = num(o, 'status.updatedReplicas');
  const total = num(o, 'status.replicas');
  const available = num(o, 'status.availableReplicas');
  const waiting = `Waiting for deployment "${name}" rollout to finish:`;
  if (updated < wanted) {
    return { text: `${waiting} ${updated} out of ${wanted} new replicas have been updated...`, done: false };
  }
  if (total > updated)
    return { text: `${waiting} ${total - updated} old replicas are pending termination...`, done: false };
  if (available < updated) {
    return { text: `${waiting} ${available} of ${updated} updated replicas are available...`, done: false };
  }
  return { text: `deployment "${name}" successfully rolled out`, done: true };
}

function daemonSetProgress(o: ApiObject): Progress {
  if (str(o, 'spec.updateStrategy.type') === 'OnDelete') throw onDelete();
  if (num(o, 'metadata.generation') > num(o, 'status.observedGeneration')) {
    return { text: 'Waiting for daemon set spec update to be observed...', done: false };
  }
  const name = o.metadata.name;
  const wanted = num(o, 'status.desiredNumberScheduled');
  const updated = num(o, 'status.updatedNumberScheduled');
  const available = num(o, 'status.numberAvailable');
  const waiting = `Waiting for daemon set "${name}" rollout to finish:`;
  if (updated < wanted)
    return { text: `${waiting} ${updated} out of ${wanted} new pods have been updated...`, done: false };
  if (available < wanted)
    return { text: `${waiting} ${available} of ${wanted} updated pods are available...`, done: false };
  return { text: `daemon set "${name}" successfully rolled out`, done: true };
}

function onDelete(): UsageError {
  return new UsageError('rollout status is only available for RollingUpdate strategy type');
}

function statefulSetProgress(o: ApiObject): Progress {
  if (str(o, 'spec.updateStrategy.type') === 'OnDelete') throw onDelete();
  if (
    num(o, 'status.observedGeneration') === 0 ||
    num(o, 'metadata.generation') > num(o, 'status.observedGeneration')
  ) {
    return { text: 'Waiting for statefulset spec update to be observed...', done: false };
  }
  const wanted = num(o, 'spec.replicas');
  const ready = num(o, 'status.readyReplicas');
  const updated = num(o, 'status.updatedReplicas');
  if (ready < wanted) return { text: `Waiting for ${wanted - ready} pods to be ready...`, done: false };
  const partition = at(o, 'spec.updateStrategy.rollingUpdate.partition');
  if (partition != null) {
    const target = wanted - num(o, 'spec.updateStrategy.rollingUpdate.partition');
    if (updated < target) {
      return {
        text: `Waiting for partitioned roll out to finish: ${updated} out of ${target} new pods have been updated...`,
        done: false,
      };
    }
    return { text: `partitioned roll out complete: ${updated} new pods have been updated...`, done: true };
  }
  const revision = str(o, 'status.updateRevision');
  if (revision !== str(o, 'status.currentRevision')) {
    return {
      text: `waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}...`,
      done: false,
    };
  }
  return {
    text: `statefulset rolling update complete ${num(o, 'status.currentReplicas')} pods at revision ${str(o, 'status.currentRevision')}...`,
    done: true,
  };
}

function progressOf(object: ApiObject): Progress {
  switch (object.kind) {
    case 'Deployment':
      return deploymentProgress(object);
    case 'DaemonSet':
      return daemonSetProgress(object);
    case 'StatefulSet':
      return statefulSetProgress(object);
    default:
      throw new UsageError(`no status viewer has been implemented for ${object.kind}`);
  }
}

interface Following {
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly untilNs: number;
}

function run(k: Kubectl): Step {
  if (k.args.length === 0 && !k.flags.has('filename'))
    throw new UsageError('required resource not specified');
  const { targets } = parseTargets(k, k.args, { all: true });
  const found = targets.flatMap((target) =>
    fetchTarget(k, target).map((object) => ({ object, plural: target.resource.plural })),
  );
  const timeout = k.flags.duration('timeout');
  const untilNs = timeout > 0 ? k.world.nowNs + (timeout / 1000) * SECOND : Number.MAX_SAFE_INTEGER;
  for (const { object, plural } of found) {
    const { namespace = '', name, resourceVersion = '' } = object.metadata;
    const progress = progressOf(object);
    k.io.out(`${progress.text}\n`);
    if (progress.done || !k.flags.bool('watch')) continue;
    const state: Following = { plural, namespace, name, version: resourceVersion, untilNs };
    return { state, afterNs: WATCH_EVERY_NS };
  }
  return DONE;
}

/** Prints a sentence for each change of the object, until the rollout is over. */
function follow(k: Kubectl, state: Following): Step {
  const object = k.api.get(resourceNamed(k, state.plural), state.namespace, state.name);
  if (object === undefined) throw new UsageError(`object has been deleted`);
  const version = object.metadata.resourceVersion ?? '';
  if (version !== state.version) {
    const progress = progressOf(object);
    k.io.out(`${progress.text}\n`);
    if (progress.done) return DONE;
  }
  if (k.world.nowNs >= state.untilNs) {
    k.io.err('error: timed out waiting for the condition\n');
    return FAILED;
  }
  return { state: { ...state, version }, afterNs: WATCH_EVERY_NS };
}

export const rolloutStatusVerb: Verb = {
  path: 'rollout status',
  run,
  resume: (k, state) => follow(k, state as Following),
};
