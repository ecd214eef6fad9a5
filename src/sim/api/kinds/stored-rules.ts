/** Kinds that are stored and shown only, as far as the server fills something in. Upstream: the defaults.go of their groups. */
import type { ApiObject } from '../object';
import type { Draft, KindRules } from '../rules';
import { defaultClaim, defaultCronJob, defaultReplicationController } from './workload-defaults';

export const CRONJOB_RULES: KindRules = { default: (cron) => defaultCronJob(cron as object) };

export const PERSISTENTVOLUMECLAIM_RULES: KindRules = { default: (claim) => defaultClaim(claim as object) };

export const REPLICATIONCONTROLLER_RULES: KindRules = {
  default: (owner) => defaultReplicationController(owner as { metadata: object }),
};

interface Binding extends ApiObject {
  readonly roleRef?: { readonly apiGroup?: string };
  readonly subjects?: readonly { readonly kind?: string; readonly apiGroup?: string }[];
}

const RBAC = 'rbac.authorization.k8s.io';

/** RoleBinding and ClusterRoleBinding. Not simulated: nobody is refused for want of a role. */
export const BINDING_RULES: KindRules<Binding> = {
  default(binding: Draft<Binding>) {
    if (binding.roleRef) binding.roleRef.apiGroup ||= RBAC;
    for (const subject of binding.subjects ?? [])
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC;
  },
  statusSubresource: false,
};
