/** `kubectl set image|env|selector|serviceaccount|resources` (kubectl pkg/cmd/set). */
import type { Step } from '../shell';
import { canonicalQuantity } from '../../api/quantity';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { isRecord } from './plain-values';
import { checkedQuantity } from './quantity';
import {
  containersOf,
  mapContainers,
  namedBy,
  objectsToSet,
  podSpecPath,
  saveEach,
  splitWords,
} from './pod-specs';
import { map, str } from './read';
import type { Fields } from './read';
import { printErrors, say, store } from './write';
import { withField } from './change';
import { SelectorError, parseSelector } from './label-selector';
import type { Requirement } from './label-selector';
import { setEnv } from './set-env';

function parseImages(changes: readonly string[]): (readonly [string, string])[] {
  const bad = changes.filter((text) => text.indexOf('=') <= 0);
  if (bad.length > 0) throw new UsageError(`invalid image format: ${bad.join(', ')}`);
  return changes.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
}

function setImage(k: Kubectl): Step {
  const { resources, changes } = splitWords(
    k.args,
    (word) => `all resources must be specified before image changes: ${word}`,
  );
  const images = parseImages(changes);
  const { found, errors } = objectsToSet(k, resources);
  if (errors.length > 0) return printErrors(k, errors);
  if (images.length === 0) throw new UsageError('at least one image update is required');
  if (images.length > 1 && images.some(([name]) => name === '*')) {
    throw new UsageError(
      'all containers are already specified by *, but saw more than one container_name=container_image pairs',
    );
  }
  const missing: unknown[] = [];
  const words = { done: 'image updated', failed: 'failed to patch image update to pod template: ' };
  const end = saveEach(k, found, words, (one) => {
    const names = containersOf(one).map((container) => str(container, 'name'));
    for (const [name] of images) {
      if (name !== '*' && !names.includes(name))
        missing.push(new UsageError(`error: unable to find container named "${name}"`));
    }
    return mapContainers(one, (container) => {
      const image = images.filter(([name]) => name === '*' || name === container['name']).at(-1)?.[1];
      return image === undefined ? container : { ...container, image };
    });
  });
  return missing.length > 0 ? printErrors(k, missing) : end;
}

/** How a selector in an object calls the operators of one in text. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  in: 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

function readSelector(text: string): readonly Requirement[] {
  try {
    return parseSelector(text);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new UsageError(`couldn't parse the selector string "${text}": ${error.message}`);
  }
}

function setSelector(k: Kubectl): Step {
  const text = k.args.at(-1);
  if (text === undefined) throw new UsageError('one selector is required');
  const expressions = readSelector(text);
  const { found, errors } = objectsToSet(k, k.args.slice(0, -1));
  if (errors.length > 0) return printErrors(k, errors);
  for (const one of found) {
    if (one.object.kind !== 'Service')
      throw new UsageError('setting a selector is only supported for Services');
    const others = expressions.filter(({ operator }) => operator !== '=' && operator !== '==');
    if (others.length > 0) {
      const told = others.map(
        ({ key, operator, values }) => `{${key} ${EXPRESSIONS[operator]} [${values.join(' ')}]}`,
      );
      throw new UsageError(`match expression [${told.join(' ')}] not supported on this object`);
    }
    const selector = Object.fromEntries(expressions.map(({ key, values }) => [key, values[0]]));
    const next = withField(one.object, ['spec', 'selector'], selector);
    say(k, { ...one, object: k.flags.bool('local') ? next : store(k, next) }, 'selector updated');
  }
  return printErrors(k, []);
}

function setAccount(k: Kubectl): Step {
  const account = k.args.at(-1);
  if (account === undefined) throw new UsageError('serviceaccount is required');
  const { found, errors } = objectsToSet(k, k.args.slice(0, -1));
  if (errors.length > 0) return printErrors(k, errors);
  const words = { done: 'serviceaccount updated', failed: 'failed to patch ServiceAccountName ' };
  return saveEach(k, found, words, (one) =>
    withField(one.object, [...podSpecPath(one), 'serviceAccountName'], account),
  );
}

/** Amounts as `cpu=100m,memory=1Gi` gives them. Throws UsageError. */
function amounts(text: string): Record<string, string> {
  if (text === '') return {};
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const parts = pair.split('=');
      if (parts.length !== 2)
        throw new UsageError(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
      return [parts[0]!, canonicalQuantity(checkedQuantity(parts[1]!))];
    }),
  );
}

function setResources(k: Kubectl): Step {
  const { found, errors } = objectsToSet(k, k.args);
  if (errors.length > 0) return printErrors(k, errors);
  const texts = { limits: k.flags.text('limits'), requests: k.flags.text('requests') };
  if (texts.limits === '' && texts.requests === '') {
    throw new UsageError(
      'you must specify an update to requests or limits (in the form of --requests/--limits)',
    );
  }
  const [limits, requests] = [amounts(texts.limits), amounts(texts.requests)];
  const pattern = k.flags.text('containers');
  const wanted = namedBy(pattern);
  const change = (container: Fields): Fields => {
    const old = isRecord(container['resources']) ? container['resources'] : {};
    const merged = (field: 'limits' | 'requests', more: object) =>
      texts[field] === '' ? {} : { [field]: { ...map(old, field), ...more } };
    const resources = { ...old, ...merged('limits', limits), ...merged('requests', requests) };
    return { ...container, resources };
  };
  const words = {
    done: 'resource requirements updated',
    failed: 'failed to patch resources update to pod template ',
  };
  return saveEach(k, found, words, (one) => {
    if (!containersOf(one).some(wanted))
      throw new UsageError(`error: unable to find container named ${pattern}`);
    return mapContainers(one, (container) => (wanted(container) ? change(container) : container));
  });
}

export const setVerbs: readonly Verb[] = [
  { path: 'set image', run: setImage },
  { path: 'set env', run: setEnv },
  { path: 'set selector', run: setSelector },
  { path: 'set serviceaccount', run: setAccount },
  { path: 'set resources', run: setResources },
];
