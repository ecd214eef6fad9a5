/** Validation of volumeMounts and volumeDevices. Upstream: pkg/apis/core/validation/validation.go, ValidateVolumeMounts. */
import { forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { checkDescending, checkNoBacksteps } from './check-paths';
import type { Container, Volume } from './container';
import type { ContainerSecurity } from './validate-security';

interface Mount {
  readonly name?: string;
  readonly mountPath?: string;
  readonly subPath?: string;
  readonly subPathExpr?: string;
  readonly readOnly?: boolean;
  readonly mountPropagation?: string;
  readonly recursiveReadOnly?: string;
}

interface Device {
  readonly name?: string;
  readonly devicePath?: string;
}

type Volumes = ReadonlyMap<string, Volume>;

function notFound(field: string, value: string): FieldError {
  return { field, type: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(value)}` };
}

/** Mounts and devices of one container; `volumes` are those of the pod that are in order. */
export function validateMounts(container: Container, at: string, volumes: Volumes): FieldError[] {
  const mounts = (container.volumeMounts ?? []) as readonly Mount[];
  const devices = ((container as { volumeDevices?: readonly Device[] }).volumeDevices ??
    []) as readonly Device[];
  return [
    ...checkMounts(mounts, devices, container, `${at}.volumeMounts`, volumes),
    ...checkDevices(devices, mounts, `${at}.volumeDevices`, volumes),
  ];
}

function checkMounts(
  mounts: readonly Mount[],
  devices: readonly Device[],
  container: Container,
  at: string,
  volumes: Volumes,
): FieldError[] {
  const errors: FieldError[] = [];
  const paths = new Set<string>();
  for (const [i, mount] of mounts.entries()) {
    const { name = '', mountPath = '' } = mount;
    const path = `${at}[${i}]`;
    const say = (field: string, value: string, why: string) =>
      errors.push(invalidValue(`${path}.${field}`, value, why));
    if (name === '') errors.push(required(`${path}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${path}.name`, name));
    if (mountPath === '') errors.push(required(`${path}.mountPath`));
    if (paths.has(mountPath)) say('mountPath', mountPath, 'must be unique');
    paths.add(mountPath);
    if (devices.some((device) => (device.name ?? '') === name))
      say('name', name, 'must not already exist in volumeDevices');
    if (devices.some((device) => (device.devicePath ?? '') === mountPath))
      say('mountPath', mountPath, 'must not already exist as a path in volumeDevices');
    // From here on the paths lack the number of the mount: the server's own slip.
    if (mount.subPath) errors.push(...checkDescending(`${at}.subPath`, mount.subPath));
    if (mount.subPathExpr) {
      if (mount.subPath)
        say('subPathExpr', mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive');
      errors.push(...checkDescending(`${at}.subPathExpr`, mount.subPathExpr));
    }
    errors.push(...checkPropagation(mount, container, at), ...checkRecursive(mount, at));
  }
  return errors;
}

function checkPropagation({ mountPropagation: how }: Mount, container: Container, at: string): FieldError[] {
  if (how === undefined) return [];
  const field = `${at}.mountPropagation`;
  const known = ['Bidirectional', 'HostToContainer', 'None'];
  if (!known.includes(how)) return [notSupported(field, how, known)];
  const privileged = (container.securityContext as ContainerSecurity | undefined)?.privileged === true;
  if (how !== 'Bidirectional' || privileged) return [];
  return [
    forbiddenField(field, 'Bidirectional mount propagation is available only to privileged containers'),
  ];
}

function checkRecursive(mount: Mount, at: string): FieldError[] {
  const { recursiveReadOnly: how, mountPropagation = 'None' } = mount;
  if (how === undefined || how === 'Disabled') return [];
  const field = `${at}.recursiveReadOnly`;
  if (how !== 'Enabled' && how !== 'IfPossible')
    return [notSupported(field, how, ['Disabled', 'Enabled', 'IfPossible'])];
  const errors: FieldError[] = [];
  if (!mount.readOnly) errors.push(forbiddenField(field, 'may only be specified when readOnly is true'));
  if (mountPropagation !== 'None')
    errors.push(
      forbiddenField(field, 'may only be specified when mountPropagation is None or not specified'),
    );
  return errors;
}

function checkDevices(
  devices: readonly Device[],
  mounts: readonly Mount[],
  at: string,
  volumes: Volumes,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [i, { name = '', devicePath = '' }] of devices.entries()) {
    const path = `${at}[${i}]`;
    const say = (field: string, value: string, why: string) =>
      errors.push(invalidValue(`${path}.${field}`, value, why));
    const volume = volumes.get(name);
    if (name === '') errors.push(required(`${path}.name`));
    if (names.has(name)) say('name', name, 'must be unique');
    if (volume && !volume['persistentVolumeClaim'] && !volume['ephemeral'])
      say(
        'name',
        name,
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      );
    if (!volume) errors.push(notFound(`${path}.name`, name));
    if (devicePath === '') errors.push(required(`${path}.devicePath`));
    if (paths.has(devicePath)) say('devicePath', devicePath, 'must be unique');
    if (devicePath !== '' && checkNoBacksteps(path, devicePath).length > 0)
      say('devicePath', devicePath, "can not contain backsteps ('..')");
    else paths.add(devicePath);
    if (mounts.some((mount) => (mount.name ?? '') === name))
      say('name', name, 'must not already exist in volumeMounts');
    if (mounts.some((mount) => (mount.mountPath ?? '') === devicePath))
      say('devicePath', devicePath, 'must not already exist as a path in volumeMounts');
    if (name !== '') names.add(name);
  }
  return errors;
}
