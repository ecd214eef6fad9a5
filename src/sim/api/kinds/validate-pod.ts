/** Validation of pods and pod templates. Upstream: pkg/apis/core/validation/validation.go, ValidatePodSpec and callers. */
import { sameValue } from '../equal';
import { duplicate, forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../names';
import { checkIp } from './check-addresses';
import { checkName, checkOneOf } from './checks';
import type { Container, Volume } from './container';
import type { Pod, PodSpec, PodTemplateSpec } from './pod';
import type { Toleration } from './scheduling';
import { validateAffinity, validateSpread } from './validate-affinity';
import { validateContainers } from './validate-container';
import { validateAnnotations, validateLabels } from './validate-meta';

export function validatePod(pod: Pod): FieldError[] {
  const { spec } = pod;
  const errors = validatePodSpec(spec, 'spec', true);
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
  if ((spec.schedulingGates ?? []).length === 0 || !spec.nodeName) return [];
  return [forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')];
}

export function validatePodTemplate(template: PodTemplateSpec | undefined, at: string): FieldError[] {
  return [
    // The labels' path lacks "metadata": the server's own slip.
    ...validateLabels(template?.metadata?.labels, `${at}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${at}.annotations`),
    ...validatePodSpec(template?.spec ?? { containers: [] }, `${at}.spec`, false),
  ];
}

function validatePodSpec(spec: PodSpec, at: string, isPod: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const volumes = spec.volumes ?? [];
  errors.push(...validateVolumes(volumes, `${at}.volumes`));
  const names = new Set<string>();
  const containers = spec.containers ?? [];
  if (containers.length === 0) errors.push(required(`${at}.containers`));
  errors.push(...validateContainers(containers, 'containers', at, volumes, names));
  errors.push(...validateContainers(spec.initContainers ?? [], 'initContainers', at, volumes, names));
  if (spec.hostNetwork) errors.push(...validateHostPorts(containers, `${at}.containers`, isPod));
  errors.push(...checkOneOf(`${at}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']));
  const policies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  errors.push(...checkOneOf(`${at}.dnsPolicy`, spec.dnsPolicy, policies));
  errors.push(...validateLabels(spec.nodeSelector, `${at}.nodeSelector`));
  errors.push(...validateAffinity(spec.affinity, `${at}.affinity`), ...validateDns(spec, `${at}.dnsConfig`));
  for (const [i, gate] of (spec.readinessGates ?? []).entries())
    errors.push(
      ...checkName(`${at}.readinessGates[${i}].conditionType`, gate.conditionType ?? '', qualifiedName),
    );
  errors.push(...validateGates(spec, at), ...validateSpread(spec, `${at}.topologySpreadConstraints`));
  errors.push(...validateNames(spec, at));
  for (const [i, toleration] of (spec.tolerations ?? []).entries())
    errors.push(...validateToleration(toleration, `${at}.tolerations[${i}]`));
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) {
    errors.push(...checkIp(`${at}.hostAliases[${i}].ip`, alias.ip ?? ''));
    for (const [j, name] of (alias.hostnames ?? []).entries())
      errors.push(...checkName(`${at}.hostAliases[${i}].hostnames[${j}]`, name, dnsSubdomain));
  }
  if (spec.priorityClassName)
    errors.push(...checkName(`${at}.priorityClassName`, spec.priorityClassName, dnsSubdomain));
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

const REQUIRED_SOURCE_FIELDS: Readonly<Record<string, string>> = {
  configMap: 'name',
  secret: 'secretName',
  hostPath: 'path',
  persistentVolumeClaim: 'claimName',
};

function validateVolumes(volumes: readonly Volume[], at: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, volume] of volumes.entries()) {
    const path = `${at}[${i}]`;
    const sources = Object.keys(volume).filter((field) => field !== 'name' && volume[field] !== undefined);
    for (const [n, source] of sources.entries()) {
      const needs = REQUIRED_SOURCE_FIELDS[source];
      if (n > 0) errors.push(forbiddenField(`${path}.${source}`, 'may not specify more than 1 volume type'));
      else if (needs && !(volume[source] as Record<string, unknown>)[needs])
        errors.push(required(`${path}.${source}.${needs}`));
    }
    if (!volume.name) errors.push(required(`${path}.name`));
    else errors.push(...checkName(`${path}.name`, volume.name, dnsLabel));
    if (volume.name && names.has(volume.name)) errors.push(duplicate(`${path}.name`, volume.name));
    names.add(volume.name);
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

/** Most of a pod is fixed once it exists. Not simulated: the Go diff that the server puts after this message. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const loose = ({ spec }: Pod): object => {
    const images = (list: readonly Container[] | undefined) => list?.map(({ image: _, ...rest }) => rest);
    const { activeDeadlineSeconds: _a, tolerations: _t, schedulingGates: _g, nodeName: _n, ...rest } = spec;
    const { terminationGracePeriodSeconds: _s, ...fixed } = rest;
    return { ...fixed, containers: images(spec.containers), initContainers: images(spec.initContainers) };
  };
  const errors: FieldError[] = [];
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
  const moved = old.spec.nodeName && pod.spec.nodeName !== old.spec.nodeName;
  if (moved || !sameValue(loose(pod), loose(old))) errors.push(forbiddenField('spec', FIXED_FIELDS));
  return errors;
}
