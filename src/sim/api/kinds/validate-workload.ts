/** Validation of workloads. Upstream: pkg/apis/apps/validation/validation.go. */
import { sameValue } from '../equal';
import { forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, regexMessage } from '../names';
import { checkName, checkNonNegative, checkOneOf } from './checks';
import type { IntOrString, LabelSelector } from './meta';
import type { PodTemplateSpec } from './pod';
import { validatePodTemplate, validateTemplateMeta } from './validate-pod';
import { isEmpty, isUsable, selects, shownSelector, validateSelector } from './validate-selector';
import type { DaemonSet, Deployment, ReplicaSet, RollingUpdate, StatefulSet } from './workload';

const PERCENT = /^[0-9]+%$/;
const MISMATCH = '`selector` does not match template `labels`';
const TEMPLATE = 'spec.template';

function checkAmount(field: string, amount: IntOrString | undefined): FieldError[] {
  if (typeof amount !== 'string') return checkNonNegative(field, amount);
  if (PERCENT.test(amount)) return [];
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return [invalidValue(field, amount, regexMessage(message, '[0-9]+%', '1%', '93%'))];
}

function checkHundred(field: string, amount: IntOrString | undefined): FieldError[] {
  if (typeof amount !== 'string' || !PERCENT.test(amount) || parseInt(amount, 10) <= 100) return [];
  return [invalidValue(field, amount, 'must not be greater than 100%')];
}

function amountOf(amount: IntOrString | undefined): number {
  if (typeof amount === 'string') return PERCENT.test(amount) ? parseInt(amount, 10) : 0;
  return amount ?? 0;
}

function checkSelector(selector: LabelSelector | undefined, what: string): FieldError[] {
  if (selector === undefined) return [required('spec.selector')];
  const errors = validateSelector(selector, 'spec.selector');
  if (isEmpty(selector))
    errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${what}`));
  return errors;
}

/** The template and whether the selector finds what is made from it. */
function checkTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  what: string,
): FieldError[] {
  return [
    ...checkLabels(selector, template),
    ...validatePodTemplate(template, TEMPLATE),
    ...checkRestart(template, what),
  ];
}

function checkLabels(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): FieldError[] {
  const labels = template?.metadata?.labels;
  if ((selector !== undefined && isEmpty(selector)) || selects(selector, labels)) return [];
  return [invalidValue(`${TEMPLATE}.metadata.labels`, labels ?? null, MISMATCH)];
}

function checkRestart(template: PodTemplateSpec | undefined, what: string): FieldError[] {
  const errors: FieldError[] = [];
  const policy = template?.spec?.restartPolicy;
  // A policy that does not exist has been complained of already, and is told again, as the server does.
  if (template !== undefined && policy !== 'Always')
    errors.push(notSupported(`${TEMPLATE}.spec.restartPolicy`, policy ?? '', ['Always']));
  if (template?.spec?.activeDeadlineSeconds !== undefined)
    errors.push(
      forbiddenField(
        `${TEMPLATE}.spec.activeDeadlineSeconds`,
        `activeDeadlineSeconds in ${what} is not Supported`,
      ),
    );
  return errors;
}

function unusable(selector: LabelSelector | undefined): boolean {
  return selector !== undefined && !isUsable(selector);
}

/** Selector, template, counts and strategy of a Deployment. */
export function validateDeployment({ spec = EMPTY as Deployment['spec'] }: Deployment): FieldError[] {
  const errors = checkNonNegative('spec.replicas', spec.replicas);
  errors.push(...checkSelector(spec.selector, 'deployment'));
  if (unusable(spec.selector))
    errors.push(invalidValue('spec.selector', shownSelector(spec.selector), 'invalid label selector'));
  else errors.push(...checkTemplate(spec.selector, spec.template, 'ReplicaSet'));
  errors.push(...validateStrategy(spec.strategy ?? {}));
  errors.push(...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds));
  errors.push(...checkNonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit));
  const deadline = spec.progressDeadlineSeconds;
  errors.push(...checkNonNegative('spec.progressDeadlineSeconds', deadline));
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0))
    errors.push(
      invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'),
    );
  return errors;
}

const EMPTY = {};

function validateStrategy(strategy: NonNullable<Deployment['spec']['strategy']>): FieldError[] {
  const at = 'spec.strategy.rollingUpdate';
  const { type, rollingUpdate: rolling } = strategy;
  if (type === 'Recreate')
    return rolling === undefined
      ? []
      : [forbiddenField(at, "may not be specified when strategy `type` is 'Recreate'")];
  if (type !== 'RollingUpdate')
    return [notSupported('spec.strategy', shownStrategy(type, rolling), ['Recreate', 'RollingUpdate'])];
  if (rolling === undefined) return [required(at, 'this should be defaulted and never be nil')];
  const errors = checkAmount(`${at}.maxUnavailable`, rolling.maxUnavailable);
  errors.push(...checkAmount(`${at}.maxSurge`, rolling.maxSurge));
  if (amountOf(rolling.maxUnavailable) === 0 && amountOf(rolling.maxSurge) === 0)
    errors.push(
      invalidValue(`${at}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'),
    );
  errors.push(...checkHundred(`${at}.maxUnavailable`, rolling.maxUnavailable));
  return errors;
}

