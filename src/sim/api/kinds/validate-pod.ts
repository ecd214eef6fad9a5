/** Validation of pods and pod templates. Upstream: pkg/apis/core/validation/validation.go, ValidatePodSpec and callers. */
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../names';
import { checkIp } from './check-addresses';
import { checkInt32, checkName, checkOneOf } from './checks';
import type { Container, Volume } from './container';
import type { Pod, PodSpec, PodTemplateSpec } from './pod';
import type { Toleration } from './scheduling';
import { validateAffinity, validateSpread } from './validate-affinity';
import { validateContainers, validateInitContainers } from './validate-container';
import { validateAnnotations, validateLabels } from './validate-meta';
import { validatePodSecurity, type HostUse } from './validate-security';
import { validateVolumes } from './validate-volumes';

/** A pod as it is written, new or changed. */
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

/** What only a new pod may not have. */
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

/** The pods that a workload makes; `at` is the template's field path. */
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
  errors.push(...checkInt32(`${at}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1));
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
