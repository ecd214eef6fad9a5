/** `kubectl rollout history|undo|restart|pause|resume` (kubectl pkg/cmd/rollout, pkg/polymorphichelpers). */
import { sameValue } from '../../api/equal';
import type { ApiObject } from '../../api/object';
import type { Resource } from '../../api/kinds/resources';
import { EPOCH_SECONDS } from '../../api/time';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { podTemplate } from './describe-pod';
import { replicaSetsOf } from './describe-workloads';
import { Page } from './describe-writer';
import { isRecord } from './plain-values';
import { at, map } from './read';
import { DESCRIBE_TABS, layoutTabs } from '../tabwriter';
import { rfc3339 } from './time';
import { resourceNamed } from './targets';
import { chooseObjects, forEach, say, store } from './write';
import { withField } from './change';
import type { Chosen } from './write';

const REVISION = 'deployment.kubernetes.io/revision';
const CAUSE = 'kubernetes.io/change-cause';
const RESTARTED = 'kubectl.kubernetes.io/restartedAt';
const HASH = 'pod-template-hash';
const NOTHING = 'required resource not specified';

interface Revision {
  readonly number: number;
  readonly cause: string;
  readonly template: unknown;
}

/** Revisions of a Deployment by its ReplicaSets, of others by their ControllerRevisions; oldest first. */
function revisionsOf(k: Kubectl, object: ApiObject): Revision[] {
  const namespace = object.metadata.namespace;
  if (object.kind === 'Deployment') {
    const { all } = replicaSetsOf(object, k.api.list(resourceNamed(k, 'replicasets'), namespace));
    return sorted(
      all.map((set) => ({
        number: Number(set.metadata.annotations?.[REVISION] ?? 0),
        cause: set.metadata.annotations?.[CAUSE] ?? '',
        template: at(set, 'spec.template'),
      })),
    );
  }
  const revisions = k.api.list(resourceNamed(k, 'controllerrevisions'), namespace);
  return sorted(
    revisions
      .filter((one) => one.metadata.ownerReferences?.some((ref) => ref.uid === object.metadata.uid))
      .map((one) => ({
        number: Number(one['revision'] ?? 0),
        cause: one.metadata.annotations?.[CAUSE] ?? '',
        template: at(one, 'data.spec.template'),
      })),
  );
}

function sorted(revisions: Revision[]): Revision[] {
  return revisions.filter(({ number }) => number > 0).sort((a, b) => a.number - b.number);
}

function requireArgs(k: Kubectl): void {
  if (k.args.length === 0 && !k.flags.has('filename')) throw new UsageError(NOTHING);
}

/** `deployments.apps "web"` */
function calledInFull(resource: Resource, object: ApiObject): string {
  return `${resource.plural}${resource.group && `.${resource.group}`} "${object.metadata.name}"`;
}

const WITH_HISTORY = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);
/** Kinds whose work rolls out, or would: the rest is unknown to the walk over workloads. */
const WORKLOADS = new Set(['Pod', 'ReplicaSet', 'ReplicationController', 'Job', 'CronJob']);

/** Throws UsageError for kinds that keep no revisions. */
function requireHistory(resource: Resource, doing: string, tool: string): void {
  const kind = `${resource.kind}${resource.group && `.${resource.group}`}`;
  if (WITH_HISTORY.has(resource.kind)) return;
  if (WORKLOADS.has(resource.kind)) throw new UsageError(`no ${tool} has been implemented for "${kind}"`);
  throw new UsageError(
    `error ${doing} for "${kind}", no visitor method exists for {${resource.group} ${resource.kind}}`,
  );
}

