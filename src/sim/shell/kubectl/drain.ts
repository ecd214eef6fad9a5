/** `kubectl drain`: cordons a node and evicts its pods, as far as the flags allow (kubectl pkg/drain). */
import { notFound } from '../../api/errors';
import type { ApiObject } from '../../api/object';
import { SECOND } from '../../clock/clock';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { usage } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, FAILED, dryRunOf, dryRunSuffix } from './context';
import { conditionStatus } from './table-texts';
import { at, list, map, num, str } from './read';
import { quantityValue } from './quantity';
import { setSchedulable } from './scale';
import { resourceNamed } from './targets';

const MIRROR = 'kubernetes.io/config.mirror';
const RETRY_NS = 5 * SECOND;

interface Evicting {
  readonly node: string;
  readonly left: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly evicted: boolean;
  }[];
  readonly untilNs: number;
  readonly retryNs: number;
}

interface Sorted {
  readonly evict: readonly ApiObject[];
  readonly warnings: readonly string[];
  readonly faults: readonly string[];
}

function ownerKind(pod: ApiObject): string {
  return (pod.metadata.ownerReferences ?? []).find((ref) => ref.controller === true)?.kind ?? '';
}

/** Which pods go, and what stands against it; the order of the filters is kubectl's. */
function sortPods(k: Kubectl, pods: readonly ApiObject[]): Sorted {
  const groups = { daemon: [] as string[], local: [] as string[], bare: [] as string[] };
  const evict: ApiObject[] = [];
  for (const pod of pods) {
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const done = str(pod, 'status.phase') === 'Succeeded' || str(pod, 'status.phase') === 'Failed';
    if (pod.metadata.annotations?.[MIRROR] !== undefined) continue;
    if (ownerKind(pod) === 'DaemonSet' && !done) groups.daemon.push(name);
    else {
      if (!done && list(pod, 'spec.volumes').some((volume) => at(volume, 'emptyDir') != null))
        groups.local.push(name);
      if (!done && ownerKind(pod) === '') groups.bare.push(name);
      evict.push(pod);
    }
  }
  const faults: string[] = [];
  const warnings: string[] = [];
  const judge = (names: readonly string[], allowed: boolean, fault: string, warning: string) => {
    if (names.length === 0) return;
    if (allowed) warnings.push(`${warning}: ${names.join(', ')}`);
    else faults.push(`${fault}: ${names.join(', ')}`);
  };
  const { flags } = k;
  judge(
    groups.daemon,
    flags.bool('ignore-daemonsets'),
    'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
    'ignoring DaemonSet-managed Pods',
  );
  judge(
    groups.local,
    flags.bool('delete-emptydir-data'),
    'cannot delete Pods with local storage (use --delete-emptydir-data to override)',
    'deleting Pods with local storage',
  );
  judge(
    groups.bare,
    flags.bool('force'),
    'cannot delete cannot delete Pods that declare no controller (use --force to override)',
    'deleting Pods that declare no controller',
  );
  return { evict, warnings, faults };
}

function pending(k: Kubectl, node: string, why: string): Step {
  k.io.err(
    `error: unable to drain node "${node}" due to error: ${why}, continuing command...\nThere are pending nodes to be drained:\n ${node}\n${why}\n`,
  );
  return FAILED;
}

/** True when a disruption budget lets this pod go now (policy/v1: healthy pods above the minimum). */
export function mayEvict(k: Kubectl, pod: ApiObject): boolean {
  const budgets = k.api.list(resourceNamed(k, 'poddisruptionbudgets'), pod.metadata.namespace);
  const pods = k.api.list(resourceNamed(k, 'pods'), pod.metadata.namespace);
  return budgets.every((budget) => {
    const selector = map(budget, 'spec.selector.matchLabels');
    const selects = (one: ApiObject) =>
      Object.entries(selector).every(([key, value]) => one.metadata.labels?.[key] === value);
    if (!selects(pod)) return true;
    const all = pods.filter(selects);
    const healthy = all.filter(
      (one) => conditionStatus(one, 'Ready') === 'True' && one.metadata.deletionTimestamp === undefined,
    );
    const share = (text: string) =>
      text.endsWith('%') ? Math.ceil((parseFloat(text) * all.length) / 100) : quantityValue(text);
    const min = str(budget, 'spec.minAvailable');
    const wanted = min !== '' ? share(min) : all.length - share(str(budget, 'spec.maxUnavailable') || '0');
    const counted =
      at(budget, 'status.disruptionsAllowed') != null && at(budget, 'status.observedGeneration') != null;
    return counted ? num(budget, 'status.disruptionsAllowed') > 0 : healthy.length - 1 >= wanted;
  });
}

