/** `kubectl describe`: pages of the objects named, or of those whose names begin so. */
import { ApiError } from '../../api/errors';
import type { ApiObject } from '../../api/object';
import type { Resource } from '../../api/kinds/resources';
import type { Step } from '../shell';
import { UsageError, errorText } from './api';
import type { KubeApi } from './api';
import type { Kubectl, Verb } from './context';
import { DONE, FAILED } from './context';
import { describePage } from './describe-cluster';
import type { DescribeContext } from './describe-writer';
import { manifestTargets } from './files';
import { fetchTarget, parseTargets } from './targets';
import type { Target } from './targets';

/** Looks objects up by kind, for the parts of a page that are about other objects. */
export function describeContext(api: KubeApi, nowMs: number, showEvents = true): DescribeContext {
  const byKind = (kind: string): Resource | undefined =>
    api.resources().find((resource) => resource.kind === kind);
  return {
    nowMs,
    showEvents,
    list: (kind, namespace) => {
      const resource = byKind(kind);
      return resource === undefined ? [] : api.list(resource, namespace);
    },
    get: (kind, namespace, name) => {
      const resource = byKind(kind);
      return resource && api.get(resource, namespace, name);
    },
  };
}

/** The objects of a target; a name that is not there may be the beginning of others. */
function objectsOf(k: Kubectl, target: Target): readonly ApiObject[] {
  try {
    return fetchTarget(k, target);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'NotFound' || target.name === null) throw error;
    const near = k.api
      .list(target.resource, target.namespace ?? undefined)
      .filter((object) => object.metadata.name.startsWith(target.name!));
    if (near.length === 0) throw error;
    return near;
  }
}

function run(k: Kubectl): Step {
  if (k.args.length === 0 && !k.flags.has('filename')) {
    throw new UsageError(
      'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  }
  const { targets } = k.flags.has('filename') ? manifestTargets(k) : parseTargets(k, k.args, { all: true });
  const context = describeContext(k.api, k.nowMs, k.flags.bool('show-events'));
  const pages: string[] = [];
  const errors: unknown[] = [];
  for (const target of targets) {
    try {
      for (const object of objectsOf(k, target)) pages.push(describePage(object, context));
    } catch (error) {
      errors.push(error);
    }
  }
  k.io.out(pages.join('\n\n'));
  if (pages.length === 0 && errors.length === 0) {
    const everywhere = k.allNamespaces || targets.some((target) => !target.resource.namespaced);
    k.io.err(everywhere ? 'No resources found\n' : `No resources found in ${k.namespace} namespace.\n`);
  }
  for (const error of errors) k.io.err(errorText(error));
  return errors.length > 0 ? FAILED : DONE;
}

export const describeVerb: Verb = { path: 'describe', run };