function history(k: Kubectl): Step {
  requireArgs(k);
  return forEach(k, chooseObjects(k, k.args, { all: true }), ({ resource, object }) => {
    requireHistory(resource, 'retrieving history', 'history viewer');
    const revisions = revisionsOf(k, object);
    const title = `${resource.singular}${resource.group && `.${resource.group}`}/${object.metadata.name}`;
    const wanted = k.flags.int('revision');
    if (wanted < 0) throw new UsageError(`revision must be a positive integer: ${wanted}`);
    if (revisions.length === 0) {
      k.io.out(`${title} ${wanted > 0 ? `with revision #${wanted}` : ''}\nNo rollout history found.\n`);
      return;
    }
    if (wanted > 0) {
      const found = revisions.find(({ number }) => number === wanted);
      if (found === undefined) throw new UsageError('unable to find the specified revision');
      k.io.out(`${title} with revision #${wanted}\n${templateText(found)}\n`);
      return;
    }
    const rows = revisions.map(({ number, cause }) => `${number}\t${cause || '<none>'}\n`).join('');
    k.io.out(`${title} \n${layoutTabs(`REVISION\tCHANGE-CAUSE\n${rows}`, DESCRIBE_TABS)}\n`);
  });
}

/** The pod template of a revision; the change cause is shown among its annotations. */
function templateText({ template, cause }: Revision): string {
  const annotations = {
    ...map(template, 'metadata.annotations'),
    ...(cause === '' ? {} : { [CAUSE]: cause }),
  };
  const meta = { ...(at(template, 'metadata') as object), annotations };
  const page = new Page();
  podTemplate(page, { ...(template as object), metadata: meta });
  // This page is not laid out in columns: kubectl prints its tabs as they are.
  return page.raw();
}

function withoutHash(template: unknown): object {
  const { [HASH]: _hash, ...labels } = map(template, 'metadata.labels');
  return { ...(template as object), metadata: { ...(at(template, 'metadata') as object), labels } };
}

function undoOne(k: Kubectl, { resource, object }: Chosen): void {
  requireHistory(resource, 'getting rollbacker', 'rollbacker');
  const wanted = k.flags.int('to-revision');
  const revisions = revisionsOf(k, object);
  const isDeployment = object.kind === 'Deployment';
  const target = wanted > 0 ? revisions.find(({ number }) => number === wanted) : revisions.at(-2);
  if (wanted !== 0 && target === undefined)
    throw new UsageError(`unable to find specified revision ${wanted} in history`);
  if (target === undefined) {
    throw new UsageError(
      isDeployment
        ? `no rollout history found for deployment "${object.metadata.name}"`
        : 'no last revision to roll back to',
    );
  }
  if (isDeployment && at(object, 'spec.paused') === true) {
    throw new UsageError(
      `cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    );
  }
  const template = withoutHash(target.template);
  if (sameValue(template, withoutHash(at(object, 'spec.template')))) {
    say(k, { resource, object }, `skipped rollback (current template already matches revision ${wanted})`);
    return;
  }
  say(k, { resource, object: store(k, withField(object, ['spec', 'template'], template)) }, 'rolled back');
}

function undo(k: Kubectl): Step {
  requireArgs(k);
  return forEach(k, chooseObjects(k, k.args, { all: true }), (one) => undoOne(k, one));
}

const RESTARTABLE = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

function restart(k: Kubectl): Step {
  requireArgs(k);
  return forEach(k, chooseObjects(k, k.args, { all: true }), ({ resource, object }) => {
    if (!RESTARTABLE.has(object.kind)) {
      throw new UsageError(`error: ${calledInFull(resource, object)} restarting is not supported`);
    }
    if (at(object, 'spec.paused') === true) {
      throw new UsageError(
        `error: ${calledInFull(resource, object)} can't restart paused deployment (run rollout resume first)`,
      );
    }
    const when = rfc3339(EPOCH_SECONDS + Math.floor(k.world.nowNs / 1e9));
    const path = ['spec', 'template', 'metadata', 'annotations', RESTARTED];
    say(k, { resource, object: store(k, withField(object, path, when)) }, 'restarted');
  });
}

function setPaused(k: Kubectl, paused: boolean): Step {
  requireArgs(k);
  return forEach(k, chooseObjects(k, k.args, { all: true }), ({ resource, object }) => {
    const name = calledInFull(resource, object);
    if (object.kind !== 'Deployment' || !isRecord(object['spec'])) {
      throw new UsageError(`${name} ${paused ? 'pausing' : 'resuming'} is not supported`);
    }
    const is = at(object, 'spec.paused') === true;
    if (is === paused) throw new UsageError(`${name} is ${paused ? 'already' : 'not'} paused`);
    const stored = store(k, withField(object, ['spec', 'paused'], paused ? true : undefined));
    say(k, { resource, object: stored }, paused ? 'paused' : 'resumed');
  });
}

export const rolloutVerbs: readonly Verb[] = [
  { path: 'rollout history', run: history },
  { path: 'rollout undo', run: undo },
  { path: 'rollout restart', run: restart },
  { path: 'rollout pause', run: (k) => setPaused(k, true) },
  { path: 'rollout resume', run: (k) => setPaused(k, false) },
];
