/**
 * kubectl commands that have no meaning here. Each says why, and what to do instead.
 * Not simulated: attach, certificate, completion, cp, debug, diff, edit, explain, kustomize, plugin,
 * port-forward, proxy and top.
 */
import { notFound } from '../../api/errors';
import type { Resource } from '../../api/kinds/resources';
import { schemaOf } from '../../api/schema/types';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { pickPod } from './pick-pod';
import { list, map, num } from './read';
import { findResource, resourceNamed } from './targets';

function refuse(message: string) {
  return (): Step => {
    throw new UsageError(message);
  };
}

/** Checks what kubectl checks first, so that a mistyped name is told as such. */
function portForward(k: Kubectl): Step {
  const [target = '', ...ports] = k.args;
  if (target === '' || ports.length === 0) {
    throw new UsageError(
      'TYPE/NAME and list of ports are required for port-forward',
      "See 'kubectl port-forward -h' for help and examples",
    );
  }
  for (const port of ports) checkPort(port);
  const [type, name] = target.includes('/') ? (target.split('/') as [string, string]) : ['pods', target];
  const resource = resourceNamed(k, type);
  const object = k.api.get(resource, k.namespace, name);
  if (object === undefined) throw notFound(resource.plural, resource.group, name);
  if (object.kind === 'Service') {
    if (Object.keys(map(object, 'spec.selector')).length === 0) pickPod(k, target);
    const wanted = Number(ports[0]!.split(':').at(-1));
    if (!list(object, 'spec.ports').some((port) => num(port, 'port') === wanted)) {
      throw new UsageError(`Service ${name} does not have a service port ${wanted}`);
    }
  }
  throw new UsageError(
    'port-forward is not simulated: this terminal has no browser. Send the request from inside: kubectl exec POD -- curl http://SERVICE',
  );
}

function checkPort(text: string): void {
  const [left = '', right] = text.split(':');
  for (const [side, word] of [
    ['local', left],
    ['remote', right ?? left],
  ] as const) {
    if (word === '' && side === 'local') continue;
    if (!/^\d+$/.test(word))
      throw new UsageError(
        `error parsing ${side} port '${word}': strconv.ParseUint: parsing "${word}": invalid syntax`,
      );
    if (Number(word) > 65535) {
      throw new UsageError(
        `error parsing ${side} port '${word}': strconv.ParseUint: parsing "${word}": value out of range`,
      );
    }
  }
}

function diff(k: Kubectl): Step {
  if (!k.flags.has('filename')) {
    k.io.err('error: must specify one of -f and -k\n');
    return { code: 2 };
  }
  k.io.err('error: diff is not simulated: the editor marks what is not applied\n');
  return { code: 2 };
}

/** The first step of a path that the kind does not have; null when all are there, or when nothing is known of them. */
function missingField(resource: Resource, path: readonly string[]): string | null {
  const schema = schemaOf(resource.kind, resource.apiVersion);
  let struct = schema?.root;
  for (const [i, step] of path.entries()) {
    if (struct === undefined || (i === 0 && /^(?:apiVersion|kind|status)$/.test(step))) return null;
    let type = struct.fields.get(step);
    if (type === undefined) return step;
    while (type.of !== undefined) type = type.of;
    struct = type.shape === 'struct' ? schema!.structs.get(type.code) : undefined;
  }
  return null;
}

/** Checks what kubectl checks before it asks for the schema. */
function explain(k: Kubectl): Step {
  if (k.args.length === 0) {
    throw new UsageError(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  }
  if (k.args.length > 1) throw new UsageError('We accept only this format: explain RESOURCE');
  const type = k.args[0]!.split('.')[0]!;
  const resource = findResource(k.api.resources(), type);
  if (resource === null) {
    throw new UsageError(`the server doesn't have a resource type "${type}"`, undefined, true);
  }
  const missing = missingField(resource, k.args[0]!.split('.').slice(1).filter(Boolean));
  if (missing !== null) throw new UsageError(`field "${missing}" does not exist`);
  throw new UsageError(
    'explain is not simulated: hover over a field in the editor, or see https://kubernetes.io/docs/reference/',
  );
}

const NO_METRICS = 'Metrics API not available';

export const unsupportedVerbs: readonly Verb[] = [
  { path: 'top', run: refuse(NO_METRICS) },
  { path: 'top node', run: refuse(NO_METRICS) },
  { path: 'top pod', run: refuse(NO_METRICS) },
  { path: 'port-forward', run: portForward },
  { path: 'diff', run: diff },
  {
    path: 'edit',
    run: refuse(
      "edit is not simulated: change the manifest in the editor, or one field with kubectl patch TYPE NAME -p '{…}'",
    ),
  },
  { path: 'explain', run: explain },
  {
    path: 'attach',
    run: refuse('attach is not simulated; kubectl logs -f POD shows what a container prints'),
  },
  { path: 'cp', run: refuse('cp is not simulated; kubectl exec POD -- cat FILE shows a file') },
  {
    path: 'debug',
    run: refuse(
      'debug is not simulated; use node NODE -- COMMAND, or kubectl run tmp --rm -i --image=nicolaka/netshoot --restart=Never -- COMMAND',
    ),
  },
  { path: 'proxy', run: refuse('proxy is not simulated') },
  { path: 'certificate', run: refuse('certificate is not simulated') },
  { path: 'completion', run: refuse('completion is built in here: press Tab') },
  { path: 'kustomize', run: refuse('kustomize is not simulated') },
  { path: 'plugin', run: refuse('unable to find any kubectl plugins in your PATH') },
  { path: 'plugin list', run: refuse('unable to find any kubectl plugins in your PATH') },
];
