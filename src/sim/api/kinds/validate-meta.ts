/** Validation of metadata, for every kind. Upstream: apimachinery pkg/api/validation/objectmeta.go. */
import { utf8Length } from '../../../lib/bytes';
import { forbiddenField, invalidValue, required, tooLong } from '../field-errors';
import type { FieldError } from '../field-error';
import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  labelValue,
  pathSegment,
  qualifiedName,
  type NameCheck,
} from '../names';
import type { ApiObject, ObjectMeta } from '../object';
import { kindKey, resourceOf } from './resources';

const ANNOTATIONS_LIMIT = 256 * 1024;
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

const NAME_CHECKS: Readonly<Record<string, NameCheck>> = {
  Service: dns1035Label,
  Namespace: dnsLabel,
  StatefulSet: dnsLabel,
  Role: pathSegment,
  ClusterRole: pathSegment,
  RoleBinding: pathSegment,
  ClusterRoleBinding: pathSegment,
};

/** Metadata of a new object. */
export function validateMeta(object: ApiObject): FieldError[] {
  const { kind, apiVersion, metadata } = object;
  const check = NAME_CHECKS[kindKey(kind, apiVersion)] ?? dnsSubdomain;
  const { namespaced } = resourceOf(kind, apiVersion);
  const errors: FieldError[] = [];
  if (metadata.generateName)
    for (const message of check(maskTrailingDash(metadata.generateName)))
      errors.push(invalidValue('metadata.generateName', metadata.generateName, message));
  if (!metadata.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else
    for (const message of check(metadata.name))
      errors.push(invalidValue('metadata.name', metadata.name, message));
  if (namespaced && metadata.namespace !== undefined)
    for (const message of dnsLabel(metadata.namespace))
      errors.push(invalidValue('metadata.namespace', metadata.namespace, message));
  errors.push(...validateLabels(metadata.labels, 'metadata.labels'));
  errors.push(...validateAnnotations(metadata.annotations, 'metadata.annotations'));
  errors.push(...validateOwners(metadata));
  for (const [i, finalizer] of (metadata.finalizers ?? []).entries())
    errors.push(...validateFinalizer(finalizer, `metadata.finalizers[${i}]`));
  return errors;
}

/** generateName may end in a dash; for the check it is as if a letter followed. */
function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

/** Keys and values of a label map; every complaint is about the whole field, as the server has it. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(labels ?? {})) {
    for (const message of qualifiedName(key)) errors.push(invalidValue(field, key, message));
    const value = labels![key]!;
    for (const message of labelValue(value)) errors.push(invalidValue(field, value, message));
  }
  return errors;
}

/** Keys are qualified names in any case; all of it together at most 256 KiB. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let total = 0;
  for (const key of Object.keys(annotations ?? {})) {
    for (const message of qualifiedName(key.toLowerCase())) errors.push(invalidValue(field, key, message));
    total += utf8Length(key) + utf8Length(annotations![key]!);
  }
  if (total > ANNOTATIONS_LIMIT) errors.push(tooLong(field, ANNOTATIONS_LIMIT));
  return errors;
}

/** The path has no number of the reference: the server's own slip. */
function validateOwners(metadata: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'metadata.ownerReferences';
  const owners = metadata.ownerReferences ?? [];
  let first: string | null = null;
  for (const { apiVersion, kind, name, uid, controller } of owners) {
    if (!apiVersion) errors.push(invalidValue(`${field}.apiVersion`, '', 'version must not be empty'));
    if (!kind) errors.push(invalidValue(`${field}.kind`, '', 'kind must not be empty'));
    if (!name) errors.push(invalidValue(`${field}.name`, '', 'name must not be empty'));
    if (!uid) errors.push(invalidValue(`${field}.uid`, '', 'uid must not be empty'));
    if (controller !== true) continue;
    const shown = `${kind}/${name}`;
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${shown}`;
    if (first !== null) errors.push(invalidValue(field, owners, why));
    first ??= shown;
  }
  return errors;
}

/** A name of one's own, or one of the three that Kubernetes has itself. */
export function validateFinalizer(finalizer: string, field: string): FieldError[] {
  const errors = qualifiedName(finalizer).map((message) => invalidValue(field, finalizer, message));
  if (errors.length > 0 || finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return errors;
  return [
    invalidValue(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'),
  ];
}

/** What an update may not do to metadata. The name is not looked at again: it cannot change. */
export function validateMetaUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  const before = new Set(old.metadata.finalizers);
  const added = (metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (old.metadata.deletionTimestamp !== undefined && added.length > 0)
    errors.push(
      forbiddenField(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => `"${f}"`).join(', ')}}`,
      ),
    );
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const [now, was] = [metadata[field], old.metadata[field]];
    // A uid that is left out is filled in from the stored object.
    const same = (now ?? '') === (was ?? '') || (field === 'uid' && now === undefined);
    if (!same) errors.push(invalidValue(`metadata.${field}`, now, 'field is immutable'));
  }
  errors.push(...validateLabels(metadata.labels, 'metadata.labels'));
  errors.push(...validateAnnotations(metadata.annotations, 'metadata.annotations'));
  errors.push(...validateOwners(metadata));
  for (const [i, finalizer] of added.entries())
    errors.push(...validateFinalizer(finalizer, `metadata.finalizers[${i}]`));
  return errors;
}
