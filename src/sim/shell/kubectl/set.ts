/** `kubectl set image|env|selector|serviceaccount|resources` (kubectl pkg/cmd/set). */
import { sameValue } from '../../api/equal';
import type { ApiObject } from '../../api/object';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { isRecord } from './plain-values';
import { list, str } from './read';
import type { Fields } from './read';
import { NO_RESOURCES, chooseObjects, forEach, say, store } from './write';
import { withField } from './change';
import type { Chosen } from './write';

/** Where the pod spec of a kind is. */
function podSpecPath(object: ApiObject): readonly string[] {
  if (object.kind === 'Pod') return ['spec'];
  if (object.kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
  return ['spec', 'template', 'spec'];
}

function mapContainers(object: ApiObject, change: (container: Fields) => Fields): ApiObject {
  const path = podSpecPath(object);
  const containers = list(object, [...path, 'containers'].join('.'));
  return withField(object, [...path, 'containers'], containers.map(change));
}

function containersOf(object: ApiObject): readonly Fields[] {
  return list(object, [...podSpecPath(object), 'containers'].join('.'));
}

/** Splits arguments into resources and KEY=VALUE (or KEY-) changes. */
function split(args: readonly string[]): { resources: string[]; changes: string[] } {
  const isChange = (word: string) => word.includes('=') || /^[A-Za-z_][\w.]*-$/.test(word);
  return { resources: args.filter((word) => !isChange(word)), changes: args.filter(isChange) };
}

function saveAndSay(k: Kubectl, chosen: Chosen, next: ApiObject, what: string): void {
  if (sameValue(next, chosen.object)) return;
  say(k, { resource: chosen.resource, object: store(k, next) }, what);
}

function setImage(k: Kubectl): Step {
  const { resources, changes } = split(k.args);
  const chosen = chooseObjects(k, resources, {
    nothing: 'one or more resources must be specified as <resource> <name> or <resource>/<name>',
  });
  if (changes.length === 0 && chosen.errors.length === 0)
    throw new UsageError('at least one image update is required');
  const images = changes.map(
    (text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const,
  );
  return forEach(k, chosen, (one) => {
    const names = containersOf(one.object).map((container) => str(container, 'name'));
    for (const [name] of images) {
      if (name !== '*' && !names.includes(name))
        throw new UsageError(`unable to find container named "${name}"`);
    }
    const next = mapContainers(one.object, (container) => {
      const image = images.filter(([name]) => name === '*' || name === container['name']).at(-1)?.[1];
      return image === undefined ? container : { ...container, image };
    });
    saveAndSay(k, one, next, 'image updated');
  });
}

function listEnv(k: Kubectl, { object }: Chosen): void {
  for (const container of containersOf(object)) {
    k.io.out(`# ${object.kind} ${object.metadata.name}, container ${str(container, 'name')}\n`);
    for (const variable of list(container, 'env')) {
      const source = variable['valueFrom'];
      const name = str(variable, 'name');
      k.io.out(
        source == null ? `${name}=${str(variable, 'value')}\n` : `# ${name} from ${fieldOf(source)}\n`,
      );
    }
  }
}

function fieldOf(source: unknown): string {
  const path = str(source, 'fieldRef.fieldPath');
  return path === '' ? 'another object' : `field path ${path}`;
}

function setEnv(k: Kubectl): Step {
  const { resources, changes } = split(k.args);
  const chosen = chooseObjects(k, resources, {
    nothing: 'one or more resources must be specified as <resource> <name> or <resource>/<name>',
  });
  if (k.flags.bool('list')) return forEach(k, chosen, (one) => listEnv(k, one));
  return forEach(k, chosen, (one) => {
    const next = mapContainers(one.object, (container) => {
      let env = [...list(container, 'env')];
      for (const change of changes) {
        const name =
          change.endsWith('-') && !change.includes('=') ? change.slice(0, -1) : change.split('=')[0]!;
        const variable = { name, value: change.slice(change.indexOf('=') + 1) };
        const at = env.findIndex((entry) => entry['name'] === name);
        if (!change.includes('=')) env = env.filter((entry) => entry['name'] !== name);
        else if (at >= 0) env[at] = variable;
        else env.push(variable);
      }
      const { env: _old, ...rest } = container;
      return env.length > 0 ? { ...rest, env } : rest;
    });
    saveAndSay(k, one, next, 'env updated');
  });
}

function setSelector(k: Kubectl): Step {
  const { resources, changes } = split(k.args);
  if (changes.length === 0) throw new UsageError('one or more selectors must be specified');
  const selector = Object.fromEntries(
    changes.flatMap((text) => text.split(',')).map((pair) => pair.split('=')),
  );
  return forEach(k, chooseObjects(k, resources), (one) => {
    if (!isRecord(one.object['spec']) || one.object.kind !== 'Service') {
      throw new UsageError(`selectors for ${one.resource.plural} may not be changed`);
    }
    say(
      k,
      { ...one, object: store(k, withField(one.object, ['spec', 'selector'], selector)) },
      'selector updated',
    );
  });
}

function setAccount(k: Kubectl): Step {
  if (k.args.length < 2) throw new UsageError('serviceaccount is required');
  const account = k.args.at(-1)!;
  return forEach(k, chooseObjects(k, k.args.slice(0, -1), { nothing: NO_RESOURCES }), (one) => {
    const next = withField(one.object, [...podSpecPath(one.object), 'serviceAccountName'], account);
    say(k, { ...one, object: store(k, next) }, 'serviceaccount updated');
  });
}

function amounts(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((pair) => pair.split('=')));
}

function setResources(k: Kubectl): Step {
  const [limits, requests] = [k.flags.text('limits'), k.flags.text('requests')];
  if (limits === '' && requests === '') {
    throw new UsageError(
      'you must specify an update to requests or limits (in the form of --requests/--limits)',
    );
  }
  const wanted = k.flags.text('containers') || '*';
  return forEach(k, chooseObjects(k, k.args), (one) => {
    const next = mapContainers(one.object, (container) => {
      if (wanted !== '*' && wanted !== container['name']) return container;
      const old = isRecord(container['resources']) ? container['resources'] : {};
      return {
        ...container,
        resources: {
          ...old,
          ...(limits === '' ? {} : { limits: amounts(limits) }),
          ...(requests === '' ? {} : { requests: amounts(requests) }),
        },
      };
    });
    saveAndSay(k, one, next, 'resource requirements updated');
  });
}

export const setVerbs: readonly Verb[] = [
  { path: 'set image', run: setImage },
  { path: 'set env', run: setEnv },
  { path: 'set selector', run: setSelector },
  { path: 'set serviceaccount', run: setAccount },
  { path: 'set resources', run: setResources },
];
