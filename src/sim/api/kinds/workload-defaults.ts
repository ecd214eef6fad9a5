/** Defaults of workloads. Upstream: pkg/apis/apps/v1/defaults.go, pkg/apis/batch/v1/defaults.go. */
import type { Draft } from '../rules';
import type { PodTemplateSpec } from './pod';
import { defaultPodSpec } from './pod-defaults';
import type { DaemonSet, Deployment, Job, ReplicaSet, StatefulSet } from './workload';

/** The server's types have a spec, a template and the template's spec, whether or not they are written. */
function defaultTemplate(owner: { template?: Draft<PodTemplateSpec> }): void {
  const template = (owner.template ??= { spec: { containers: [] } });
  template.spec ??= { containers: [] };
  defaultPodSpec(template.spec);
}

function specOf<S extends object>(object: { spec?: S }): S {
  return (object.spec ??= {} as S);
}

export function defaultDeployment(deployment: Draft<Deployment>): void {
  const spec = specOf(deployment);
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  defaultTemplate(spec);
}

export function defaultReplicaSet(set: Draft<ReplicaSet>): void {
  const spec = specOf(set);
  spec.replicas ??= 1;
  defaultTemplate(spec);
}

export function defaultStatefulSet(set: Draft<StatefulSet>): void {
  const spec = specOf(set);
  spec.replicas ??= 1;
  spec.podManagementPolicy ||= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) {
    // Only when nothing is written: `type: RollingUpdate` alone leaves the partition unset.
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.partition ??= 0;
  } else if (strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
  const keep = (spec.persistentVolumeClaimRetentionPolicy ??= {}) as {
    whenDeleted?: string;
    whenScaled?: string;
  };
  keep.whenDeleted ||= 'Retain';
  keep.whenScaled ||= 'Retain';
  spec.revisionHistoryLimit ??= 10;
  for (const claim of (spec.volumeClaimTemplates ?? []) as ClaimDraft[]) defaultClaim(claim);
  defaultTemplate(spec);
}

export function defaultDaemonSet(set: Draft<DaemonSet>): void {
  const spec = specOf(set);
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  defaultTemplate(spec);
}

export function defaultJob(job: Draft<Job>): void {
  const spec: Draft<Job['spec']> & { podReplacementPolicy?: string; podFailurePolicy?: unknown } =
    specOf(job);
  // Nothing said means one pod, once; with a number of completions, one pod at a time.
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= 6;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  spec.manualSelector ??= false;
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined && Object.keys(job.metadata.labels ?? {}).length === 0)
    job.metadata.labels = { ...labels };
  defaultTemplate(spec);
}

interface ClaimDraft {
  spec?: { volumeMode?: string };
  status?: { phase?: string };
}

/** PersistentVolumeClaims, on their own and as templates of a StatefulSet. */
export function defaultClaim(claim: ClaimDraft): void {
  if (claim.spec) claim.spec.volumeMode ??= 'Filesystem';
  claim.status ??= {};
  claim.status.phase ??= 'Pending';
}

interface CronJobDraft {
  spec?: {
    concurrencyPolicy?: string;
    suspend?: boolean;
    successfulJobsHistoryLimit?: number;
    failedJobsHistoryLimit?: number;
    jobTemplate?: { spec?: { template?: Draft<PodTemplateSpec> } };
  };
}

/** The inner Job is not defaulted as a Job, only its pods are. */
export function defaultCronJob(cron: CronJobDraft): void {
  const spec = specOf(cron);
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const inner = specOf((spec.jobTemplate ??= {}));
  defaultTemplate(inner);
}

interface ControllerDraft {
  metadata: { labels?: Record<string, string> };
  spec?: { replicas?: number; selector?: Record<string, string>; template?: Draft<PodTemplateSpec> };
}

/** ReplicationController, the ancestor of ReplicaSet: it takes labels and selector from its template. */
export function defaultReplicationController(owner: ControllerDraft): void {
  const spec = specOf(owner);
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(owner.metadata.labels ?? {}).length === 0) owner.metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  defaultTemplate(spec);
}
