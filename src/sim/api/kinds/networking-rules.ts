/** What the API server knows of Ingress, IngressClass and NetworkPolicy beyond validation. Upstream: pkg/registry/networking. */
import type { Draft, KindRules, RuleContext } from '../rules';
import type { Ingress, IngressClass, NetworkPolicy } from './networking';
import {
  validateIngress,
  validateIngressClass,
  validateIngressClassUpdate,
  validateIngressCreate,
  validateNetworkPolicy,
} from './validate-networking';

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';

/** The DefaultIngressClass plugin: the class marked as default, the newest of several. */
function addDefaultClass(ingress: Draft<Ingress>, context: RuleContext): void {
  const old = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  if (ingress.spec?.ingressClassName !== undefined || old !== undefined || ingress.spec === undefined) return;
  const marked = context
    .list('IngressClass')
    .filter((one) => one.metadata.annotations?.[DEFAULT_CLASS] === 'true')
    .map(({ metadata }) => ({ name: metadata.name, born: metadata.creationTimestamp ?? '' }))
    .sort((a, b) => (a.born === b.born ? (a.name < b.name ? -1 : 1) : a.born > b.born ? -1 : 1));
  if (marked[0] !== undefined) ingress.spec.ingressClassName = marked[0].name;
}

export const INGRESS_RULES: KindRules<Ingress> = {
  prepareCreate: addDefaultClass,
  validate: validateIngress,
  validateCreate: validateIngressCreate,
};

export const INGRESSCLASS_RULES: KindRules<IngressClass> = {
  default(ingressClass) {
    const parameters = ingressClass.spec?.parameters as { scope?: string } | undefined;
    if (parameters) parameters.scope ||= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  updateFirst: true,
  statusSubresource: false,
};

/** Without policyTypes a policy always isolates ingress, and egress only when it has egress rules. */
function defaultNetworkPolicy(policy: Draft<NetworkPolicy>): void {
  const spec = (policy.spec ??= {});
  spec.podSelector ??= {};
  if ((spec.policyTypes ?? []).length === 0)
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
}

export const NETWORKPOLICY_RULES: KindRules<NetworkPolicy> = {
  default: defaultNetworkPolicy,
  validate: validateNetworkPolicy,
  statusSubresource: false,
};
