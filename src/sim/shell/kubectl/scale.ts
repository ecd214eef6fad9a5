/** `kubectl scale`, `autoscale`, `cordon` and `uncordon`. */
import { ApiError, notFound } from '../../api/errors';
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError, usage } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, dryRunOf, dryRunSuffix } from './context';
import { createAndSay } from './create';
import { at, num } from './read';
import { fetchTarget, printedName, resourceNamed } from './targets';
import { NO_RESOURCES, chooseObjects, forEach, say, store } from './write';
import { withField } from './change';

const SCALABLE = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController']);

function scale(k: Kubectl): Step {
  if (!k.flags.has('replicas')) throw new UsageError('required flag(s) "replicas" not set');
  const replicas = k.flags.int('replicas');
  if (replicas < 0) {
    throw new UsageError(
      'The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
    );
  }
  const expected = k.flags.int('current-replicas');
  const checks = k.flags.has('current-replicas') && expected >= 0;
  if (expected < -1) throw new UsageError('The --current-replicas must specify an integer of -1 or greater');
  const version = k.flags.text('resource-version');
  const chosen = chooseObjects(k, k.args, { nothing: NO_RESOURCES });
  if (version !== '' && chosen.found.length > 1)
    throw new UsageError('cannot use --resource-version with multiple resources');
  if (chosen.found.length === 0 && chosen.errors.length === 0)
    throw new UsageError('no objects passed to scale');
  return forEach(k, chosen, ({ resource, object }) => {
    if (!SCALABLE.has(resource.kind)) {
      throw new ApiError('NotFound', 404, 'the server could not find the requested resource');
    }
    const current = num(object, 'spec.replicas');
    if (checks && current !== expected)
      throw new UsageError(`Expected replicas to be ${expected}, was ${current}`);
    const is = object.metadata.resourceVersion ?? '';
    if (version !== '' && version !== is)
      throw new UsageError(`Expected resource version to be ${version}, was ${is}`);
    say(k, { resource, object: store(k, withField(object, ['spec', 'replicas'], replicas)) }, 'scaled');
  });
}

/** Makes an autoscaler. Not simulated: the work of autoscalers, since there are no metrics here. */
function autoscale(k: Kubectl): Step {
  const max = k.flags.int('max');
  if (!k.flags.has('max')) throw new UsageError('required flag(s) "max" not set');
  if (max < 1) throw new UsageError('--max=MAXPODS is required and must be at least 1, max: ' + String(max));
  const [min, cpu] = [k.flags.int('min'), k.flags.int('cpu-percent')];
  if (max < min) {
    throw new UsageError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
  }
  return forEach(k, chooseObjects(k, k.args), ({ resource, object }) => {
    if (!SCALABLE.has(resource.kind)) {
      const what = `${resource.group}/${resource.version}, Resource=${resource.plural}`;
      throw new UsageError(
        `cannot autoscale a ${resource.kind}: could not find scale subresource for ${what} in discovery information`,
      );
    }
    const target = { apiVersion: resource.apiVersion, kind: resource.kind, name: object.metadata.name };
    const metric = { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } };
    const scaler: ApiObject = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: k.flags.text('name') || object.metadata.name },
      spec: {
        scaleTargetRef: target,
        ...(min > 0 ? { minReplicas: min } : {}),
        maxReplicas: max,
        ...(cpu > 0 ? { metrics: [{ type: 'Resource', resource: metric }] } : {}),
      },
    };
    createAndSay(k, scaler, 'autoscaled');
  });
}

/** Sets spec.unschedulable of the nodes named; says so, or that it was so already. */
export function setSchedulable(k: Kubectl, names: readonly string[], on: boolean): Step {
  const resource = resourceNamed(k, 'nodes');
  const selector = k.flags.text('selector');
  const word = on ? 'uncordoned' : 'cordoned';
  const targets =
    selector !== ''
      ? fetchTarget(k, { resource, namespace: '', name: null })
      : names.map((name) => {
          const node = k.api.get(resource, '', name);
          if (node === undefined) throw notFound('nodes', '', name);
          return node;
        });
  for (const node of targets) {
    const is = at(node, 'spec.unschedulable') !== true;
    const suffix = dryRunSuffix(dryRunOf(k.flags));
    if (is === on) k.io.out(`${printedName(resource, node.metadata.name)} already ${word}${suffix}\n`);
    else {
      store(k, withField(node, ['spec', 'unschedulable'], on ? undefined : true));
      k.io.out(`${printedName(resource, node.metadata.name)} ${word}${suffix}\n`);
    }
  }
  return DONE;
}

function cordon(k: Kubectl, on: boolean): Step {
  const name = on ? 'uncordon' : 'cordon';
  if (k.args.length === 0 && k.flags.text('selector') === '')
    throw usage(name, `USAGE: ${name} NODE [flags]`);
  return setSchedulable(k, k.args, on);
}

export const scaleVerbs: readonly Verb[] = [
  { path: 'scale', run: scale },
  { path: 'autoscale', run: autoscale },
  { path: 'cordon', run: (k) => cordon(k, false) },
  { path: 'uncordon', run: (k) => cordon(k, true) },
];
