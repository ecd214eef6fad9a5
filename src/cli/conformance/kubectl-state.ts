/** What the words of a capture tell of the state of its objects: labels in the way, taints gone, pods to be drained. */
import type { ApiObject } from '../../sim/api/object';
import type { Output } from './kubectl-case';

/** Any fields of an object. */
export type Fields = Record<string, unknown>;

/** The taints that a node must have had: those taken away, or in the way. */
function taintsOf({ command, stdout, stderr }: Output): Fields[] {
  const gone = /untainted|modified/.test(stdout) && !/--overwrite/.test(command);
  const clash = /already has (\S+) taint/.exec(stderr)?.[1]?.split(',') ?? [];
  return [...command.matchAll(/ (\w+)(?:=(\w*))?(?::(\w+))?(-?)(?= |$)/g)].flatMap(
    ([, key = '', value, effect, minus]) =>
      (gone && minus === '-') || (effect !== undefined && clash.includes(key))
        ? [{ key, ...(value ? { value } : {}), effect: effect ?? 'NoSchedule' }]
        : [],
  );
}

/** The patch of a capture that says it changed nothing: what it would set is there already. */
function unchangedBy({ command, stdout }: Output): Fields {
  const patch = /no change/.test(stdout) ? /-p '(\{.*\})'/.exec(command)?.[1] : undefined;
  return patch === undefined ? {} : (JSON.parse(patch) as Fields);
}

function merged(base: unknown, more: unknown): unknown {
  if (typeof more !== 'object' || more === null || Array.isArray(more)) return more;
  const out: Fields = { ...(base as Fields | undefined) };
  for (const [key, value] of Object.entries(more)) out[key] = merged(out[key], value);
  return out;
}

/** The conditions that `kubectl wait` found or missed. */
function awaited(now: ApiObject, { command, stdout, stderr }: Output): ApiObject {
  const [, type, value = 'True'] = /--for=condition=(\w+)(?:=(\w+))?/.exec(command) ?? [];
  if (type === undefined) return now;
  const isMet = new RegExp(`/${now.metadata.name} condition met`).test(stdout);
  if (!isMet && !new RegExp(`timed out .*/${now.metadata.name}$`, 'm').test(stderr)) return now;
  const status = isMet ? value : value.toLowerCase() === 'true' ? 'False' : 'True';
  return { ...now, status: { ...(now['status'] as Fields), conditions: [{ type, status }] } };
}

/** A pod template with the container and the variables that `set env --list` shows. */
function withVariables(template: Fields, stdout: string): Fields {
  const name = /, container (\S+)$/m.exec(stdout)?.[1] ?? 'nginx';
  const env = [...stdout.matchAll(/^(\w+)=(.*)$/gm)].map((m) => ({ name: m[1], value: m[2] }));
  return { ...template, spec: { containers: [{ name, image: 'nginx:1.27', env }] } };
}

/** State that only the words of the output tell. */
export function shaped(object: ApiObject, output: Output): ApiObject {
  const { stdout, stderr, command } = output;
  const found = merged(object, unchangedBy(output)) as ApiObject;
  let { metadata } = found;
  const spec = { ...(found['spec'] as Fields | undefined) };
  const labels: Record<string, string> = { ...metadata.labels };
  const annotations: Record<string, string> = { ...metadata.annotations };
  for (const m of stderr.matchAll(/'(\S+)' already has a value \((.*?)\)(?=[,;\n])/g))
    (command.includes(' annotate ') ? annotations : labels)[m[1]!] = m[2]!;
  for (const m of command.matchAll(/ -l (\S+?)=(\S+)/g)) if (!/zzz/.test(m[2]!)) labels[m[1]!] = m[2]!;
  if (/unlabeled/.test(stdout)) for (const m of command.matchAll(/ (\w+)-(?= |$)/g)) labels[m[1]!] = 'fe';
  if (/^\w+=\w+$/m.test(stdout) && / --list/.test(command) && command.includes('label')) {
    for (const m of stdout.matchAll(/^(\w+)=(\w+)$/gm)) labels[m[1]!] = m[2]!;
  }
  metadata = {
    ...metadata,
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  const was = /Expected replicas to be \d+, was (\d+)/.exec(stderr);
  if (was !== null) spec['replicas'] = Number(was[1]);
  if (/already cordoned/.test(stdout) || /(?<!already) uncordoned/.test(stdout)) spec['unschedulable'] = true;
  if (/already paused|paused deployment/.test(stderr) || / resumed/.test(stdout)) spec['paused'] = true;
  const taints = taintsOf(output);
  if (taints.length > 0) spec['taints'] = taints;
  if (spec['type'] === 'NodePort')
    spec['ports'] = [{ port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 30080 }];
  if (/ set env .*--list/.test(command)) spec['template'] = withVariables(spec['template'] as Fields, stdout);
  const now = { ...found, metadata, ...(Object.keys(spec).length > 0 ? { spec } : {}) };
  return awaited(now, output);
}

/** Pods of a node to be drained, with what the refusal says of each. */
export function drained(output: Output, podOf: (name: string, namespace: string) => ApiObject): ApiObject[] {
  const pods: ApiObject[] = [];
  const add = (list: string, change: (pod: ApiObject) => ApiObject) => {
    for (const text of list.split(', ')) {
      const [namespace = '', name = ''] = text.trim().split('/');
      pods.push(change(podOf(name, namespace)));
    }
  };
  const owned =
    (kind: string) =>
    (pod: ApiObject): ApiObject => ({
      ...pod,
      metadata: {
        ...pod.metadata,
        ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'owner', uid: 'o', controller: true }],
      },
    });
  const lines = output.stderr.split('\n');
  for (const line of lines.slice(-2)) {
    const bare = /declare no controller .*: (.*)$/.exec(line)?.[1];
    const local = /with local storage .*: (.*)$/.exec(line)?.[1];
    if (bare !== undefined) add(bare, (pod) => pod);
    if (local !== undefined) {
      add(local, (pod) => {
        const held = owned('ReplicaSet')(pod);
        return { ...held, spec: { ...(held['spec'] as Fields), volumes: [{ name: 'v', emptyDir: {} }] } };
      });
    }
  }
  const forced = /deleting Pods .*declare no controller[^:]*: ([^;\n]*)/.exec(output.stderr)?.[1];
  if (forced !== undefined) add(forced, (pod) => pod);
  const daemon = /DaemonSet-managed Pods(?: \(.*?\))?: ([^,;\n]*(?:, [^,;\n]+\/[^,;\n]+)*)/.exec(
    output.stderr,
  )?.[1];
  if (daemon !== undefined) add(daemon, owned('DaemonSet'));
  for (const m of output.stdout.matchAll(/^evicting pod (\S+)$/gm)) {
    if (!pods.some((pod) => `${pod.metadata.namespace}/${pod.metadata.name}` === m[1]))
      add(m[1]!, owned('ReplicaSet'));
  }
  if (/disruption budget/.test(output.stderr)) {
    pods.push({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'all', namespace: 'default' },
      spec: { maxUnavailable: 0, selector: {} },
    });
  }
  return pods;
}
