/** Namespace, Node, ConfigMap, Secret, PersistentVolume, StorageClass. Upstream: pkg/apis/core/v1/defaults.go, pkg/registry/core. */
import { base64Length, utf8Length } from '../../../lib/bytes';
import { sameValue } from '../equal';
import { duplicate, forbiddenField, invalidValue, required, tooLong } from '../field-errors';
import type { FieldError } from '../field-error';
import { labelValue, qualifiedName } from '../names';
import type { ApiObject } from '../object';
import type { Draft, KindRules } from '../rules';
import { checkCidr } from './check-addresses';
import { checkName, checkOneOf } from './checks';
import type { ConfigMap, Namespace, Node, Secret } from './cluster';
import { configKey } from './validate-env';
import { validateFinalizer } from './validate-meta';

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
  validate: ({ spec }) =>
    (spec?.finalizers ?? []).flatMap((name) => validateFinalizer(name, 'spec.finalizers')),
  prepareUpdate(namespace, old) {
    // Only the finalize subresource takes these off, which is the namespace controller's.
    namespace.spec = { finalizers: [...(old.spec?.finalizers ?? [])] };
  },
};

const NOT_READY = 'node.kubernetes.io/not-ready';

/** Taints are complained of below metadata, where they once were annotations: the server's own slip. */
function validateNode({ spec }: Node): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { key = '', value = '', effect, timeAdded }] of (spec?.taints ?? []).entries()) {
    const at = `metadata.taints[${i}]`;
    errors.push(...checkName(`${at}.key`, key, qualifiedName));
    const wrong = labelValue(value);
    if (wrong.length > 0) errors.push(invalidValue(`${at}.value`, value, wrong.join(';')));
    errors.push(...checkOneOf(`${at}.effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']));
    const shown = { Key: key, Value: value, Effect: effect ?? '', TimeAdded: timeAdded ?? null };
    const why = 'taints must be unique by key and effect pair';
    if (seen.has(`${key}:${effect}`)) {
      const { message, ...rest } = duplicate(at, shown);
      errors.push({ ...rest, message: `${message}: ${why}` });
    }
    seen.add(`${key}:${effect}`);
  }
  const cidrs = spec?.podCIDRs ?? [];
  for (const [i, cidr] of cidrs.entries()) errors.push(...checkCidr(`spec.podCIDRs[${i}]`, cidr));
  const families = new Set(cidrs.map((cidr) => cidr.includes(':')));
  if (cidrs.length > 1 && (families.size < 2 || cidrs.length > 2))
    errors.push(invalidValue('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'));
  return errors;
}

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
  validate: validateNode,
  validateUpdate(now, old) {
    const errors: FieldError[] = [];
    const before = old.spec?.podCIDRs ?? [];
    const only = (what: string) => `node updates may not change ${what} except from "" to valid`;
    if (before.length > 0 && !sameValue(before, now.spec?.podCIDRs ?? []))
      errors.push(forbiddenField('spec.podCIDRs', only('podCIDR')));
    const id = old.spec?.providerID ?? '';
    if (id !== '' && id !== (now.spec?.providerID ?? ''))
      errors.push(forbiddenField('spec.providerID', only('providerID')));
    return errors;
  },
};

function validateConfigMap(map: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  const { data = {}, binaryData = {} } = map;
  let total = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...checkName(`data[${key}]`, key, configKey));
    if (binaryData[key] !== undefined)
      errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    total += utf8Length(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...checkName(`binaryData[${key}]`, key, configKey));
    total += base64Length(value);
  }
  // About the whole object, which has no path.
  return total > MAX_DATA ? [...errors, tooLong('', MAX_DATA)] : errors;
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
  validate: validateConfigMap,
  updateFirst: true,
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
};
const ACCOUNT = 'kubernetes.io/service-account.name';

/** Not simulated: that the contents of docker credentials are JSON. */
function validateSecretType(secret: Secret): FieldError[] {
  const data = secret.data ?? {};
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return secret.metadata.annotations?.[ACCOUNT] ? [] : [required(`metadata.annotations[${ACCOUNT}]`)];
    case 'kubernetes.io/basic-auth':
      // One of the two is enough.
      if (data['username'] !== undefined || data['password'] !== undefined) return [];
      return [required('data[username]'), required('data[password]')];
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')];
    default: {
      const missing = (SECRET_KEYS[secret.type ?? ''] ?? []).filter((key) => data[key] === undefined);
      return missing.map((key) => required(`data[${key}]`));
    }
  }
}

function validateSecret(secret: Secret): FieldError[] {
  const entries = Object.entries(secret.data ?? {});
  const errors = entries.flatMap(([key]) => checkName(`data[${key}]`, key, configKey));
  const total = entries.reduce((sum, [, value]) => sum + base64Length(value), 0);
  if (total > MAX_DATA) errors.push(tooLong('data', MAX_DATA));
  return [...errors, ...validateSecretType(secret)];
}

export const SECRET_RULES: KindRules<Secret> = {
  default(secret) {
    (secret as { type?: string }).type ||= 'Opaque';
  },
  prepareCreate: foldStringData,
  prepareUpdate: foldStringData,
  validate: validateSecret,
  updateFirst: true,
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
