/** `kubectl delete`: by name, selector or file, waiting until the objects are gone (kubectl pkg/cmd/delete). */
import type { DeleteOptions } from '../../api/deletion';
import type { Resource } from '../../api/kinds/resources';
import { SECOND } from '../../clock/clock';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { UsageError, errorText } from './api';
import type { FileContext } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, FAILED, dryRunOf, dryRunSuffix } from './context';
import { readManifests } from './files';
import { fetchTarget, parseTargets, printedName, printedType } from './targets';
import type { Target } from './targets';
import { NO_RESOURCES, printErrors } from './write';
import type { Chosen } from './write';

/** What is still waited for: objects by identity, and until when. */
interface Waiting {
  readonly left: readonly {
    readonly resource: Resource;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  }[];
  readonly untilNs: number;
  readonly code: number;
}

const FORCE_WARNING =
  'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. ' +
  'The resource may continue to run on the cluster indefinitely.\n';

function graceOf(k: Kubectl): number {
  const given = k.flags.int('grace-period');
  if (k.flags.bool('now')) {
    if (given !== -1) throw new UsageError('--now and --grace-period cannot be specified together');
    return 1;
  }
  if (k.flags.bool('force')) {
    if (given > 0)
      throw new UsageError('--force and --grace-period greater than 0 cannot be specified together');
    return 0;
  }
  // Without --force a grace of nothing is raised to one second, so that no data is lost by accident.
  return given === 0 ? 1 : given;
}

function optionsOf(k: Kubectl, grace: number): DeleteOptions {
  const cascade = k.flags.text('cascade');
  const policies: Readonly<Record<string, DeleteOptions['propagationPolicy']>> = {
    background: 'Background',
    true: 'Background',
    foreground: 'Foreground',
    orphan: 'Orphan',
    false: 'Orphan',
  };
  const policy = policies[cascade];
  if (policy === undefined) {
    throw new UsageError(
      `invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`,
    );
  }
  return { propagationPolicy: policy, ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}) };
}

interface Wanted {
  readonly target: Target;
  readonly file?: string;
}

function wantedOf(k: Kubectl): Wanted[] {
  if (k.flags.has('filename')) {
    return readManifests(k, 'delete').map(({ object, resource, file }) => ({
      target: { resource, namespace: object.metadata.namespace ?? '', name: object.metadata.name },
      file,
    }));
  }
  if (k.args.length === 0) throw new UsageError(NO_RESOURCES);
  return parseTargets(k, k.args, { all: k.flags.bool('all'), select: k.flags.bool('all') }).targets.map(
    (target) => ({ target }),
  );
}

function report(k: Kubectl, { resource, object }: Chosen, force: boolean): void {
  const type = printedType(resource);
  if (k.flags.text('output') === 'name') {
    k.io.out(`${printedName(resource, object.metadata.name)}\n`);
    return;
  }
  const operation = `${force ? 'force ' : ''}deleted${dryRunSuffix(dryRunOf(k.flags))}`;
  const where = object.metadata.namespace === undefined ? '' : ` from ${object.metadata.namespace} namespace`;
  k.io.out(`${type} "${object.metadata.name}" ${operation}${where}\n`);
}

function checkFlags(k: Kubectl): void {
  const output = k.flags.text('output');
  if (output !== '' && output !== 'name')
    throw new UsageError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  if (k.flags.bool('all') && k.flags.text('selector') !== '')
    throw new UsageError('cannot set --all and --selector at the same time');
  if (k.flags.bool('all') && k.flags.text('field-selector') !== '')
    throw new UsageError('cannot set --all and --field-selector at the same time');
}

function run(k: Kubectl): Step {
  checkFlags(k);
  const grace = graceOf(k);
  const options = optionsOf(k, grace);
  const mode = dryRunOf(k.flags);
  const wanted = wantedOf(k);
  if (grace === 0) k.io.err(FORCE_WARNING);
  const errors: unknown[] = [];
  const places: (FileContext | undefined)[] = [];
  const left: Waiting['left'][number][] = [];
  let found = 0;
  for (const { target, file } of wanted) {
    try {
      for (const object of fetchTarget(k, target)) {
        found++;
        const { namespace = '', name, uid = '' } = object.metadata;
        if (mode === 'none') k.api.delete(target.resource, namespace, name, options);
        report(k, { resource: target.resource, object }, grace === 0);
        left.push({ resource: target.resource, namespace, name, uid });
      }
    } catch (error) {
      if (k.flags.bool('ignore-not-found') && (error as { reason?: string }).reason === 'NotFound') {
        found++;
        continue;
      }
      errors.push(error);
      places.push(file === undefined ? undefined : { doing: 'deleting', file });
    }
  }
  if (found === 0 && errors.length === 0) k.io.out('No resources found\n');
  const end = printErrors(k, errors, (i) => places[i]);
  const waits = k.flags.bool('wait') && mode === 'none' && grace !== 0 && !k.flags.bool('force');
  if (!waits || left.length === 0) return end;
  const timeout = k.flags.duration('timeout');
  const untilNs = timeout > 0 ? k.world.nowNs + (timeout / 1000) * SECOND : Number.MAX_SAFE_INTEGER;
  return stillThere(k, { left, untilNs, code: errors.length > 0 ? 1 : 0 });
}

/** Ends when everything is gone; an object of the same name and another uid is not the one that was deleted. */
function stillThere(k: Kubectl, state: Waiting): Step {
  const left = state.left.filter(({ resource, namespace, name, uid }) => {
    const object = k.api.get(resource, namespace, name);
    return object !== undefined && (object.metadata.uid ?? '') === uid;
  });
  if (left.length === 0) return state.code === 0 ? DONE : FAILED;
  if (k.world.nowNs >= state.untilNs) {
    const { resource, name } = left[0]!;
    k.io.err(errorText(new UsageError(`timed out waiting for the condition on ${resource.plural}/${name}`)));
    return FAILED;
  }
  return { state: { ...state, left }, afterNs: WATCH_EVERY_NS };
}

export const deleteVerb: Verb = {
  path: 'delete',
  run,
  resume: (k, state) => stillThere(k, state as Waiting),
};
