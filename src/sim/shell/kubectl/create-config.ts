/** ConfigMaps, Secrets, quotas and disruption budgets that `kubectl create` makes from its flags (kubectl pkg/cmd/create). */
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { quantityValue } from './quantity';

/** KEY=VALUE pairs of --from-literal, and files of --from-file. */
function dataOf(k: Kubectl): Record<string, string> {
  const data: Record<string, string> = {};
  for (const text of k.flags.list('from-literal')) {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageError(`invalid literal source ${text}, expected key=value`);
    data[text.slice(0, equals)] = text.slice(equals + 1).replace(/^(['"])(.*)\1$/s, '$2');
  }
  for (const text of k.flags.list('from-file')) {
    const [key, path] = text.includes('=')
      ? [text.split('=')[0]!, text.slice(text.indexOf('=') + 1)]
      : [null, text];
    const files = k.world.readFiles(path);
    if (files === null) throw new UsageError(`error reading ${path}: no such file or directory`);
    for (const file of files) data[key ?? file.name.slice(file.name.lastIndexOf('/') + 1)] = file.text;
  }
  return data;
}

function withData(object: ApiObject, data: Readonly<Record<string, string>>): ApiObject {
  return Object.keys(data).length === 0 ? object : { ...object, data };
}

export function configMapSpec(k: Kubectl, name: string): ApiObject {
  return withData({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }, dataOf(k));
}

export function secretSpec(k: Kubectl, name: string): ApiObject {
  const data = Object.fromEntries(Object.entries(dataOf(k)).map(([key, text]) => [key, base64(text)]));
  const type = k.flags.text('type');
  const object: ApiObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...(type === '' ? {} : { type }),
  };
  return withData(object, data);
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648 base64 of a text in UTF-8. */
export function base64(text: string): string {
  const bytes = [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map((m) =>
    m[1] === undefined ? m[2]!.charCodeAt(0) : parseInt(m[1], 16),
  );
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    out += BASE64[word >> 18]! + BASE64[(word >> 12) & 63]!;
    out += (left > 1 ? BASE64[(word >> 6) & 63]! : '=') + (left > 2 ? BASE64[word & 63]! : '=');
  }
  return out;
}

export function quotaSpec(k: Kubectl, name: string): ApiObject {
  const hard = Object.fromEntries(
    k.flags
      .text('hard')
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [key = '', value = ''] = pair.split('=');
        if (value === '' || (quantityValue(value) === 0 && !/^0/.test(value))) {
          throw new UsageError(`invalid argument ${pair}, expected key=value`);
        }
        return [key, value];
      }),
  );
  const spec = Object.keys(hard).length === 0 ? {} : { hard };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec, status: {} };
}

export function disruptionBudgetSpec(k: Kubectl, name: string): ApiObject {
  const intOrText = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
  const [min, max] = [k.flags.text('min-available'), k.flags.text('max-unavailable')];
  if (k.flags.text('selector') === '') throw new UsageError('a selector must be specified');
  if (min === '' && max === '')
    throw new UsageError('one of min-available or max-unavailable must be specified');
  const matchLabels = Object.fromEntries(
    k.flags
      .text('selector')
      .split(',')
      .map((pair) => pair.split('=')),
  );
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: {
      ...(min === '' ? {} : { minAvailable: intOrText(min) }),
      ...(max === '' ? {} : { maxUnavailable: intOrText(max) }),
      selector: { matchLabels },
    },
    status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  };
}
