/** Validation of containers. Upstream: pkg/apis/core/validation/validation.go, validateContainers and its neighbours. */
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel } from '../names';
import { checkPortNumber, checkProtocol, portName } from './check-ports';
import { checkName, checkOneOf } from './checks';
import type { Container, ContainerPort, Volume } from './container';
import { validateEnv, validateEnvFrom } from './validate-env';
import { validateMounts } from './validate-mounts';
import { validateProbes } from './validate-probes';
import { validateResources } from './validate-resources';
import { validateSecurity } from './validate-security';

/** What of the pod decides on its containers. */
export interface PodSurroundings {
  /** Volumes that are in order, by name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly graceSeconds: number | undefined;
  readonly restartPolicy: string | undefined;
  readonly os: string | undefined;
  readonly hostUsers: boolean;
}

/** The list `containers`: at least one, no two of a name. */
export function validateContainers(
  containers: readonly Container[],
  at: string,
  pod: PodSurroundings,
): FieldError[] {
  if (containers.length === 0) return [required(at)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, container] of containers.entries()) {
    const path = `${at}[${i}]`;
    const { name = '' } = container;
    errors.push(...validateContainer(container, path, pod));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    errors.push(...validateProbes(container, path, pod));
    if (container.restartPolicy !== undefined)
      errors.push(forbiddenField(`${path}.restartPolicy`, 'may not be set for non-init containers'));
  }
  return [...errors, ...hostPortConflicts(containers, at)];
}

/** Init containers run one by one, have names of their own, and are sidecars with restartPolicy Always. */
export function validateInitContainers(
  containers: readonly Container[],
  at: string,
  pod: PodSurroundings,
  regular: readonly Container[],
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set(regular.map(({ name = '' }) => name));
  for (const [i, container] of containers.entries()) {
    const path = `${at}[${i}]`;
    const { name = '', restartPolicy } = container;
    errors.push(...validateContainer(container, path, pod));
    if (restartPolicy !== undefined && restartPolicy !== 'Always')
      errors.push(notSupported(`${path}.restartPolicy`, restartPolicy, ['Always']));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    else if (name !== '') names.add(name);
    // Each is looked at alone, so that the number is always 0: the server's own slip.
    errors.push(...hostPortConflicts([container], at));
    if (restartPolicy === 'Always') errors.push(...validateProbes(container, path, pod));
    else errors.push(...checkNoProbes(container, path));
  }
  return errors;
}

function checkNoProbes(container: Container, at: string): FieldError[] {
  const fields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  const why = 'may not be set for init containers without restartPolicy=Always';
  return fields
    .filter((field) => container[field] !== undefined)
    .map((field) => forbiddenField(`${at}.${field}`, why));
}

function validateContainer(container: Container, at: string, pod: PodSurroundings): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(required(`${at}.name`));
  else errors.push(...checkName(`${at}.name`, container.name, dnsLabel));
  if (!container.image) errors.push(required(`${at}.image`));
  errors.push(
    ...checkOneOf(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, [
      'FallbackToLogsOnError',
      'File',
    ]),
  );
  errors.push(...validatePorts(container.ports ?? [], `${at}.ports`));
  errors.push(...validateEnv(container.env ?? [], `${at}.env`));
  errors.push(...validateEnvFrom(container.envFrom ?? [], `${at}.envFrom`));
  const mounted = container.volumeMounts !== undefined || 'volumeDevices' in container;
  if (mounted) errors.push(...validateMounts(container, at, pod.volumes));
  errors.push(
    ...checkOneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
  );
  errors.push(...validateResources(container.resources, `${at}.resources`));
  errors.push(...checkResize(container, `${at}.resizePolicy`, pod.restartPolicy));
  if (container.securityContext)
    errors.push(...validateSecurity(container.securityContext, `${at}.securityContext`, pod.hostUsers));
  return errors;
}

interface Resize {
  readonly resizePolicy?: readonly { readonly resourceName?: string; readonly restartPolicy?: string }[];
}

/** What a change of resources in place does to the container (KEP-1287); all but duplicates are told of the list. */
function checkResize(container: Container, at: string, podPolicy: string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, one] of ((container as Resize).resizePolicy ?? []).entries()) {
    const { resourceName = '', restartPolicy = '' } = one;
    if (seen.has(resourceName)) errors.push(duplicate(`${at}[${i}]`, resourceName));
    seen.add(resourceName);
    errors.push(...checkOneOf(at, resourceName, ['cpu', 'memory']));
    errors.push(...checkOneOf(at, restartPolicy, ['NotRequired', 'RestartContainer']));
    if (podPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(
        invalidValue(at, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"),
      );
  }
  return errors;
}

function validatePorts(ports: readonly ContainerPort[], at: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const path = `${at}[${i}]`;
    if (port.name) {
      const wrong = checkName(`${path}.name`, port.name, portName);
      errors.push(...wrong);
      if (wrong.length === 0 && names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
      if (wrong.length === 0) names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${path}.containerPort`));
    else errors.push(...checkPortNumber(`${path}.containerPort`, port.containerPort));
    if (port.hostPort) errors.push(...checkPortNumber(`${path}.hostPort`, port.hostPort));
    errors.push(...checkProtocol(`${path}.protocol`, port.protocol));
  }
  return errors;
}

/** Two ports of one pod cannot have the same port of the node. */
function hostPortConflicts(containers: readonly Container[], at: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, container] of containers.entries())
    for (const [j, port] of (container.ports ?? []).entries()) {
      if (!port.hostPort) continue;
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (seen.has(key)) errors.push(duplicate(`${at}[${i}].ports[${j}].hostPort`, key));
      seen.add(key);
    }
  return errors;
}
