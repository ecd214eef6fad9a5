/**
 * Pods: what admission plugins and the strategy add, and the list of all rules. Upstream: plugin/pkg/admission
 * (serviceaccount, priority, defaulttolerationseconds) and pkg/registry/core/pod/strategy.go.
 */
import type { Draft, KindRules, RuleContext } from '../rules';
import { quantityValue } from '../quantity';
import type { Container, Volume } from './container';
import type { Pod, PodSpec } from './pod';
import { defaultPod, encodePodSpec } from './pod-defaults';
import type { Toleration } from './scheduling';
import { validatePod, validatePodCreate } from './validate-pod';
import { validatePodUpdate } from './validate-pod-update';

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** The volume with which a pod may speak to the API server. */
function tokenVolume(name: string): Draft<Volume> {
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
      },
    },
  ];
  return { name, projected: { defaultMode: 420, sources } };
}

/** The ServiceAccount plugin: an account, and its token in every container that mounts nothing there. */
function addServiceAccount(spec: Draft<PodSpec>, context: RuleContext): void {
  const loose = spec as Draft<PodSpec> & { serviceAccount?: string; automountServiceAccountToken?: boolean };
  loose.serviceAccountName ||= 'default';
  loose.serviceAccount = loose.serviceAccountName;
  if (loose.automountServiceAccountToken === false) return;
  const bare = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].filter(
    (container) => !container.volumeMounts?.some((mount) => mount.mountPath === TOKEN_PATH),
  );
  if (bare.length === 0) return;
  const name = `kube-api-access-${context.random('volume-names', LETTERS, 5)}`;
  for (const container of bare)
    (container.volumeMounts ??= []).push({ name, mountPath: TOKEN_PATH, readOnly: true });
  (spec.volumes ??= []).push(tokenVolume(name));
}

/** Five minutes on a node that has gone, unless the pod says otherwise (DefaultTolerationSeconds). */
function addTolerations(spec: Draft<PodSpec>): void {
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const covered = (spec.tolerations ?? []).some(
      (one: Toleration) => (one.key === key || !one.key) && (!one.effect || one.effect === 'NoExecute'),
    );
    if (!covered)
      (spec.tolerations ??= []).push({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      });
  }
}

const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

function addPriority(spec: Draft<PodSpec>, context: RuleContext): void {
  const loose = spec as Draft<PodSpec> & { preemptionPolicy?: string };
  const name = spec.priorityClassName ?? '';
  const classes = context.list('PriorityClass');
  const found = classes.find((one) => one.metadata.name === name) as { value?: number } | undefined;
  spec.priority ??= found?.value ?? SYSTEM_PRIORITIES[name] ?? 0;
  loose.preemptionPolicy ??= 'PreemptLowerPriority';
}

/** QoS class by cpu and memory of all containers (pkg/apis/core/helper/qos). */
function qosOf(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const amount = (list: object | undefined, name: string) =>
    quantityValue((list as Record<string, string | number> | undefined)?.[name] ?? 0) ?? 0;
  const all = (test: (container: Container, name: string) => boolean) =>
    containers.every((container) => ['cpu', 'memory'].every((name) => test(container, name)));
  const none = (container: Container, name: string) =>
    amount(container.resources?.limits, name) === 0 && amount(container.resources?.requests, name) === 0;
  if (all(none)) return 'BestEffort';
  const equal = (container: Container, name: string) => {
    const limit = amount(container.resources?.limits, name);
    return limit > 0 && limit === amount(container.resources?.requests, name);
  };
  return all(equal) ? 'Guaranteed' : 'Burstable';
}

function prepareCreate(pod: Draft<Pod>, context: RuleContext): void {
  const { spec } = pod;
  addServiceAccount(spec, context);
  addPriority(spec, context);
  addTolerations(spec);
  pod.status = { phase: 'Pending', qosClass: qosOf(spec as PodSpec) };
  if ((spec.schedulingGates ?? []).length > 0)
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
}

export const POD_RULES: KindRules<Pod> = {
  default: defaultPod,
  prepareCreate,
  validate: validatePod,
  validateCreate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  encode: (pod) => encodePodSpec(pod.spec),
};
