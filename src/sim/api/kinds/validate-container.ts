/** Validation of containers. Upstream: pkg/apis/core/validation/validation.go, validateContainers and its neighbours. */
import { duplicate, forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, qualifiedName } from '../names';
import { quantityValue } from '../quantity';
import { checkPortNumber, checkProtocol, portName } from './check-ports';
import { checkName, checkOneOf } from './checks';
import type { Container, ContainerPort, Volume } from './container';
import { validateEnv } from './validate-env';
import { validateProbes } from './validate-probes';

export type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';

/** All containers of one list; `taken` holds the names of the lists before it. */
export function validateContainers(
  containers: readonly Container[],
  list: ContainerList,
  spec: string,
  volumes: readonly Volume[],
  taken: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, container] of containers.entries()) {
    const at = `${spec}.${list}[${i}]`;
    errors.push(...validateContainer(container, at, volumes));
    if (container.name && taken.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    taken.add(container.name);
    errors.push(...(list === 'containers' ? validateMain(container, at) : validateInit(container, at)));
  }
  return [...errors, ...hostPortConflicts(containers, `${spec}.${list}`)];
}

function validateMain(container: Container, at: string): FieldError[] {
  const errors = validateProbes(container, at);
  if (container.restartPolicy !== undefined)
    errors.push(forbiddenField(`${at}.restartPolicy`, 'may not be set for non-init containers'));
  return errors;
}

/** Init containers have neither probes nor hooks, unless they are sidecars (restartPolicy Always). */
function validateInit(container: Container, at: string): FieldError[] {
  const { restartPolicy } = container;
  if (restartPolicy === 'Always') return validateProbes(container, at);
  const errors: FieldError[] = [];
  if (restartPolicy !== undefined)
    errors.push(...checkOneOf(`${at}.restartPolicy`, restartPolicy, ['Always']));
  for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    if (container[field] !== undefined)
      errors.push(
        forbiddenField(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'),
      );
  return errors;
}

function validateContainer(container: Container, at: string, volumes: readonly Volume[]): FieldError[] {
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
  errors.push(...validateMounts(container, `${at}.volumeMounts`, volumes));
  errors.push(
    ...checkOneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
  );
  errors.push(...validateResources(container.resources, `${at}.resources`));
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
      names.add(port.name);
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

function validateMounts(container: Container, at: string, volumes: readonly Volume[]): FieldError[] {
  const errors: FieldError[] = [];
  const paths = new Set<string>();
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const path = `${at}[${i}]`;
    if (!mount.name) errors.push(required(`${path}.name`));
    else if (!volumes.some((volume) => volume.name === mount.name))
      errors.push({
        field: `${path}.name`,
        type: 'FieldValueNotFound',
        message: `Not found: "${mount.name}"`,
      });
    if (!mount.mountPath) errors.push(required(`${path}.mountPath`));
    if (mount.mountPath && paths.has(mount.mountPath))
      errors.push(invalidValue(`${path}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (mount.subPath?.startsWith('/'))
      errors.push(invalidValue(`${path}.subPath`, mount.subPath, 'must be a relative path'));
    else if (mount.subPath?.split('/').includes('..'))
      errors.push(invalidValue(`${path}.subPath`, mount.subPath, "must not contain '..'"));
  }
  return errors;
}

const CONTAINER_RESOURCES = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;
const OTHER_RESOURCES =
  /^(?:storage|pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\.(?:nodeports|loadbalancers)|(?:requests|limits)\.(?:cpu|memory|storage|ephemeral-storage))$/;

function validateResourceName(name: string, at: string): FieldError[] {
  const errors = checkName(at, name, qualifiedName);
  if (errors.length > 0 || name.includes('/')) return errors;
  const standard = CONTAINER_RESOURCES.test(name);
  if (!standard && !OTHER_RESOURCES.test(name))
    errors.push(invalidValue(at, name, 'must be a standard resource type or fully qualified'));
  if (!standard) errors.push(invalidValue(at, name, 'must be a standard resource for containers'));
  return errors;
}

function validateResources(resources: Container['resources'], at: string): FieldError[] {
  const errors: FieldError[] = [];
  const limits = resources?.limits ?? {};
  const requests = resources?.requests ?? {};
  for (const [list, amounts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const)
    for (const [name, amount] of Object.entries(amounts)) {
      const path = `${at}.${list}[${name}]`;
      errors.push(...validateResourceName(name, path));
      const value = quantityValue(amount) ?? 0;
      if (value < 0) errors.push(invalidValue(path, String(amount), 'must be greater than or equal to 0'));
      const limit = list === 'requests' ? limits[name] : undefined;
      if (limit !== undefined && value > (quantityValue(limit) ?? 0))
        errors.push(
          invalidValue(
            `${at}.requests`,
            String(amount),
            `must be less than or equal to ${name} limit of ${String(limit)}`,
          ),
        );
    }
  return errors;
}