/** The internal struct, whose fields have their Go names in messages. */
function shownStrategy(type: string | undefined, rolling: RollingUpdate | undefined): object {
  const shown = rolling && { MaxUnavailable: rolling.maxUnavailable ?? 0, MaxSurge: rolling.maxSurge ?? 0 };
  return { Type: type ?? '', RollingUpdate: shown ?? null };
}

/** Selector, template and count of a ReplicaSet. */
export function validateReplicaSet({ spec = EMPTY as ReplicaSet['spec'] }: ReplicaSet): FieldError[] {
  const errors = checkNonNegative('spec.replicas', spec.replicas);
  errors.push(...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds));
  // The server says deployment here too.
  errors.push(...checkSelector(spec.selector, 'deployment'));
  if (unusable(spec.selector))
    errors.push(invalidValue('spec.selector', shownSelector(spec.selector), 'invalid label selector'));
  else errors.push(...checkTemplate(spec.selector, spec.template, 'ReplicaSet'));
  return errors;
}

/** Selector, template and update strategy of a DaemonSet. */
export function validateDaemonSet({ spec = EMPTY as DaemonSet['spec'] }: DaemonSet): FieldError[] {
  const { selector, template, updateStrategy = {} } = spec;
  const errors = validateSelector(selector, 'spec.selector');
  const labels = template?.metadata?.labels;
  if (!unusable(selector) && !selects(selector, labels))
    errors.push(invalidValue(`${TEMPLATE}.metadata.labels`, labels ?? null, MISMATCH));
  if (selector !== undefined && isEmpty(selector))
    errors.push(invalidValue('spec.selector', selector, 'empty selector is invalid for daemonset'));
  errors.push(...validatePodTemplate(template, TEMPLATE), ...checkRestart(template, 'DaemonSet'));
  errors.push(...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds));
  const at = 'spec.updateStrategy';
  const { type, rollingUpdate } = updateStrategy;
  if (type === 'RollingUpdate')
    errors.push(...validateDaemonRolling(rollingUpdate ?? {}, `${at}.rollingUpdate`));
  else if (type !== 'OnDelete')
    errors.push(notSupported(at, shownStrategy(type, rollingUpdate), ['RollingUpdate', 'OnDelete']));
  errors.push(...checkNonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit));
  return errors;
}

