/** Validation of the volumes of a pod. Upstream: pkg/apis/core/validation/validation.go, ValidateVolumes. */
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain } from '../names';
import { quantityValue } from '../quantity';
import { checkMode, checkNoBacksteps, checkNotReserved } from './check-paths';
import { checkName } from './checks';
import type { Volume } from './container';
import { validateFieldRef, validateResourceRef } from './validate-env';
import type { FieldRef, ResourceRef } from './validate-env';

type Fields = Readonly<Record<string, unknown>>;

interface KeyPath {
  readonly key?: string;
  readonly path?: string;
  readonly mode?: number;
}

interface DownwardFile {
  readonly path?: string;
  readonly mode?: number;
  readonly fieldRef?: FieldRef;
  readonly resourceFieldRef?: ResourceRef;
}

interface Keyed {
  readonly defaultMode?: number;
  readonly items?: readonly KeyPath[];
}

/** What the variables of a pod show as files; other fields than variables have. */
const DOWNWARD_FILES = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const HOST_PATHS = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function needs(source: Fields, at: string, ...fields: readonly string[]): FieldError[] {
  return fields
    .filter((field) => !source[field] || (source[field] as readonly unknown[]).length === 0)
    .map((field) => required(`${at}.${field}`));
}

function checkKeyed(source: Keyed, at: string): FieldError[] {
  const errors = checkMode(`${at}.defaultMode`, source.defaultMode);
  for (const [i, item] of (source.items ?? []).entries())
    errors.push(...checkItem(item, `${at}.items[${i}]`));
  return errors;
}

function checkItem({ key, path = '', mode }: KeyPath, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!key) errors.push(required(`${at}.key`));
  if (path === '') errors.push(required(`${at}.path`));
  return [...errors, ...checkNotReserved(`${at}.path`, path), ...checkMode(`${at}.mode`, mode)];
}

/** The files are complained of without their number: the server's own slip. */
function checkDownward(file: DownwardFile, at: string): FieldError[] {
  const { path = '', fieldRef, resourceFieldRef } = file;
  const errors: FieldError[] = path === '' ? [required(`${at}.path`)] : [];
  errors.push(...checkNotReserved(`${at}.path`, path));
  if (fieldRef) {
    errors.push(...validateFieldRef(fieldRef, `${at}.fieldRef`, DOWNWARD_FILES));
    if (resourceFieldRef)
      errors.push(
        invalidValue(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'),
      );
  } else if (resourceFieldRef)
    errors.push(...validateResourceRef(resourceFieldRef, `${at}.resourceFieldRef`, true));
  else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...checkMode(`${at}.mode`, file.mode)];
}

interface TokenSource {
  readonly expirationSeconds?: number;
  readonly path?: string;
}

