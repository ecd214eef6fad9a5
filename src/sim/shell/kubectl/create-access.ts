/** Roles, bindings, priority classes and bare objects that `kubectl create` makes from its flags (kubectl pkg/cmd/create). */
import type { ApiObject } from '../../api/object';
import { UsageError } from './api';
import type { Kubectl } from './context';
import { isRecord } from './plain-values';
import { resourceNamed } from './targets';

const RBAC = 'rbac.authorization.k8s.io';

export function roleSpec(k: Kubectl, name: string, kind: 'Role' | 'ClusterRole'): ApiObject {
  const verbs = k.flags.list('verb');
  if (verbs.length === 0) throw new UsageError('at least one verb must be specified');
  const groups = new Map<string, string[]>();
  for (const text of k.flags.list('resource')) {
    const [type = '', sub] = text.split('/');
    const resource = resourceNamed(k, type);
    const full = sub === undefined ? resource.plural : `${resource.plural}/${sub}`;
    groups.set(resource.group, [...(groups.get(resource.group) ?? []), full]);
  }
  if (groups.size === 0) throw new UsageError('at least one resource must be specified');
  const rules = [...groups].map(([group, resources]) => ({ apiGroups: [group], resources, verbs }));
  return { apiVersion: `${RBAC}/v1`, kind, metadata: { name }, rules };
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