function validateDaemonRolling(rolling: RollingUpdate, at: string): FieldError[] {
  const { maxUnavailable, maxSurge } = rolling;
  const errors = checkAmount(`${at}.maxUnavailable`, maxUnavailable);
  errors.push(...checkAmount(`${at}.maxSurge`, maxSurge));
  errors.push(
    ...checkHundred(`${at}.maxUnavailable`, maxUnavailable),
    ...checkHundred(`${at}.maxSurge`, maxSurge),
  );
  const gone = amountOf(maxUnavailable) !== 0;
  const extra = amountOf(maxSurge) !== 0;
  if (gone && extra)
    errors.push(invalidValue(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!gone && !extra) errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

/** maxUnavailable of a StatefulSet (KEP-961) may not be nothing. */
function validateStatefulRolling(rolling: RollingUpdate, at: string): FieldError[] {
  const errors = checkNonNegative(`${at}.partition`, rolling.partition);
  const { maxUnavailable } = rolling;
  if (maxUnavailable === undefined) return errors;
  const field = `${at}.maxUnavailable`;
  errors.push(...checkAmount(field, maxUnavailable));
  if (amountOf(maxUnavailable) === 0) errors.push(invalidValue(field, maxUnavailable, 'cannot be 0'));
  return [...errors, ...checkHundred(field, maxUnavailable)];
}

/** The internal struct, as messages show it. */
function shownRolling(rolling: RollingUpdate | undefined): object | null {
  return rolling === undefined
    ? null
    : { Partition: rolling.partition ?? 0, MaxUnavailable: rolling.maxUnavailable ?? null };
}

function validateStatefulStrategy(
  strategy: NonNullable<StatefulSet['spec']['updateStrategy']>,
): FieldError[] {
  const at = 'spec.updateStrategy';
  const { type, rollingUpdate } = strategy;
  if (type === 'RollingUpdate')
    return rollingUpdate === undefined ? [] : validateStatefulRolling(rollingUpdate, `${at}.rollingUpdate`);
  if (type === 'OnDelete') {
    if (rollingUpdate === undefined) return [];
    const why = "only allowed for updateStrategy 'RollingUpdate'";
    return [invalidValue(`${at}.rollingUpdate`, shownRolling(rollingUpdate), why)];
  }
  const shown = { Type: type ?? '', RollingUpdate: shownRolling(rollingUpdate) };
  return [invalidValue(at, shown, "must be 'RollingUpdate' or 'OnDelete'")];
}

/** Selector, template, order and update strategy of a StatefulSet. */
export function validateStatefulSet({ spec = EMPTY as StatefulSet['spec'] }: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  const { podManagementPolicy: policy, ordinals } = spec;
  if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...validateStatefulStrategy(spec.updateStrategy ?? {}));
  const keep = (spec.persistentVolumeClaimRetentionPolicy ?? {}) as Record<string, string | undefined>;
  for (const when of ['whenDeleted', 'whenScaled'])
    if (keep[when] !== undefined)
      errors.push(
        ...checkOneOf(`spec.persistentVolumeClaimRetentionPolicy.${when}`, keep[when], ['Retain', 'Delete']),
      );
  errors.push(...checkNonNegative('spec.replicas', spec.replicas));
  errors.push(...checkNonNegative('spec.minReadySeconds', spec.minReadySeconds));
  errors.push(...checkNonNegative('spec.ordinals.start', ordinals?.start));
  errors.push(...checkSelector(spec.selector, 'statefulset'));
  if (unusable(spec.selector)) errors.push(invalidValue('spec.selector', shownSelector(spec.selector), ''));
  else
    errors.push(
      ...checkLabels(spec.selector, spec.template),
      ...validateTemplateMeta(spec.template, TEMPLATE),
    );
  return [...errors, ...checkRestart(spec.template, 'StatefulSet')];
}

/** Only a new set is asked for a name that DNS can have; an old one may keep what it has. */
export function validateStatefulSetCreate({ spec }: StatefulSet): FieldError[] {
  const name = spec?.serviceName;
  return name ? checkName('spec.serviceName', name, dnsLabel) : [];
}

/** The selector of Deployments, ReplicaSets and DaemonSets stays as it was made. */
export function validateSelectorUpdate(
  now: Deployment | ReplicaSet | DaemonSet,
  old: typeof now,
): FieldError[] {
  if (sameValue(now.spec?.selector, old.spec?.selector)) return [];
  return [invalidValue('spec.selector', shownSelector(now.spec?.selector), 'field is immutable')];
}

const STATEFUL_MAY_CHANGE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

/** What of a StatefulSet may change once it exists. */
export function validateStatefulSetUpdate(now: StatefulSet, old: StatefulSet): FieldError[] {
  const rest = (spec: StatefulSet['spec']): object => {
    const left: Record<string, unknown> = { ...spec };
    for (const field of STATEFUL_MAY_CHANGE) delete left[field];
    return left;
  };
  if (sameValue(rest(now.spec), rest(old.spec))) return [];
  const list = STATEFUL_MAY_CHANGE.map((field) => `'${field}'`);
  const text = `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${text} are forbidden`)];
}