function checkToken(token: TokenSource, at: string, source: string): FieldError[] {
  const errors: FieldError[] = [];
  const { expirationSeconds = 0, path = '' } = token;
  const field = `${source}.expirationSeconds`;
  if (expirationSeconds < 600)
    errors.push(invalidValue(field, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  if (expirationSeconds > 2 ** 32)
    errors.push(
      invalidValue(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'),
    );
  // The path is looked for beside the sources: the server's own slip.
  if (path === '') errors.push(required(`${at}.path`));
  else errors.push(...checkNotReserved(`${at}.path`, path));
  return errors;
}

interface Projection {
  readonly secret?: Keyed & { readonly name?: string };
  readonly configMap?: Keyed & { readonly name?: string };
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[] };
  readonly serviceAccountToken?: TokenSource;
}

function checkProjected(volume: Fields, at: string): FieldError[] {
  const errors = checkMode(`${at}.defaultMode`, volume['defaultMode'] as number | undefined);
  const paths = new Set<string>();
  const take = (path: string | undefined, shown: string) => {
    if (path && paths.has(path)) errors.push(invalidValue(at, shown, 'conflicting duplicate paths'));
    if (path) paths.add(path);
  };
  for (const [i, source] of ((volume['sources'] ?? []) as readonly Projection[]).entries()) {
    const path = `${at}.sources[${i}]`;
    for (const kind of ['secret', 'configMap'] as const) {
      const keyed = source[kind];
      if (!keyed) continue;
      if (!keyed.name) errors.push(required(`${path}.${kind}.name`));
      for (const [j, item] of (keyed.items ?? []).entries()) {
        errors.push(...checkItem(item, `${path}.${kind}.items[${j}]`));
        take(item.path, keyed.name ?? '');
      }
    }
    for (const file of source.downwardAPI?.items ?? []) {
      errors.push(...checkDownward(file, `${path}.downwardAPI`));
      take(file.path, file.path ?? '');
    }
    if (source.serviceAccountToken)
      errors.push(...checkToken(source.serviceAccountToken, at, `${path}.serviceAccountToken`));
    if (Object.values(source).filter((one) => one !== undefined).length > 1)
      errors.push(forbiddenField(path, 'may not specify more than 1 volume type per source'));
  }
  return errors;
}

function checkHostPath(source: Fields, at: string): FieldError[] {
  const { path = '', type = '' } = source as { path?: string; type?: string };
  if (path === '') return [required(`${at}.path`)];
  const errors = checkNoBacksteps(`${at}.path`, path);
  if (!HOST_PATHS.includes(type)) errors.push(notSupported(`${at}.type`, type, HOST_PATHS));
  return errors;
}

function checkNfs(source: Fields, at: string): FieldError[] {
  const { path = '' } = source as { path?: string };
  const errors = needs(source, at, 'server', 'path');
  if (!path.startsWith('/')) errors.push(invalidValue(`${at}.path`, path, 'must be an absolute path'));
  return errors;
}

function checkEmptyDir(source: Fields, at: string): FieldError[] {
  const limit = source['sizeLimit'] as string | number | undefined;
  if (limit === undefined || (quantityValue(limit) ?? 0) >= 0) return [];
  return [forbiddenField(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')];
}

type SourceCheck = (source: Fields, at: string) => FieldError[];

/**
 * Every source in the order in which the server looks at them; a second one is refused where it stands.
 * Not simulated: what the sources of single vendors ask for (disks of clouds, iscsi, fc, csi and their like).
 */
const SOURCES: Readonly<Record<string, SourceCheck | undefined>> = {
  emptyDir: checkEmptyDir,
  hostPath: checkHostPath,
  gitRepo: (source, at) => needs(source, at, 'repository'),
  gcePersistentDisk: undefined,
  awsElasticBlockStore: undefined,
  secret: (source, at) => [...needs(source, at, 'secretName'), ...checkKeyed(source as Keyed, at)],
  nfs: checkNfs,
  iscsi: undefined,
  glusterfs: (source, at) => needs(source, at, 'endpoints', 'path'),
  flocker: undefined,
  persistentVolumeClaim: (source, at) => needs(source, at, 'claimName'),
  rbd: (source, at) => needs(source, at, 'monitors', 'image'),
  cinder: (source, at) => needs(source, at, 'volumeID'),
  cephfs: (source, at) => needs(source, at, 'monitors'),
  quobyte: undefined,
  downwardAPI: (source, at) => [
    ...checkMode(`${at}.defaultMode`, source['defaultMode'] as number | undefined),
    ...((source['items'] ?? []) as readonly DownwardFile[]).flatMap((file) => checkDownward(file, at)),
  ],
  fc: undefined,
  flexVolume: (source, at) => needs(source, at, 'driver'),
  configMap: (source, at) => [...needs(source, at, 'name'), ...checkKeyed(source as Keyed, at)],
  azureFile: (source, at) => needs(source, at, 'secretName', 'shareName'),
  vsphereVolume: (source, at) => needs(source, at, 'volumePath'),
  photonPersistentDisk: (source, at) => needs(source, at, 'pdID'),
  portworxVolume: (source, at) => needs(source, at, 'volumeID'),
  azureDisk: undefined,
  storageos: undefined,
  projected: checkProjected,
  scaleIO: undefined,
  csi: (source, at) => needs(source, at, 'driver'),
  ephemeral: (source, at) => needs(source, at, 'volumeClaimTemplate'),
  image: (source, at) => needs(source, at, 'reference'),
};

/** The path by which a second source is refused differs from the field's name here: the server's own slips. */
const REFUSED_AS: Readonly<Record<string, string>> = { downwardAPI: 'downwarAPI', cephfs: 'cephFS' };

function validateSource(volume: Volume, at: string, podName: string): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const [name, check] of Object.entries(SOURCES)) {
    const source = volume[name];
    if (source === undefined || typeof source !== 'object') continue;
    if (count > 0)
      errors.push(
        forbiddenField(`${at}.${REFUSED_AS[name] ?? name}`, 'may not specify more than 1 volume type'),
      );
    else errors.push(...(check?.(source as Fields, `${at}.${name}`) ?? []));
    count++;
    if (name === 'ephemeral' && podName !== '' && volume.name) {
      const claim = `${podName}-${volume.name}`;
      for (const message of dnsSubdomain(claim))
        errors.push(invalidValue(`${at}.name`, volume.name, `PVC name "${claim}": ${message}`));
    }
  }
  if (count === 0) errors.push(required(at, 'must specify a volume type'));
  return errors;
}

/** What became of a list of volumes. */
export interface VolumeNames {
  readonly errors: FieldError[];
  /** Those without an error, by name: only they can be mounted. */
  readonly usable: ReadonlyMap<string, Volume>;
}

/** `podName` is empty for templates, whose pods have no name yet. */
export function validateVolumes(volumes: readonly Volume[], at: string, podName: string): VolumeNames {
  const errors: FieldError[] = [];
  const usable = new Map<string, Volume>();
  for (const [i, volume] of volumes.entries()) {
    const path = `${at}[${i}]`;
    const wrong = validateSource(volume, path, podName);
    if (!volume.name) wrong.push(required(`${path}.name`));
    else wrong.push(...checkName(`${path}.name`, volume.name, dnsLabel));
    if (usable.has(volume.name)) wrong.push(duplicate(`${path}.name`, volume.name));
    if (wrong.length === 0) usable.set(volume.name, volume);
    errors.push(...wrong);
  }
  return { errors, usable };
}
