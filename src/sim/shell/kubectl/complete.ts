/** Completion of kubectl lines: commands, types, names, containers, namespaces and flags. */
import type { ShellSettings, ShellWorld } from '../shell';
import { flagsOf } from './flag-table';
import { findVerb } from './find-verb';
import { list, str } from './read';
import { findResource } from './targets';
import { VERBS } from './verbs';

const TAKES_PODS = new Set(['exec', 'logs', 'attach', 'port-forward']);
const TAKES_NODES = new Set(['cordon', 'uncordon', 'drain']);
const TAKES_NOTHING = new Set(['apply', 'create', 'version', 'cluster-info', 'api-resources', 'replace']);

function names(world: ShellWorld, plural: string, namespace: string): string[] {
  const resource = findResource(world.api.resources(), plural);
  if (resource === null) return [];
  return world.api.list(resource, resource.namespaced ? namespace : undefined).map((o) => o.metadata.name);
}

function namespaceOf(argv: readonly string[], settings: ShellSettings): string {
  const at = argv.findIndex((word) => word === '-n' || word === '--namespace');
  return (at >= 0 ? argv[at + 1] : undefined) ?? settings.namespace;
}

/** Values of the flag that the word before asks for; null when it asks for none. */
function flagValues(
  world: ShellWorld,
  argv: readonly string[],
  index: number,
  namespace: string,
): string[] | null {
  switch (argv[index - 1]) {
    case '-n':
    case '--namespace':
      return names(world, 'namespaces', '');
    case '-o':
    case '--output':
      return ['wide', 'yaml', 'json', 'name', 'jsonpath=', 'custom-columns='];
    case '-f':
    case '--filename':
      return ['.', ...(world.readFiles('.') ?? []).map((file) => file.name)];
    case '-c':
    case '--container': {
      const pods = findResource(world.api.resources(), 'pods');
      const pod =
        pods && argv.map((word) => world.api.get(pods, namespace, word)).find((o) => o !== undefined);
      return pod ? list(pod, 'spec.containers').map((container) => str(container, 'name')) : [];
    }
    case '--type':
      return ['ClusterIP', 'NodePort', 'LoadBalancer'];
    default:
      return null;
  }
}

function types(world: ShellWorld): string[] {
  return ['all', ...world.api.resources().flatMap((resource) => [resource.plural, ...resource.shortNames])];
}

/** Candidates for the word at `index` of a kubectl line; the shell keeps those that fit. */
export function completeKubectl(
  world: ShellWorld,
  argv: readonly string[],
  index: number,
  settings: ShellSettings,
): readonly string[] {
  const before = argv.slice(1, index);
  if (before.includes('--')) return [];
  const typed = argv[index] ?? '';
  const namespace = namespaceOf(argv, settings);
  const values = flagValues(world, argv, index, namespace);
  if (values !== null) return values;
  const { words, rest } = findVerb(before);
  const path = words.join(' ');
  if (typed.startsWith('-')) return flagsOf(path).map((flag) => `--${flag.name}`);
  const deeper = VERBS.filter((verb) => path === '' || verb.path.startsWith(`${path} `))
    .map((verb) => verb.path.slice(path === '' ? 0 : path.length + 1).split(' ')[0]!)
    .filter((word) => word !== '');
  if (deeper.length > 0) return deeper;
  const args = rest.filter((word) => !word.startsWith('-'));
  if (TAKES_PODS.has(path)) return args.length === 0 ? names(world, 'pods', namespace) : [];
  if (TAKES_NODES.has(path)) return names(world, 'nodes', '');
  if (TAKES_NOTHING.has(path)) return [];
  if (typed.includes('/')) {
    const type = typed.slice(0, typed.indexOf('/'));
    return names(world, type, namespace).map((name) => `${type}/${name}`);
  }
  return args.length === 0 ? types(world) : names(world, args[0]!, namespace);
}
