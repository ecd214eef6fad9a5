/** Which pod and container a command means: POD, TYPE/NAME, -c, the default container (kubectl polymorphichelpers). */
import type { ApiObject } from '../../api/object';
import { notFound } from '../../api/errors';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { conditionStatus } from './table-texts';
import { at, list, map, str } from './read';
import { resourceNamed } from './targets';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** Pods that a workload or Service selects, the likeliest first: ready ones, then older ones. */
export function podsBehind(k: Kubectl, object: ApiObject): ApiObject[] {
  const selector =
    object.kind === 'Service' || object.kind === 'ReplicationController'
      ? map(object, 'spec.selector')
      : map(object, 'spec.selector.matchLabels');
  if (Object.keys(selector).length === 0) {
    throw new UsageError(
      `cannot attach to *v1.${object.kind}: invalid ${object.kind.toLowerCase()} '${object.metadata.name}': ${object.kind} is defined without a selector`,
    );
  }
  const pods = k.api
    .list(resourceNamed(k, 'pods'), object.metadata.namespace)
    .filter((pod) => Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value));
  const rank = (pod: ApiObject) =>
    (str(pod, 'status.phase') === 'Running' ? 0 : 2) + (conditionStatus(pod, 'Ready') === 'True' ? 0 : 1);
  return [...pods].sort((a, b) => rank(a) - rank(b));
}

/** The pod of "web-abc", "pod/web-abc" or "deploy/web". Throws ApiError and UsageError. */
export function pickPod(k: Kubectl, word: string): { pod: ApiObject; others: readonly ApiObject[] } {
  const slash = word.indexOf('/');
  const resource = resourceNamed(k, slash < 0 ? 'pods' : word.slice(0, slash));
  const name = slash < 0 ? word : word.slice(slash + 1);
  const object = k.api.get(resource, k.namespace, name);
  if (object === undefined) throw notFound(resource.plural, resource.group, name);
  if (object.kind === 'Pod') return { pod: object, others: [] };
  const [pod, ...others] = podsBehind(k, object);
  if (pod === undefined) {
    throw new UsageError(`timed out waiting for the condition: no pods of ${resource.singular}/${name}`);
  }
  return { pod, others };
}

/** The container that -c names, or the default one; tells which was taken when there was a choice. */
export function pickContainer(k: Kubectl, pod: ApiObject, quiet = false): string {
  const names = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((key) =>
    list(pod, `spec.${key}`).map((container) => str(container, 'name')),
  );
  const asked = k.flags.text('container');
  if (asked !== '') {
    if (!names.includes(asked))
      throw new UsageError(`container ${asked} is not valid for pod ${pod.metadata.name}`);
    return asked;
  }
  const preferred = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (preferred !== undefined && names.includes(preferred)) return preferred;
  const first = names[0] ?? '';
  if (names.length > 1 && !quiet) k.io.err(`Defaulted container "${first}" out of: ${describeNames(pod)}\n`);
  return first;
}

function describeNames(pod: ApiObject): string {
  const plain = list(pod, 'spec.containers').map((container) => str(container, 'name'));
  const init = list(pod, 'spec.initContainers').map((container) => `${str(container, 'name')} (init)`);
  return [...plain, ...init].join(', ');
}

/** Status of one container of a pod; undefined before the kubelet has said anything. */
export function containerStatus(pod: ApiObject, name: string): unknown {
  const all = [...list(pod, 'status.containerStatuses'), ...list(pod, 'status.initContainerStatuses')];
  return all.find((status) => at(status, 'name') === name);
}