function run(k: Kubectl): Step {
  const name = k.args[0];
  if (name === undefined) throw usage('drain', 'USAGE: drain NODE [flags]');
  const nodes = resourceNamed(k, 'nodes');
  if (k.api.get(nodes, '', name) === undefined) throw notFound('nodes', '', name);
  setSchedulable(k, [name], false);
  const pods = k.api.list(resourceNamed(k, 'pods')).filter((pod) => str(pod, 'spec.nodeName') === name);
  const sorted = sortPods(k, pods);
  if (sorted.faults.length > 0)
    return pending(k, name, sorted.faults.length === 1 ? sorted.faults[0]! : `[${sorted.faults.join(', ')}]`);
  if (sorted.warnings.length > 0) k.io.err(`Warning: ${sorted.warnings.join('; ')}\n`);
  if (dryRunOf(k.flags) !== 'none') {
    for (const pod of sorted.evict)
      k.io.out(
        `evicting pod ${pod.metadata.namespace}/${pod.metadata.name}${dryRunSuffix(dryRunOf(k.flags))}\n`,
      );
    k.io.out(`node/${name} drained${dryRunSuffix(dryRunOf(k.flags))}\n`);
    return DONE;
  }
  const timeout = k.flags.duration('timeout');
  return step(k, {
    node: name,
    left: sorted.evict.map(({ metadata: { namespace = '', name: pod, uid = '' } }) => ({
      namespace,
      name: pod,
      uid,
      evicted: false,
    })),
    untilNs: timeout > 0 ? k.world.nowNs + (timeout / 1000) * SECOND : Number.MAX_SAFE_INTEGER,
    retryNs: k.world.nowNs,
  });
}

/** Asks for one eviction; false when a disruption budget stands against it. */
function evict(k: Kubectl, pod: ApiObject): boolean {
  const { namespace = '', name } = pod.metadata;
  if (!k.flags.bool('disable-eviction') && !mayEvict(k, pod)) {
    k.io.err(
      `error when evicting pods/"${name}" -n "${namespace}" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.\n`,
    );
    return false;
  }
  const grace = k.flags.int('grace-period');
  k.api.delete(resourceNamed(k, 'pods'), namespace, name, grace >= 0 ? { gracePeriodSeconds: grace } : {});
  return true;
}

/** Evicts what is due, tells what is gone, and goes on until nothing is left. The time limit is looked at before each try. */
function step(k: Kubectl, state: Evicting): Step {
  const pods = resourceNamed(k, 'pods');
  const due = k.world.nowNs >= state.retryNs;
  const late = k.world.nowNs >= state.untilNs;
  const left: Evicting['left'][number][] = [];
  for (const one of state.left) {
    const pod = k.api.get(pods, one.namespace, one.name);
    const gone = pod === undefined || (pod.metadata.uid ?? '') !== one.uid;
    const tries = !one.evicted && !gone && due;
    if (tries) k.io.out(`evicting pod ${one.namespace}/${one.name}\n`);
    const evicted = one.evicted || (tries && !late && evict(k, pod));
    const still = k.api.get(pods, one.namespace, one.name);
    if (gone || (evicted && still === undefined)) k.io.out(`pod/${one.name} evicted\n`);
    else left.push({ ...one, evicted });
  }
  if (left.length === 0) {
    k.io.out(`node/${state.node} drained\n`);
    return DONE;
  }
  if (late && (due || left.every((one) => one.evicted))) return gaveUp(k, state.node, left);
  return {
    state: { ...state, left, retryNs: due ? k.world.nowNs + RETRY_NS : state.retryNs },
    afterNs: WATCH_EVERY_NS,
  };
}

function gaveUp(k: Kubectl, node: string, left: Evicting['left']): Step {
  const limit = `global timeout reached: ${k.flags.text('timeout')}`;
  const why = `error when evicting pods/"${left[0]!.name}" -n "${left[0]!.namespace}": ${limit}`;
  k.io.err(
    `There are pending pods in node "${node}" when an error occurred: ${why}\n${left.map((one) => `pod/${one.name}\n`).join('')}`,
  );
  return pending(k, node, why);
}

export const drainVerb: Verb = { path: 'drain', run, resume: (k, state) => step(k, state as Evicting) };
