/** Validation of environment variables. Upstream: pkg/apis/core/validation/validation.go, ValidateEnv. */
import { invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsSubdomain } from '../names';
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
/** Fields the server can name and does not hand out. */
const NAMED = [
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.nominatedNodeName',
  'metadata.annotations',
  'metadata.labels',
];
const RESOURCES = /^(?:limits|requests)\.(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** Any printable ASCII but "=" (KEP-4369). */
function relaxedName(name: string): string[] {
  if (/^[ -<>-~]+$/.test(name)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

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
  if (fieldRef) errors.push(...validateFieldRef(fieldRef.fieldPath ?? '', `${at}.fieldRef`));
  if (resourceFieldRef) {
    const { resource = '' } = resourceFieldRef;
    if (resource === '') errors.push(required(`${at}.resourceFieldRef.resource`));
    else if (!RESOURCES.test(resource))
      errors.push(notSupported(`${at}.resourceFieldRef.resource`, resource, RESOURCE_NAMES));
  }
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

function validateFieldRef(path: string, at: string): FieldError[] {
  if (path === '') return [required(`${at}.fieldPath`)];
  const subscript = /^(.+)\['(.+)'\]$/.exec(path);
  if (subscript !== null) {
    if (subscript[1] === 'metadata.annotations' || subscript[1] === 'metadata.labels') return [];
    return [
      invalidValue(
        `${at}.fieldPath`,
        path,
        `error converting fieldPath: field label does not support subscript`,
      ),
    ];
  }
  if (ALLOWED.includes(path)) return [];
  if (NAMED.includes(path)) return [notSupported(`${at}.fieldPath`, path, ALLOWED)];
  return [
    invalidValue(`${at}.fieldPath`, path, `error converting fieldPath: field label not supported: ${path}`),
  ];
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
