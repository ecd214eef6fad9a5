/**
 * The cluster that a captured command implies when the capture does not say: what it names and does not call missing exists,
 * in the plainest form that its own words allow. Nothing of what kubectl is to print is taken over, only what must be there.
 */
import { parse } from 'yaml';
import type { ApiObject } from '../../sim/api/object';
import { RESOURCES, resourceByName, resourceOf } from '../../sim/api/kinds/resources';
import type { Resource } from '../../sim/api/kinds/resources';
import type { Output } from './kubectl-case';
import { revisionsOf } from './kubectl-rollout';
import { drained, shaped } from './kubectl-state';
import type { Fields } from './kubectl-state';

export interface Scene {
  readonly objects: readonly ApiObject[];
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

const CREATED = '2025-06-01T11:55:00Z';

/** The words of a command line, quotes taken off. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map((m) => m[0].replace(/['"]/g, ''));
}

function namespaceOf(words: readonly string[]): string {
  const at = words.lastIndexOf('-n');
  return at < 0 ? 'default' : (words[at + 1] ?? 'default');
}

function template(name: string): Fields {
  const container = name === 'agent' ? 'agent' : 'nginx';
  return {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: container, image: 'nginx:1.27' }] },
  };
}

function podParts(name: string): Fields {
  const pending = name === 'pending';
  const condition = (type: string) => ({ type, status: pending ? 'False' : 'True' });
  return {
    spec: { containers: [{ name: 'app', image: 'nginx' }], ...(pending ? {} : { nodeName: 'worker-1' }) },
    status: {
      phase: pending ? 'Pending' : 'Running',
      podIP: '10.244.1.5',
      podIPs: [{ ip: '10.244.1.5' }],
      conditions: ['Ready', 'ContainersReady', 'PodScheduled'].map(condition),
      containerStatuses: pending
        ? []
        : [
            {
              name: 'app',
              ready: true,
              restartCount: 0,
              state: { running: { startedAt: CREATED } },
              lastState: {},
            },
          ],
    },
  };
}

function parts(kind: string, name: string): Fields {
  const selector = { matchLabels: { app: name } };
  switch (kind) {
    case 'Pod':
      return podParts(name);
    case 'DaemonSet':
      return {
        spec: { selector, template: template(name) },
        status: { desiredNumberScheduled: 3, numberReady: 3, numberAvailable: 3, observedGeneration: 1 },
      };
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return {
        spec: { replicas: 3, selector, template: template(name) },
        status: {
          replicas: 3,
          readyReplicas: 3,
          updatedReplicas: 3,
          availableReplicas: 3,
          observedGeneration: 1,
        },
      };
    case 'Service':
      return {
        spec: {
          type: 'ClusterIP',
          clusterIP: '10.96.12.34',
          clusterIPs: ['10.96.12.34'],
          ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
          ...(name === 'nosel' ? {} : { selector: { app: name } }),
          sessionAffinity: 'None',
          internalTrafficPolicy: 'Cluster',
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
        },
        status: { loadBalancer: {} },
      };
    case 'Node':
      return { spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    case 'Namespace':
      return { status: { phase: 'Active' } };
    case 'ConfigMap':
      return { data: { a: 'b' } };
    default:
      return {};
  }
}

function plain(resource: Resource, name: string, namespace: string): ApiObject {
  const labels = resource.kind === 'Pod' && /^web/.test(name) ? { app: 'web' } : { app: name };
  const labelled = ['Pod', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].includes(resource.kind);
  return {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: {
      name,
      ...(resource.namespaced ? { namespace } : {}),
      uid: `uid-${resource.kind}-${name}`,
      resourceVersion: '1',
      creationTimestamp: CREATED,
      ...(labelled ? { labels } : {}),
    },
    ...parts(resource.kind, name),
  };
}

function podOf(name: string, namespace: string): ApiObject {
  return plain(resourceOf('Pod'), name, namespace);
}

const POD_VERBS = new Set(['logs', 'exec', 'port-forward', 'attach']);
const NODE_VERBS = new Set(['cordon', 'uncordon', 'drain']);
const SUBCOMMANDS = new Set(['rollout', 'set', 'top', 'auth', 'config', 'plugin']);

/** Types and names that the arguments speak of. */
function named(words: readonly string[]): [Resource, string][] {
  const dash = words.indexOf('--');
  const args: string[] = [];
  const before = dash < 0 ? words : words.slice(0, dash);
  for (let i = 1; i < before.length; i++) {
    const word = before[i]!;
    if (/^-[nolLfpc]$/.test(word)) i++;
    else if (!word.startsWith('-')) args.push(word);
  }
  const [verb = '', ...rest] = args;
  if (SUBCOMMANDS.has(verb)) rest.shift();
  if (verb === 'create' || verb === 'run' || verb === 'config') return [];
  const slashed = rest.filter((word) => /^[a-z.]+\/[^/=]+$/i.test(word));
  if (slashed.length > 0) {
    return slashed.flatMap((word): [Resource, string][] => {
      const [type = '', name = ''] = word.split('/');
      const resource = resourceByName(type);
      return resource === null ? [] : [[resource, name]];
    });
  }
  const plainNames = rest.filter((word) => !/[=:]/.test(word) && !/-$/.test(word));
  if (POD_VERBS.has(verb)) return plainNames.slice(0, 1).map((name) => [resourceOf('Pod'), name]);
  if (NODE_VERBS.has(verb)) return plainNames.map((name) => [resourceOf('Node'), name]);
  const resource = resourceByName(plainNames[0] ?? '');
  if (resource === null) return [];
  const names =
    verb === 'set' && words.includes('serviceaccount') ? plainNames.slice(1, 2) : plainNames.slice(1);
  return names.map((name) => [resource, name]);
}

/** Types and names that the output says were there: changed, deleted or in the way. */
function toldOf(output: Output): [Resource, string][] {
  const told: [Resource, string][] = [];
  const add = (type: string, name: string) => {
    const resource = RESOURCES.find(
      (r) =>
        `${r.singular}${r.group && `.${r.group}`}` === type ||
        `${r.plural}${r.group && `.${r.group}`}` === type ||
        r.plural === type,
    );
    if (resource !== undefined) told.push([resource, name]);
  };
  for (const m of output.stdout.matchAll(/^(\S+)\/(\S+) (?!created|exposed|autoscaled)\w+/gm))
    add(m[1]!, m[2]!);
  for (const m of output.stdout.matchAll(/^(\S+) "(\S+)" (?:force )?deleted/gm)) add(m[1]!, m[2]!);
  for (const m of output.stderr.matchAll(/(\S+) "(\S+)" (?:already exists|is (?:already|not) paused)/g))
    add(m[1]!, m[2]!);
  for (const m of output.stderr.matchAll(/timed out waiting for the condition on (\S+)\/(\S+)$/gm))
    add(m[1]!, m[2]!);
  for (const m of output.stdout.matchAll(/^deployment "(\S+)" successfully/gm))
    add('deployments.apps', m[1]!);
  if (/kubectl get/.test(output.command)) {
    const type = named([...wordsOf(output.command), 'x'])[0]?.[0];
    const isText = !/-o ?(?:yaml|json)/.test(output.command);
    const rows = output.stdout.split('\n').filter((row) => isText && row !== '' && !/^[A-Z]+( |$)/.test(row));
    for (const row of rows)
      if (type !== undefined) told.push([type, row.split(/\s+/)[0]!.split('/').at(-1)!]);
  }
  return told;
}

/** A manifest for each -f that the output tells enough of; null when it does not. */
function filesOf(output: Output, words: readonly string[]): Scene['files'] | null {
  const files: { name: string; text: string }[] = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i] !== '-f') continue;
    const name = words[i + 1] ?? '';
    if (/the path .* does not exist/.test(output.stderr) || /unknown command/.test(output.stderr)) continue;
    if (/no objects passed/.test(output.stderr)) {
      files.push({ name, text: '' });
      continue;
    }
    const told =
      /^(\S+?)(?:\.\S+)?[/ ]"?([\w-]+)"? \w+/m.exec(output.stdout) ??
      /: (\w+?)s?(?:\.\S+)? "([\w-]+)" (?:not found|already)/.exec(output.stderr);
    const resource = told === null ? null : resourceByName(told[1]!);
    if (told === null || resource === null || output.exit !== 0 ? !/not found/.test(output.stderr) : false)
      return null;
    const object = plain(resource!, told![2]!, 'default');
    const { status: _status, ...rest } = object;
    const {
      uid: _uid,
      resourceVersion: _rv,
      creationTimestamp: _ct,
      namespace: _ns,
      ...metadata
    } = rest.metadata;
    files.push({ name, text: JSON.stringify({ ...rest, metadata }) });
  }
  return files;
}

