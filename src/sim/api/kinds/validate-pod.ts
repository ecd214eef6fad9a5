/** Validation of pods and pod templates. Upstream: pkg/apis/core/validation/validation.go, ValidatePodSpec and callers. */
import { sameValue } from '../equal';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../names';
import { checkIp } from './check-addresses';
import { checkName, checkOneOf } from './checks';
import type { Container, Volume } from './container';
import type { Pod, PodSpec, PodTemplateSpec } from './pod';
import type { Toleration } from './scheduling';
import { validateAffinity, validateSpread } from './validate-affinity';
import { validateContainers, validateInitContainers } from './validate-container';
import { validateAnnotations, validateLabels } from './validate-meta';
import { validatePodSecurity, type HostUse } from './validate-security';
import { validateVolumes } from './validate-volumes';

export function validatePod(pod: Pod): FieldError[] {
  const { spec } = pod;
  const errors = validatePodSpec(spec, 'spec', pod.metadata.name || null);
  // Templates are spared this one, because old objects must stay valid.
  for (const list of ['containers', 'initContainers'] as const)
    for (const [i, container] of (spec[list] ?? []).entries())
      if (container.image && container.image.trim() !== container.image)
        errors.push(
          invalidValue(
            `spec.${list}[${i}].image`,
            container.image,
            'must not have leading or trailing whitespace',
          ),
        );
  return errors;
}

