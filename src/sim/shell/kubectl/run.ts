/** `kubectl run`: one pod, perhaps with a Service, perhaps waited for and removed again (kubectl pkg/cmd/run). */
import type { ApiObject } from '../../api/object';
import { SECOND } from '../../clock/clock';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { UsageError, usage } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, dryRunOf } from './context';
import { createAndSay } from './create';
import { jsonMerge } from './json-patch';
import { latestLines, newLines } from './logs';
import { isRecord } from './plain-values';
import { at, list, num, str } from './read';
import { resourceNamed } from './targets';

const POLICIES = ['Always', 'OnFailure', 'Never'];

function pairsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** --labels (generate.ParseLabels). */
function labelsOf(k: Kubectl, name: string): Record<string, string> {
  const given = k.flags.text('labels');
  if (given === '') return { run: name };
  const out: Record<string, string> = {};
  for (const text of given.split(',')) {
    const [key = '', value, ...more] = text.split('=');
    if (value === undefined || more.length > 0) throw new UsageError(`unexpected label spec: ${text}`);
    if (key === '') throw new UsageError('unexpected empty label key');
    out[key] = value;
  }
  return out;
}

/** --env: the name must be one that a shell can have. */
function envOf(k: Kubectl): { name: string; value: string }[] {
  return k.flags.list('env').map((text) => {
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(equals, 0));
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) throw new UsageError(`invalid env: ${text}`);
    return { name, value: text.slice(equals + 1) };
  });
}

/** --port as a number; it is a text to the flag parser. */
function portOf(k: Kubectl): number {
  const text = k.flags.text('port');
  if (!/^[+-]?\d+$/.test(text))
    throw new UsageError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function podSpec(k: Kubectl, name: string): ApiObject {
  const { flags } = k;
  const words = k.args.slice(1);
  const env = envOf(k);
  const annotations = pairsOf(flags.list('annotations'));
  const container = {
    name,
    image: flags.text('image'),
    ...(words.length === 0 ? {} : flags.bool('command') ? { command: words } : { args: words }),
    ...(env.length > 0 ? { env } : {}),
    ...(flags.text('port') === '' ? {} : { ports: [{ containerPort: portOf(k) }] }),
    ...(flags.text('image-pull-policy') === '' ? {} : { imagePullPolicy: flags.text('image-pull-policy') }),
    ...(flags.bool('stdin') ? { stdin: true, stdinOnce: true } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
    resources: {},
    ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
  };
  const pod: ApiObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: labelsOf(k, name),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      containers: [container],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: flags.text('restart') || 'Always',
    },
    status: {},
  };
  return flags.text('overrides') === '' ? pod : override(pod, flags.text('overrides'));
}

/** --overrides, a JSON merge patch of the pod; what is no JSON record is refused without a reason, as jsonpatch does. */
function override(pod: ApiObject, text: string): ApiObject {
  let patch: unknown;
  try {
    patch = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!isRecord(patch)) throw new UsageError('Invalid JSON Patch');
  return jsonMerge(pod, patch) as ApiObject;
}

function check(k: Kubectl): void {
  const { flags } = k;
  const image = flags.text('image');
  if (!flags.has('image')) throw new UsageError('required flag(s) "image" not set');
  if (k.args.length === 0) throw usage('run', 'NAME is required for run');
  if (image === '') throw new UsageError('--image is required');
  if (!/^[\w][\w.\-/:@]*$/.test(image))
    throw new UsageError(`Invalid image name "${image}": invalid reference format`);
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw usage('run', '-i/--stdin is required for containers with -t/--tty=true');
  if (flags.bool('expose') && flags.text('port') === '') {
    throw usage('run', '--port must be set when exposing a service');
  }
  const restart = flags.text('restart') || 'Always';
  if (!POLICIES.includes(restart)) throw usage('run', `invalid restart policy: ${restart}`);
  if (flags.bool('rm') && !attaches(k))
    throw usage('run', '--rm should only be used for attached containers');
  if (attaches(k) && dryRunOf(flags) !== 'none')
    throw usage(
      'run',
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    );
  const pull = flags.text('image-pull-policy');
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(pull))
    throw usage('run', `invalid image pull policy: ${pull}`);
}

