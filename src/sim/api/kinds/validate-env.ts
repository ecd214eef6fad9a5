/** Validation of environment variables. Upstream: pkg/apis/core/validation/validation.go, ValidateEnv. */
import { invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsSubdomain, qualifiedName } from '../names';
import { canonicalQuantity, quantityValue } from '../quantity';
import { checkName } from './checks';
import type { EnvVar } from './container';

/** What a variable may take from its pod. */
const ALLOWED = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** Fields the server can name and does not hand out to variables. */
const NAMED = [
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'metadata.annotations',
  'metadata.labels',
];
const HUGE = /^(?:limits|requests)\.hugepages-/;

/** Any printable ASCII but "=" (KEP-4369). */
function relaxedName(name: string): string[] {
  if (/^[ -<>-~]+$/.test(name)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** The list `env` of a container. */
export function validateEnv(env: readonly EnvVar[], at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, variable] of env.entries()) {
    const path = `${at}[${i}]`;
    if (!variable.name) errors.push(required(`${path}.name`));
    else errors.push(...checkName(`${path}.name`, variable.name, relaxedName));
    if (variable.valueFrom !== undefined) errors.push(...validateSource(variable, `${path}.valueFrom`));
  }
  return errors;
}

function validateSource(variable: EnvVar, at: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom!;
  const errors: FieldError[] = [];
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(
    (one) => one !== undefined,
  ).length;
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, `${at}.fieldRef`, ALLOWED));
  if (resourceFieldRef)
    errors.push(...validateResourceRef(resourceFieldRef, `${at}.resourceFieldRef`, false));
  for (const [name, ref] of Object.entries({ configMapKeyRef, secretKeyRef })) {
    if (ref === undefined) continue;
    errors.push(...checkName(`${at}.${name}.name`, ref.name ?? '', dnsSubdomain));
    if (!ref.key) errors.push(required(`${at}.${name}.key`));
    else errors.push(...checkName(`${at}.${name}.key`, ref.key, configKey));
  }
  if (count === 0)
    errors.push(
      invalidValue(
        at,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    );
  else if (variable.value)
    errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'));
  else if (count > 1)
    errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
  return errors;
}

const RESOURCE_NAMES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** A field of the pod, for a variable or a file. */
export interface FieldRef {
  readonly apiVersion?: string;
  readonly fieldPath?: string;
}

/** A field of the pod (podshelper.ConvertDownwardAPIFieldLabel, then the list of what may be had in this place). */
export function validateFieldRef(ref: FieldRef, at: string, allowed: readonly string[]): FieldError[] {
  const { apiVersion = '', fieldPath: path = '' } = ref;
  const field = `${at}.fieldPath`;
  const unknown = (why: string) => [invalidValue(field, path, `error converting fieldPath: ${why}`)];
  if (apiVersion === '') return [required(`${at}.apiVersion`)];
  if (path === '') return [required(field)];
  if (apiVersion !== 'v1') return unknown(`unsupported pod version: ${apiVersion}`);
  const [, map, key] = /^(.+?)\['(.*)'\]$/.exec(path) ?? [];
  if (map !== undefined && key !== undefined) {
    if (map === 'metadata.annotations') return checkName(at, key.toLowerCase(), qualifiedName);
    if (map === 'metadata.labels') return checkName(at, key, qualifiedName);
    return unknown(`field label does not support subscript: ${path}`);
  }
  // An old spelling that clients of v1 still send.
  const internal = path === 'spec.host' ? 'spec.nodeName' : path;
  if (allowed.includes(internal)) return [];
  if (ALLOWED.includes(internal) || NAMED.includes(internal)) return [notSupported(field, internal, allowed)];
  return unknown(`field label not supported: ${path}`);
}

/** A request or limit of a container, for a variable or a file. */
export interface ResourceRef {
  readonly containerName?: string;
  readonly resource?: string;
  readonly divisor?: string | number;
}

const SIZES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** Units in which a resource may be told. */
function checkDivisor({ resource = '', divisor }: ResourceRef, at: string): FieldError[] {
  if (divisor === undefined || quantityValue(divisor) === 0) return [];
  const shown = canonicalQuantity(divisor);
  const field = `${at}.divisor`;
  if (/^(?:limits|requests)\.cpu$/.test(resource)) {
    if (shown === '1' || shown === '1m') return [];
    return [
      invalidValue(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource"),
    ];
  }
  const [, what] = /^(?:limits|requests)\.(memory|ephemeral-storage|hugepages-.*)$/.exec(resource) ?? [];
  if (what === undefined || SIZES.includes(shown)) return [];
  const name =
    what === 'memory' ? 'memory' : what.startsWith('huge') ? 'hugepages' : 'local ephemeral storage';
  const why = `only divisor's values ${SIZES.join(', ')} are supported with the ${name} resource`;
  return [invalidValue(field, resource, why)];
}

/** An amount of a container; in a volume the container must be named. */
export function validateResourceRef(ref: ResourceRef, at: string, inVolume: boolean): FieldError[] {
  const { containerName, resource = '' } = ref;
  const errors: FieldError[] = [];
  if (inVolume && !containerName) errors.push(required(`${at}.containerName`));
  else if (resource === '') errors.push(required(`${at}.resource`));
  else if (!RESOURCE_NAMES.includes(resource) && !HUGE.test(resource))
    errors.push(notSupported(`${at}.resource`, resource, RESOURCE_NAMES));
  return [...errors, ...checkDivisor(ref, at)];
}

interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name?: string };
  readonly secretRef?: { readonly name?: string };
}

/** Whole ConfigMaps and Secrets as variables. */
export function validateEnvFrom(sources: readonly EnvFrom[], at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, source] of sources.entries()) {
    const path = `${at}[${i}]`;
    if (source.prefix) errors.push(...checkName(`${path}.prefix`, source.prefix, relaxedName));
    const refs = (['configMapRef', 'secretRef'] as const).filter((name) => source[name] !== undefined);
    for (const name of refs) {
      const field = `${path}.${name}.name`;
      const told = source[name]?.name ?? '';
      errors.push(...(told === '' ? [required(field)] : checkName(field, told, dnsSubdomain)));
    }
    // About the list and not the entry: the server's own slip.
    if (refs.length === 0)
      errors.push(invalidValue(at, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (refs.length > 1)
      errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

/** Keys of ConfigMaps and Secrets: what may be a file name. */
export function configKey(key: string): string[] {
  const out: string[] = [];
  if (key.length > 253) out.push('must be no more than 253 characters');
  if (!/^[-._a-zA-Z0-9]+$/.test(key))
    out.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  if (key === '.' || key === '..') out.push(`must not be '${key}'`);
  else if (key.startsWith('..')) out.push("must not start with '..'");
  return out;
}