export function validatePodCreate({ spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  if ((spec.schedulingGates ?? []).length > 0 && spec.nodeName)
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return errors;
}

/** Labels and annotations of a template. The paths lack "metadata": the server's own slip. */
export function validateTemplateMeta(template: PodTemplateSpec | undefined, at: string): FieldError[] {
  return [
    ...validateLabels(template?.metadata?.labels, `${at}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${at}.annotations`),
  ];
}

export function validatePodTemplate(template: PodTemplateSpec | undefined, at: string): FieldError[] {
  const spec = template?.spec ?? { containers: [] };
  const errors = [...validateTemplateMeta(template, at), ...validatePodSpec(spec, `${at}.spec`, null)];
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(
      forbiddenField(`${at}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'),
    );
  return errors;
}

/** Fields that the simulator has no use for, and the server checks. */
interface RareSpec extends HostUse {
  readonly runtimeClassName?: string;
  readonly preemptionPolicy?: string;
}

/** Volumes, and the containers that mount them. */
function validateLists(spec: PodSpec, at: string, podName: string | null): FieldError[] {
  const { volumes = [], containers = [], initContainers = [] } = spec;
  const { errors, usable } =
    volumes.length > 0
      ? validateVolumes(volumes, `${at}.volumes`, podName ?? '')
      : { errors: [], usable: NONE };
  const pod = {
    volumes: usable,
    graceSeconds: spec.terminationGracePeriodSeconds,
    restartPolicy: spec.restartPolicy,
    os: spec.os?.name,
    hostUsers: (spec as RareSpec).hostUsers !== false,
  };
  return [
    ...errors,
    ...validateContainers(containers, `${at}.containers`, pod),
    ...validateInitContainers(initContainers, `${at}.initContainers`, pod, containers),
  ];
}

const NONE: ReadonlyMap<string, Volume> = new Map();

/** `podName` is null in a template. */
function validatePodSpec(spec: PodSpec, at: string, podName: string | null): FieldError[] {
  const errors: FieldError[] = [];
  const rare = spec as RareSpec;
  const containers = spec.containers ?? [];
  errors.push(...validateLists(spec, at, podName));
  if (spec.hostNetwork) errors.push(...validateHostPorts(containers, `${at}.containers`, podName !== null));
  errors.push(...checkOneOf(`${at}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']));
  const policies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  errors.push(...checkOneOf(`${at}.dnsPolicy`, spec.dnsPolicy, policies));
  errors.push(...validateLabels(spec.nodeSelector, `${at}.nodeSelector`));
  if (spec.securityContext && Object.keys(spec.securityContext).length > 0)
    errors.push(...validatePodSecurity(spec.securityContext, `${at}.securityContext`, rare));
  errors.push(...validateAffinity(spec.affinity, `${at}.affinity`), ...validateDns(spec, `${at}.dnsConfig`));
  for (const [i, gate] of (spec.readinessGates ?? []).entries())
    errors.push(
      ...checkName(`${at}.readinessGates[${i}].conditionType`, gate.conditionType ?? '', qualifiedName),
    );
  errors.push(...validateGates(spec, at), ...validateSpread(spec, `${at}.topologySpreadConstraints`));
  if (rare.hostUsers === false) errors.push(...checkHostUse(rare, at));
  errors.push(...validateNames(spec, at));
  for (const [i, toleration] of (spec.tolerations ?? []).entries())
    errors.push(...validateToleration(toleration, `${at}.tolerations[${i}]`));
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) {
    errors.push(...checkIp(`${at}.hostAliases[${i}].ip`, alias.ip ?? ''));
    for (const [j, name] of (alias.hostnames ?? []).entries())
      errors.push(...checkName(`${at}.hostAliases[${i}].hostnames[${j}]`, name, dnsSubdomain));
  }
  return [...errors, ...validateClasses(spec, at)];
}

/** Names of classes, and the system that the pod needs. */
function validateClasses(spec: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { runtimeClassName, preemptionPolicy } = spec as RareSpec;
  if (spec.priorityClassName)
    errors.push(...checkName(`${at}.priorityClassName`, spec.priorityClassName, dnsSubdomain));
  if (runtimeClassName !== undefined)
    errors.push(...checkName(`${at}.runtimeClassName`, runtimeClassName, dnsSubdomain));
  if (preemptionPolicy !== undefined)
    errors.push(...checkOneOf(`${at}.preemptionPolicy`, preemptionPolicy, ['PreemptLowerPriority', 'Never']));
  if (spec.os && !spec.os.name) errors.push(required(`${at}.os.name`));
  else if (spec.os && !['linux', 'windows'].includes(spec.os.name))
    errors.push(notSupported(`${at}.os`, spec.os.name, ['linux', 'windows']));
  return errors;
}

/** A pod with users of its own may not have the host's namespaces; the capital letters are the server's. */
function checkHostUse(use: HostUse, at: string): FieldError[] {
  const why = 'when `hostUsers` is false';
  const errors: FieldError[] = [];
  if (use.hostNetwork) errors.push(forbiddenField(`${at}.hostNetwork`, why));
  if (use.hostPID) errors.push(forbiddenField(`${at}.HostPID`, why));
  if (use.hostIPC) errors.push(forbiddenField(`${at}.HostIPC`, why));
  return errors;
}

function validateNames(spec: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.serviceAccountName)
    errors.push(...checkName(`${at}.serviceAccountName`, spec.serviceAccountName, dnsSubdomain));
  if (spec.nodeName) errors.push(...checkName(`${at}.nodeName`, spec.nodeName, dnsSubdomain));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > 2_147_483_647))
    errors.push(
      invalidValue(`${at}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'),
    );
  if (spec.hostname) errors.push(...checkName(`${at}.hostname`, spec.hostname, dnsLabel));
  if (spec.subdomain) errors.push(...checkName(`${at}.subdomain`, spec.subdomain, dnsLabel));
  return errors;
}

function validateGates(spec: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { name = '' }] of (spec.schedulingGates ?? []).entries()) {
    const path = `${at}.schedulingGates[${i}]`;
    errors.push(...checkName(path, name, qualifiedName));
    if (seen.has(name)) errors.push(duplicate(path, name));
    seen.add(name);
  }
  return errors;
}

/** On the host's network a port is the host's; in a template it may be left to the pod's defaults. */
function validateHostPorts(containers: readonly Container[], at: string, isPod: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, container] of containers.entries())
    for (const [j, port] of (container.ports ?? []).entries()) {
      const host = port.hostPort ?? 0;
      if ((isPod || host !== 0) && host !== port.containerPort)
        errors.push(
          invalidValue(
            `${at}[${i}].ports[${j}].hostPort`,
            host,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    }
  return errors;
}

function validateDns(spec: PodSpec, at: string): FieldError[] {
  const { dnsConfig: config, dnsPolicy } = spec;
  const errors: FieldError[] = [];
  if (dnsPolicy === 'None' && config === undefined)
    return [required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  if (dnsPolicy === 'None' && (config?.nameservers ?? []).length === 0)
    return [
      required(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
    ];
  const { nameservers = [], searches = [], options = [] } = config ?? {};
  if (nameservers.length > 3)
    errors.push(invalidValue(`${at}.nameservers`, nameservers, 'must not have more than 3 nameservers'));
  for (const [i, server] of nameservers.entries()) errors.push(...checkIp(`${at}.nameservers[${i}]`, server));
  if (searches.length > 32)
    errors.push(invalidValue(`${at}.searches`, searches, 'must not have more than 32 search paths'));
  if (searches.join(' ').length > 2048) {
    const why = 'must not have more than 2048 characters (including spaces) in the search list';
    errors.push(invalidValue(`${at}.searches`, searches, why));
  }
  for (const [i, search] of searches.entries()) {
    const name = search.replace(/\.$/, '');
    // Since 1.32 a search may be "." and may hold underscores (KEP-4427).
    if (search !== '.')
      errors.push(
        ...checkName(`${at}.searches[${i}]`, name, (text) =>
          dnsSubdomain(text.replace(/_/g, '-').replace(/(^|\.)-/g, '$1a')),
        ),
      );
  }
  for (const [i, option] of options.entries())
    if (!option.name) errors.push(required(`${at}.options[${i}]`, 'must not be empty'));
  return errors;
}

function validateToleration(toleration: Toleration, at: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const errors: FieldError[] = [];
  if (key !== '') errors.push(...checkName(`${at}.key`, key, qualifiedName));
  else if (operator !== 'Exists') {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidValue(`${at}.operator`, operator, why));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    errors.push(
      invalidValue(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    );
  if (operator === '' || operator === 'Equal') {
    const wrong = labelValue(value);
    if (wrong.length > 0) errors.push(invalidValue(`${at}.operator`, value, wrong.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '')
      errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  } else errors.push(...checkOneOf(`${at}.operator`, operator, ['Equal', 'Exists']));
  if (effect !== '')
    errors.push(...checkOneOf(`${at}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
  return errors;
}

const FIXED_FIELDS =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Containers may get another image, and none may come or go. */
function checkImages(now: readonly Container[], old: readonly Container[], at: string): FieldError[] {
  if (now.length !== old.length) return [forbiddenField(at, 'pod updates may not add or remove containers')];
  const errors: FieldError[] = [];
  for (const [i, { image = '' }] of now.entries()) {
    if (image === '') errors.push(required(`${at}[${i}].image`));
    if (image.trim() !== image)
      errors.push(invalidValue(`${at}[${i}].image`, image, 'must not have leading or trailing whitespace'));
  }
  return errors;
}

/** A deadline may be set, and be moved to an earlier moment. */
function checkDeadline(now: number | undefined, old: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (now === undefined)
    return old === undefined
      ? []
      : [invalidValue(field, null, 'must not update from a positive integer to nil value')];
  if (now < 0 || now > 2_147_483_647)
    return [invalidValue(field, now, 'must be between 0 and 2147483647, inclusive')];
  if (old !== undefined && old < now)
    return [invalidValue(field, now, 'must be less than or equal to previous value')];
  return [];
}

/** A gate may be lifted and none be added. */
function checkGates(now: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map((gate) => gate.name));
  return (now.schedulingGates ?? []).flatMap(({ name }, i) => {
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return before.has(name) ? [] : [forbiddenField(`spec.schedulingGates[${i}].name`, why)];
  });
}

