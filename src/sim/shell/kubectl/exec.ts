/** `kubectl exec`: a command in a container, its output and exit code passed through (kubectl pkg/cmd/exec). */
import { ApiError } from '../../api/errors';
import { behaviourOf, toolFlavour } from '../../programs/images';
import type { Step, StepCause } from '../shell';
import { awaitForeground, inForeground } from '../foreground';
import { printTool } from '../machine-tools';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { pickContainer, pickPod } from './pick-pod';
import { list, str } from './read';

const SHELLS = new Set(['sh', 'bash', 'ash', 'zsh', '/bin/sh', '/bin/bash', '/bin/ash']);

function run(k: Kubectl): Step {
  const dash = k.flags.argsBeforeDash;
  const before = dash === null ? k.args : k.args.slice(0, dash);
  const command = dash === null ? [] : k.args.slice(dash);
  if (before.length === 0)
    throw new UsageError(
      'pod, type/name or --filename must be specified',
      "See 'kubectl exec -h' for help and examples",
    );
  if (dash === null && before.length > 1) {
    throw new UsageError(
      'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead',
      "See 'kubectl exec -h' for help and examples",
    );
  }
  if (command.length === 0) throw new UsageError('you must specify at least one command for the container');
  const { pod } = pickPod(k, before[0]!);
  const phase = str(pod, 'status.phase');
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new UsageError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const name = pod.metadata.name;
  const container = containerOf(k, pod);
  if (str(pod, 'spec.nodeName') === '')
    throw new ApiError('BadRequest', 400, `pod ${name} does not have a host assigned`);
  const place = k.world.podOf(pod.metadata.namespace ?? '', name);
  const handle = place?.handles[container];
  if (place === undefined || handle === undefined) {
    throw new UsageError(
      `Internal error occurred: unable to upgrade connection: container not found ("${container}")`,
    );
  }
  if (command.length === 1 && SHELLS.has(command[0]!)) {
    throw new UsageError(
      `an interactive shell is not simulated. Give its command instead: kubectl exec ${before[0]} -- curl http://web`,
    );
  }
  const image = list(pod, 'spec.containers').find((one) => str(one, 'name') === container);
  return start(k, place, { handle, image: str(image, 'image') }, command);
}

function containerOf(k: Kubectl, pod: Parameters<typeof pickContainer>[1]): string {
  try {
    return pickContainer(k, pod);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ApiError('BadRequest', 400, error.message);
  }
}

/** Tools that show the network of a pod, by the tools that its image has; a slim image has none of them. */
const NETWORK_TOOLS: Readonly<Record<string, readonly string[]>> = {
  busybox: ['ip', 'netstat', 'route', 'arp'],
  'busybox-curl': ['ip', 'netstat', 'route', 'arp'],
  all: ['ip', 'netstat', 'ss', 'bridge', 'route', 'arp'],
};

function start(
  k: Kubectl,
  place: { readonly machine: string; readonly netns: string },
  { handle, image }: { readonly handle: string; readonly image: string },
  command: readonly string[],
): Step {
  const machine = k.world.machineOf(place.machine);
  if (machine?.poweredOn === false) {
    throw new UsageError(
      `Internal error occurred: error dialing backend: dial tcp: connect to ${place.machine}:10250: no route to host`,
    );
  }
  const started = k.world.processes.execIn({ handle }, command, k.io.session);
  if (typeof started === 'number') return inForeground(place.machine);
  // Table printers are no processes of their own here.
  const tools = NETWORK_TOOLS[behaviourOf({ image }).tools] ?? [];
  const busybox = toolFlavour({ image }) === 'busybox';
  const holderOf = (key: string | number) => k.world.processes.holderOf?.(key) ?? null;
  const context = { files: {}, nowNs: k.world.nowNs, inPod: true, busybox, holderOf };
  const table =
    machine !== undefined && tools.includes(command[0]!)
      ? printTool(machine, place.netns, command, context)
      : undefined;
  if (table !== undefined) {
    k.io.out(table.stdout);
    k.io.err(table.stderr);
    return ended(k, table.code);
  }
  throw new UsageError(
    'Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: ' +
      `OCI runtime exec failed: exec failed: unable to start container process: ${started.error}: unknown`,
  );
}

function ended(k: Kubectl, code: number): Step {
  if (code !== 0) k.io.err(`command terminated with exit code ${code}\n`);
  return { code };
}

function resume(k: Kubectl, state: unknown, cause: StepCause): Step {
  const lost = () => 'error: unexpected EOF\n';
  const step = awaitForeground(k.world, k.io, state, cause, lost);
  if (!('code' in step)) return step;
  return cause.type === 'exit' && step.code === cause.code ? ended(k, cause.code) : { code: 1 };
}

export const execVerb: Verb = { path: 'exec', run, resume };
