/** ConfigMaps, Secrets, quotas and disruption budgets that `kubectl create` makes from its flags (kubectl pkg/cmd/create). */
import { encodeBase64 } from '../../../lib/bytes';
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { configKey } from '../../api/kinds/validate-env';
import { checkedQuantity } from './quantity';

/** How a ConfigMap or a Secret words what is wrong with a key. */
interface Wording {
  readonly twice: (key: string) => string;
  readonly wrong: (key: string, why: string) => string;
}

const MAP: (name: string) => Wording = (name) => ({
  twice: (key) =>
    `cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${name}"`,
  wrong: (key, why) => `"${key}" is not a valid key name for a ConfigMap: ${why}`,
});
const SECRET: Wording = {
  twice: (key) => `cannot add key ${key}, another key by that name already exists`,
  wrong: (key, why) => `"${key}" is not valid key name for a Secret ${why}`,
};

/** KEY=VALUE pairs of --from-literal, files of --from-file and of --from-env-file. */
function dataOf(k: Kubectl, wording: Wording): Record<string, string> {
  const data: Record<string, string> = {};
  const add = (key: string, value: string) => {
    const why = configKey(key);
    if (why.length > 0) throw new UsageError(wording.wrong(key, why.join(',')));
    if (data[key] !== undefined) throw new UsageError(wording.twice(key));
    data[key] = value;
  };
  const envFiles = k.flags.list('from-env-file');
  if (envFiles.length > 0 && (k.flags.has('from-file') || k.flags.has('from-literal')))
    throw new UsageError('from-env-file cannot be combined with from-file or from-literal');
  for (const text of k.flags.list('from-literal')) {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageError(`invalid literal source ${text}, expected key=value`);
    add(text.slice(0, equals), text.slice(equals + 1).replace(/^(['"])(.*)\1$/s, '$2'));
  }
  for (const text of k.flags.list('from-file')) {
    const [key, path] = text.includes('=')
      ? [text.split('=')[0]!, text.slice(text.indexOf('=') + 1)]
      : [null, text];
    for (const file of filesAt(k, path))
      add(key ?? file.name.slice(file.name.lastIndexOf('/') + 1), file.text);
  }
  for (const path of envFiles)
    for (const line of filesAt(k, path).flatMap((file) => file.text.split('\n'))) {
      const text = line.trimStart().replace(/\r$/, '');
      if (text === '' || text.startsWith('#')) continue;
      const [key = '', ...rest] = text.split('=');
      add(key, rest.join('='));
    }
  return data;
}

function filesAt(k: Kubectl, path: string): readonly { name: string; text: string }[] {
  const files = k.world.readFiles(path);
  if (files === null) throw new UsageError(`error reading ${path}: no such file or directory`);
  return files;
}

function withData(object: ApiObject, data: Readonly<Record<string, string>>): ApiObject {
  return Object.keys(data).length === 0 ? object : { ...object, data };
}

export function configMapSpec(k: Kubectl, name: string): ApiObject {
  return withData({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }, dataOf(k, MAP(name)));
}

export function secretSpec(k: Kubectl, name: string): ApiObject {
  const data = Object.fromEntries(
    Object.entries(dataOf(k, SECRET)).map(([key, text]) => [key, encodeBase64(text)]),
  );
  const type = k.flags.text('type');
  const object: ApiObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...(type === '' ? {} : { type }),
  };
  return withData(object, data);
}

export function quotaSpec(k: Kubectl, name: string): ApiObject {
  const hard = Object.fromEntries(
    k.flags
      .text('hard')
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [key = '', value, ...more] = pair.split('=');
        if (value === undefined || more.length > 0)
          throw new UsageError(`invalid argument syntax ${pair}, expected <resource>=<value>`);
        return [key, checkedQuantity(value)];
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
  if (min !== '' && max !== '')
    throw new UsageError('min-available and max-unavailable cannot be both specified');
  const flag = min === '' ? 'max-unavailable' : 'min-available';
  if (!/^[0-9]+%?$/.test(min || max)) throw new UsageError(`invalid format specified for ${flag}`);
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
