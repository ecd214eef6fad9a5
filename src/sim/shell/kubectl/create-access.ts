/** Roles, bindings, priority classes and bare objects that `kubectl create` makes from its flags (kubectl pkg/cmd/create). */
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { isRecord } from './plain-values';
import { resourceNamed } from './targets';

const RBAC = 'rbac.authorization.k8s.io';

const VERBS =
  'get delete list create update patch watch proxy deletecollection use bind escalate impersonate'.split(' ');

/** Paths of a request that belong to no resource, which only a ClusterRole can allow. */
function urlRules(k: Kubectl, verbs: readonly string[]): object[] {
  const urls = k.flags.list('non-resource-url');
  return urls.length === 0 ? [] : [{ nonResourceURLs: urls, verbs }];
}

export function roleSpec(k: Kubectl, name: string, kind: 'Role' | 'ClusterRole'): ApiObject {
  const verbs = [...new Set(k.flags.list('verb'))];
  if (verbs.length === 0) throw new UsageError('at least one verb must be specified');
  const groups = new Map<string, string[]>();
  for (const text of k.flags.list('resource')) {
    const [type = '', sub] = text.split('/');
    const resource = resourceNamed(k, type);
    const full = sub === undefined ? resource.plural : `${resource.plural}/${sub}`;
    groups.set(resource.group, [...(groups.get(resource.group) ?? []), full]);
  }
  const urls = kind === 'ClusterRole' ? urlRules(k, verbs) : [];
  if (groups.size === 0 && urls.length === 0)
    throw new UsageError(
      kind === 'Role'
        ? 'at least one resource must be specified'
        : 'one of resource or nonResourceURL must be specified',
    );
  for (const verb of urls.length > 0 ? [] : verbs)
    if (verb !== '*' && !VERBS.includes(verb))
      k.io.err(`Warning: '${verb}' is not a standard resource verb\n`);
  const names = k.flags.list('resource-name');
  const rules = [...groups].map(([group, resources]) => ({
    apiGroups: [group],
    ...(names.length > 0 ? { resourceNames: names } : {}),
    resources,
    verbs,
  }));
  return { apiVersion: `${RBAC}/v1`, kind, metadata: { name }, rules: [...rules, ...urls] };
}

export function bindingSpec(k: Kubectl, name: string, kind: 'RoleBinding' | 'ClusterRoleBinding'): ApiObject {
  const role = k.flags.text('role');
  const clusterRole = k.flags.text('clusterrole');
  if ((role === '') === (clusterRole === ''))
    throw new UsageError('exactly one of clusterrole or role must be specified');
  const accounts = k.flags.list('serviceaccount').map((text) => {
    const [namespace = '', account = ''] = text.split(':');
    if (account === '') throw new UsageError('serviceaccount must be <namespace>:<name>');
    return { kind: 'ServiceAccount', name: account, namespace };
  });
  const named = (flag: string, subject: string) =>
    k.flags.list(flag).map((who) => ({ apiGroup: RBAC, kind: subject, name: who }));
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: role === '' ? 'ClusterRole' : 'Role', name: role || clusterRole },
    subjects: [...named('user', 'User'), ...named('group', 'Group'), ...accounts],
  };
}

export function priorityClassSpec(k: Kubectl, name: string): ApiObject {
  const description = k.flags.text('description');
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    ...(description === '' ? {} : { description }),
    ...(k.flags.bool('global-default') ? { globalDefault: true } : {}),
    preemptionPolicy: k.flags.text('preemption-policy') || 'PreemptLowerPriority',
    value: k.flags.int('value'),
  };
}

/** An object with nothing but a name. */
export function namedSpec(kind: string, name: string): ApiObject {
  const bare: ApiObject = { apiVersion: 'v1', kind, metadata: { name } };
  return kind === 'Namespace' && isRecord(bare) ? { ...bare, spec: {}, status: {} } : bare;
}
