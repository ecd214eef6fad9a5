/** Namespace, Node, ConfigMap, Secret, PersistentVolume, StorageClass. Upstream: pkg/apis/core/v1/defaults.go, pkg/registry/core. */
import { sameValue } from '../equal';
import { forbiddenField, invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { labelValue, qualifiedName } from '../names';
import type { ApiObject } from '../object';
import type { Draft, KindRules } from '../rules';
import { checkName, checkOneOf } from './checks';
import type { ConfigMap, Namespace, Node, Secret } from './cluster';
import { configKey } from './validate-env';

/** Data of one ConfigMap or Secret, in bytes. */
const MAX_DATA = 1024 * 1024;

export const NAMESPACE_RULES: KindRules<Namespace> = {
  default(namespace) {
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      'kubernetes.io/metadata.name': namespace.metadata.name,
    };
    namespace.spec ??= {};
    namespace.status ??= {};
    namespace.status.phase ??= 'Active';
  },
  prepareCreate(namespace) {
    const spec = (namespace.spec ??= {});
    spec.finalizers = [...new Set([...(spec.finalizers ?? []), 'kubernetes'])];
  },
  prepareUpdate(namespace, old) {
    // Only the finalize subresource takes these off, which is the namespace controller's.
    namespace.spec = { finalizers: [...(old.spec?.finalizers ?? [])] };
  },
};

const NOT_READY = 'node.kubernetes.io/not-ready';

export const NODE_RULES: KindRules<Node> = {
  default(node) {
    const { status } = node;
    if (status?.capacity && status.allocatable === undefined) status.allocatable = { ...status.capacity };
    else if (status?.capacity) status.allocatable = { ...status.capacity, ...status.allocatable };
  },
  admitCreate(node) {
    // The TaintNodesByCondition plugin: nothing lands on a node before it has said that it is ready.
    const spec = (node.spec ??= {});
    if (spec.taints?.some((taint) => taint.key === NOT_READY)) return;
    spec.taints = [...(spec.taints ?? []), { key: NOT_READY, effect: 'NoSchedule' }];
  },
  validate(node) {
    const errors: FieldError[] = [];
    const seen = new Set<string>();
    for (const [i, taint] of (node.spec?.taints ?? []).entries()) {
      const at = `spec.taints[${i}]`;
      errors.push(...checkName(`${at}.key`, taint.key ?? '', qualifiedName));
      errors.push(...checkName(`${at}.value`, taint.value ?? '', labelValue));
      errors.push(
        ...checkOneOf(`${at}.effect`, taint.effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
      );
      const key = `${taint.key}:${taint.effect}`;
      if (seen.has(key))
        errors.push({
          field: at,
          type: 'FieldValueDuplicate',
          message: `Duplicate value: ${JSON.stringify({ key: taint.key, value: taint.value, effect: taint.effect })}: taints must be unique by key and effect pair`,
        });
      seen.add(key);
    }
    return errors;
  },
  validateUpdate(now, old) {
    const before = old.spec?.podCIDRs ?? [];
    if (before.length === 0 || sameValue(before, now.spec?.podCIDRs ?? [])) return [];
    return [forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')];
  },
};

type Keyed = Readonly<Record<string, string>> | undefined;

function validateData(object: ConfigMap | Secret, fields: Readonly<Record<string, Keyed>>): FieldError[] {
  const errors: FieldError[] = [];
  let total = 0;
  for (const [field, data] of Object.entries(fields))
    for (const [key, value] of Object.entries(data ?? {})) {
      errors.push(...checkName(`${field}[${key}]`, key, configKey));
      if (field === 'binaryData' && (object.data ?? {})[key] !== undefined)
        errors.push(invalidValue(`${field}[${key}]`, key, 'duplicate of key present in data'));
      total += value.length;
    }
  if (total > MAX_DATA)
    errors.push({
      field: '',
      type: 'FieldValueTooLong',
      message: `Too long: may not be more than ${MAX_DATA} bytes`,
    });
  return errors;
}

/** `immutable: true` cannot be taken back, and nothing changes under it. */
function validateFrozen(
  now: ConfigMap | Secret,
  old: ConfigMap | Secret,
  fields: readonly string[],
): FieldError[] {
  if (old.immutable !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  const errors = now.immutable === true ? [] : [forbiddenField('immutable', why)];
  const of = (object: ApiObject, field: string) => object[field] ?? {};
  for (const field of fields)
    if (!sameValue(of(now, field), of(old, field))) errors.push(forbiddenField(field, why));
  return errors;
}

export const CONFIGMAP_RULES: KindRules<ConfigMap> = {
  validate: (map) => validateData(map, { data: map.data, binaryData: map.binaryData }),
  validateUpdate: (now, old) => validateFrozen(now, old, ['data', 'binaryData']),
  statusSubresource: false,
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of the UTF-8 form of a text (RFC 4648). */
function base64(text: string): string {
  const bytes = encodeURIComponent(text)
    .match(/%[0-9A-F]{2}|[^%]/g)
    ?.map((unit) => (unit.length === 3 ? parseInt(unit.slice(1), 16) : unit.charCodeAt(0)));
  let out = '';
  for (let i = 0; i < (bytes?.length ?? 0); i += 3) {
    const [a = 0, b, c] = bytes!.slice(i, i + 3);
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => BASE64[(bits >> shift) & 63]!);
    out +=
      digits[0]! + digits[1]! + (b === undefined ? '=' : digits[2]!) + (c === undefined ? '=' : digits[3]!);
  }
  return out;
}

/** stringData is only a way to write data. */
function foldStringData(secret: Draft<Secret>): void {
  const { stringData } = secret;
  if (stringData === undefined) return;
  const data = { ...secret.data };
  for (const [key, value] of Object.entries(stringData)) data[key] = base64(value);
  secret.data = data;
  delete (secret as { stringData?: unknown }).stringData;
}

/** Keys without which a Secret of a type is of no use. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function validateSecretType(secret: Secret): FieldError[] {
  const missing = (SECRET_KEYS[secret.type ?? ''] ?? []).filter((key) => secret.data?.[key] === undefined);
  return missing.map((key) => required(`data[${key}]`));
}

export const SECRET_RULES: KindRules<Secret> = {
  default(secret) {
    (secret as { type?: string }).type ||= 'Opaque';
  },
  prepareCreate: foldStringData,
  prepareUpdate: foldStringData,
  validate: (secret) => [...validateData(secret, { data: secret.data }), ...validateSecretType(secret)],
  validateUpdate: (now, old) => [
    ...(now.type === old.type ? [] : [invalidValue('type', now.type, 'field is immutable')]),
    ...validateFrozen(now, old, ['data']),
  ],
  statusSubresource: false,
};

interface Volume extends ApiObject {
  readonly spec?: { readonly persistentVolumeReclaimPolicy?: string; readonly volumeMode?: string };
  readonly status?: { readonly phase?: string };
}

export const PERSISTENTVOLUME_RULES: KindRules<Volume> = {
  default(volume) {
    if (volume.spec) {
      volume.spec.persistentVolumeReclaimPolicy ??= 'Retain';
      volume.spec.volumeMode ??= 'Filesystem';
    }
    volume.status ??= {};
    volume.status.phase ??= 'Pending';
  },
};

interface StorageClass extends ApiObject {
  readonly provisioner?: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
}

export const STORAGECLASS_RULES: KindRules<StorageClass> = {
  default(storage) {
    const draft = storage as { reclaimPolicy?: string; volumeBindingMode?: string };
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  validate: (storage) => (storage.provisioner ? [] : [required('provisioner')]),
  statusSubresource: false,
};