/** The object that `get -o yaml` or `-o json` printed: what was stored is what is shown. */
function shownObject({ command, stdout }: Output): ApiObject | null {
  if (!/^kubectl get .*-o ?(?:yaml|json)$/.test(command)) return null;
  const value = parse(stdout) as ApiObject | null;
  return value?.metadata?.name === undefined ? null : value;
}

/** The scene of a capture, or null when its words do not tell what must be there. */
export function sceneOf(output: Output): Scene | null {
  const words = wordsOf(output.command);
  const namespace = namespaceOf(words);
  const files = filesOf(output, words);
  if (files === null) return null;
  const { stderr } = output;
  const missing = (resource: Resource, name: string) =>
    stderr.includes(`${resource.plural}${resource.group && `.${resource.group}`} "${name}" not found`) ||
    (/--ignore-not-found/.test(output.command) && output.stdout === '') ||
    (/--for=delete/.test(output.command) && output.stdout === '' && !/timed out/.test(stderr)) ||
    / created$/m.test(output.stdout.split('\n').find((line) => line.includes(`/${name} `)) ?? '');
  const objects = new Map<string, ApiObject>();
  for (const [resource, name] of [...named(words), ...toldOf(output)]) {
    if (missing(resource, name)) continue;
    objects.set(`${resource.kind}/${name}`, shaped(plain(resource, name, namespace), output));
  }
  if (/ drain /.test(output.command)) {
    for (const pod of drained(output, podOf)) objects.set(`${pod.kind}/${pod.metadata.name}`, pod);
  }
  for (const set of revisionsOf(output, [...objects.values()])) objects.set(`set/${set.metadata.name}`, set);
  const whole = shownObject(output);
  if (whole !== null) objects.set(`${whole.kind}/${whole.metadata.name}`, whole);
  const namespaces = new Set(['default', 'kube-system', namespace]);
  for (const name of namespaces) {
    if (stderr.includes(`namespaces "${name}" not found`) || objects.has(`Namespace/${name}`)) continue;
    objects.set(`Namespace/${name}`, plain(resourceOf('Namespace'), name, ''));
  }
  return { objects: [...objects.values()], files };
}
