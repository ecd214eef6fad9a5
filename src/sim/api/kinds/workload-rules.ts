/** What the API server knows of workloads. Upstream: pkg/registry/apps, pkg/registry/batch. */
import type { Draft, KindRules } from '../rules';
import type { PodTemplateSpec } from './pod';
import { encodePodSpec } from './pod-defaults';
import { validateJob, validateJobUpdate } from './validate-job';
import {
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateSelectorUpdate,
  validateStatefulSet,
  validateStatefulSetCreate,
  validateStatefulSetUpdate,
} from './validate-workload';
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultJob,
  defaultReplicaSet,
  defaultStatefulSet,
} from './workload-defaults';
import type { DaemonSet, Deployment, Job, ReplicaSet, StatefulSet } from './workload';

function encode(owner: { spec?: { template?: Draft<PodTemplateSpec> } }): void {
  encodePodSpec(owner.spec?.template?.spec);
}

export const DEPLOYMENT_RULES: KindRules<Deployment> = {
  default: defaultDeployment,
  encode,
  validate: validateDeployment,
  validateUpdate: validateSelectorUpdate,
};

export const REPLICASET_RULES: KindRules<ReplicaSet> = {
  default: defaultReplicaSet,
  encode,
  validate: validateReplicaSet,
  validateUpdate: validateSelectorUpdate,
};

export const STATEFULSET_RULES: KindRules<StatefulSet> = {
  default: defaultStatefulSet,
  encode,
  validate: validateStatefulSet,
  validateCreate: validateStatefulSetCreate,
  validateUpdate: validateStatefulSetUpdate,
};

export const DAEMONSET_RULES: KindRules<DaemonSet> = {
  default: defaultDaemonSet,
  encode,
  validate: validateDaemonSet,
  validateUpdate: validateSelectorUpdate,
};

/** A Job finds its pods by its own uid, unless it says that it brings its selector. */
function prepareJob(job: Draft<Job>): void {
  const { spec } = job;
  if (spec.manualSelector || job.metadata.uid === undefined) return;
  const labels = {
    'batch.kubernetes.io/controller-uid': job.metadata.uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'controller-uid': job.metadata.uid,
    'job-name': job.metadata.name,
  };
  spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': job.metadata.uid } };
  const metadata = (spec.template.metadata ??= {});
  metadata.labels = { ...metadata.labels, ...labels };
}

export const JOB_RULES: KindRules<Job> = {
  default: defaultJob,
  encode,
  prepareCreate: prepareJob,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
};