/** What must be the same before and after; a gated pod may still be steered to other nodes. */
function fixedPart(spec: PodSpec, old: PodSpec): object {
  const images = (list: readonly Container[] | undefined) => list?.map(({ image: _, ...rest }) => rest);
  const { activeDeadlineSeconds: _a, tolerations: _t, schedulingGates: _g, nodeName: _n, ...rest } = spec;
  const { terminationGracePeriodSeconds: grace, nodeSelector, ...fixed } = rest;
  const gated = (old.schedulingGates ?? []).length > 0;
  const saved = (old.terminationGracePeriodSeconds ?? 0) < 0 && grace === 1;
  return {
    ...fixed,
    terminationGracePeriodSeconds: saved ? old.terminationGracePeriodSeconds : grace,
    ...(gated ? {} : { nodeSelector }),
    containers: images(spec.containers),
    initContainers: images(spec.initContainers),
  };
}

/** A gated pod's nodeSelector may only grow. */
function checkSelectorGrows(now: PodSpec, old: PodSpec): FieldError[] {
  if ((old.schedulingGates ?? []).length === 0) return [];
  const grown = Object.entries(old.nodeSelector ?? {}).every(
    ([key, value]) => now.nodeSelector?.[key] === value,
  );
  if (grown) return [];
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [invalidValue('spec.nodeSelector', now.nodeSelector ?? null, why)];
}

/** Most of a pod is fixed once it exists. Not simulated: the Go diff that the server puts after the last message. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['containers', 'initContainers'] as const) {
    const wrong = checkImages(pod.spec[list] ?? [], old.spec[list] ?? [], `spec.${list}`);
    errors.push(...wrong);
    if (wrong[0]?.field === `spec.${list}`) return errors;
  }
  const deadline = checkDeadline(pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0 && pod.spec.activeDeadlineSeconds !== undefined) return errors;
  const kept = (old.spec.tolerations ?? []).every((one) =>
    (pod.spec.tolerations ?? []).some((other) =>
      sameValue({ ...one, tolerationSeconds: 0 }, { ...other, tolerationSeconds: 0 }),
    ),
  );
  if (!kept)
    errors.push(
      forbiddenField(
        'spec.tolerations',
        'existing toleration can not be modified except its tolerationSeconds',
      ),
    );
  errors.push(...checkGates(pod.spec, old.spec), ...checkSelectorGrows(pod.spec, old.spec));
  const moved = old.spec.nodeName && pod.spec.nodeName !== old.spec.nodeName;
  if (moved || !sameValue(fixedPart(pod.spec, old.spec), fixedPart(old.spec, old.spec)))
    errors.push(forbiddenField('spec', FIXED_FIELDS));
  return errors;
}