function attaches(k: Kubectl): boolean {
  return k.flags.bool('attach') || k.flags.bool('stdin') || k.flags.bool('tty');
}

/** What an attached run remembers: lines shown so far, and when it gives up waiting for the pod to start. */
interface Attached {
  readonly namespace: string;
  readonly name: string;
  readonly shown: readonly string[];
  readonly untilNs: number;
}

const RECORDED =
  'All commands and output from this session will be recorded in container logs, including credentials and sensitive ' +
  'information passed through the command prompt.\n';
const START_TIMEOUT_NS = 60 * SECOND;
const SHELLS = new Set(['sh', 'bash', 'ash', '/bin/sh', '/bin/bash', 'zsh']);

function run(k: Kubectl): Step {
  check(k);
  const name = k.args[0]!;
  const words = k.args.slice(1);
  if (attaches(k) && words.length > 0 && words.length < 2 && SHELLS.has(words[0]!)) {
    throw new UsageError(
      `an interactive shell is not simulated. Give its command instead: kubectl run ${name} --rm -i --restart=Never --image=${k.flags.text('image')} -- wget -qO- http://web`,
    );
  }
  if (k.flags.bool('expose')) createAndSay(k, exposing(k, name));
  if (k.flags.bool('expose') && dryRunOf(k.flags) !== 'none' && k.flags.text('output') === 'yaml')
    k.io.out('---\n---\n');
  if (!attaches(k)) {
    createAndSay(k, podSpec(k, name));
    return DONE;
  }
  const pod = podSpec(k, name);
  k.api.create({ ...pod, metadata: { ...pod.metadata, namespace: k.namespace } });
  if (!k.flags.bool('quiet')) k.io.err(RECORDED);
  const untilNs = k.world.nowNs + START_TIMEOUT_NS;
  const state: Attached = { namespace: k.namespace, name, shown: [], untilNs };
  return { state, afterNs: WATCH_EVERY_NS };
}

function exposing(k: Kubectl, name: string): ApiObject {
  const port = portOf(k);
  const selector = labelsOf(k, name);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector },
    status: { loadBalancer: {} },
  };
}

/** Shows what the pod prints until its container has ended; then removes it when --rm says so. */
function follow(k: Kubectl, state: Attached): Step {
  const pods = resourceNamed(k, 'pods');
  const pod = k.api.get(pods, state.namespace, state.name);
  if (pod === undefined) throw new UsageError(`pod ${state.namespace}/${state.name} was deleted`);
  const lines = latestLines(k, { namespace: state.namespace, pod: state.name, container: state.name });
  for (const line of newLines(state.shown, lines)) k.io.out(`${line}\n`);
  const status = list(pod, 'status.containerStatuses')[0];
  const ended = at(status, 'state.terminated') ?? at(status, 'lastState.terminated');
  const phase = str(pod, 'status.phase');
  if (ended != null || phase === 'Succeeded' || phase === 'Failed')
    return finish(k, state, num(ended, 'exitCode'));
  if (at(status, 'state.running') == null && k.world.nowNs > state.untilNs) {
    const code = finish(k, state, 1);
    k.io.err('error: timed out waiting for the condition\n');
    return code;
  }
  return { state: { ...state, shown: lines }, afterNs: WATCH_EVERY_NS };
}

function finish(k: Kubectl, state: Attached, code: number): Step {
  if (k.flags.bool('rm')) {
    k.api.delete(resourceNamed(k, 'pods'), state.namespace, state.name, {});
    if (!k.flags.bool('quiet')) k.io.out(`pod "${state.name}" deleted from ${state.namespace} namespace\n`);
  }
  if (code !== 0) k.io.err(`pod ${state.namespace}/${state.name} terminated (Error)\n`);
  return { code };
}

export const runVerb: Verb = { path: 'run', run, resume: (k, state) => follow(k, state as Attached) };
