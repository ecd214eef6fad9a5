/**
 * Services: defaults, and what the registry strategy fills in or clears on writes.
 * Upstream: pkg/apis/core/v1/defaults.go, pkg/registry/core/service/strategy.go and storage/alloc.go.
 */
import { addressBytes } from '../../../lib/ip';
import { sameValue } from '../equal';
import { invalidValue } from '../field-errors';
import type { FieldError } from '../field-error';
import type { Draft, KindRules, RuleContext } from '../rules';
import type { Service, ServiceSpec } from './service';
import { validateService, validateServiceUpdate } from './validate-service';

type Spec = Draft<ServiceSpec>;

function needsClusterIp(spec: ServiceSpec): boolean {
  return spec.type !== 'ExternalName';
}

function needsNodePort(spec: ServiceSpec): boolean {
  return (
    spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  );
}

function needsHealthCheck(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** Reached from outside: these have an external traffic policy. */
export function externallyAccessible(spec: ServiceSpec): boolean {
  return (
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
  );
}

function defaultService(service: Draft<Service>): void {
  const spec: Spec = (service.spec ??= {});
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP')
    spec.sessionAffinityConfig = {
      clientIP: { timeoutSeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800 },
    };
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '')
      port.targetPort = port.port ?? 0;
  }
  if (externallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
}

function prepareCreate(service: Draft<Service>): void {
  const { spec } = service;
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
  else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
  service.status = { loadBalancer: {} };
}

function prepareUpdate(service: Draft<Service>, old: Service): void {
  const { spec } = service;
  keepAllocated(spec, old.spec);
  syncClusterIps(spec, old.spec);
  dropUnneeded(spec, old.spec);
  trimDowngrade(spec, old.spec);
  if (old.spec.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') service.status = { loadBalancer: {} };
}

/** What an update leaves out and still applies keeps its old value. */
function keepAllocated(spec: Spec, old: ServiceSpec): void {
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    spec.clusterIP ||= old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && old.clusterIPs) spec.clusterIPs = [...old.clusterIPs];
  }
  if (needsNodePort(old) && needsNodePort(spec)) {
    const before = new Map((old.ports ?? []).map((port) => [port.name ?? '', port]));
    const used = new Set((spec.ports ?? []).map((port) => `${port.nodePort}/${port.protocol}`));
    for (const port of spec.ports ?? []) {
      const was = before.get(port.name ?? '');
      if (port.nodePort || !was?.nodePort || used.has(`${was.nodePort}/${port.protocol}`)) continue;
      port.nodePort = was.nodePort;
      used.add(`${was.nodePort}/${port.protocol}`);
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(spec)) spec.healthCheckNodePort ||= old.healthCheckNodePort;
}

/** clusterIP and clusterIPs[0] are one value; whichever of the two a client changed wins. */
function syncClusterIps(spec: Spec, old: ServiceSpec): void {
  const listSame = sameValue(spec.clusterIPs, old.clusterIPs);
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
  else if (listSame && spec.clusterIP && spec.clusterIP !== old.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else if (!spec.clusterIP && spec.clusterIPs?.[0] && needsClusterIp(spec))
    spec.clusterIP = spec.clusterIPs[0];
}

/** A change of type drops what the new type has no use for, unless the request changed it too. */
function dropUnneeded(spec: Spec, old: ServiceSpec): void {
  const same = (field: keyof ServiceSpec) => sameValue(spec[field], old[field]);
  if (needsClusterIp(old) && !needsClusterIp(spec))
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const)
      if (same(field)) delete spec[field];
  if (needsNodePort(old) && !needsNodePort(spec)) {
    const before = (old.ports ?? []).map((port) => port.nodePort ?? 0).filter((port) => port !== 0);
    const now = (spec.ports ?? []).map((port) => port.nodePort ?? 0).filter((port) => port !== 0);
    if (now.every((port) => before.includes(port))) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec) && same('healthCheckNodePort'))
    delete spec.healthCheckNodePort;
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer')
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] as const)
      if (same(field)) delete spec[field];
  if (externallyAccessible(old) && !externallyAccessible(spec) && same('externalTrafficPolicy'))
    delete spec.externalTrafficPolicy;
  if (old.type !== 'ExternalName' && spec.type === 'ExternalName' && same('internalTrafficPolicy'))
    delete spec.internalTrafficPolicy;
}

/** Asking for SingleStack is enough to give up the second address and family; a client need not take them out as well. */
function trimDowngrade(spec: Spec, old: ServiceSpec): void {
  const wasDual = old.ipFamilyPolicy === 'PreferDualStack' || old.ipFamilyPolicy === 'RequireDualStack';
  if (!wasDual || spec.ipFamilyPolicy !== 'SingleStack') return;
  if (spec.clusterIPs?.length === old.clusterIPs?.length) spec.clusterIPs = spec.clusterIPs?.slice(0, 1);
  if (spec.ipFamilies?.length === old.ipFamilies?.length) spec.ipFamilies = spec.ipFamilies?.slice(0, 1);
}

/**
 * Families of a valid Service by what the cluster has: the inferring half of alloc.go's initIPFamilyFields. Runs after
 * validation; its errors end the request.
 */
export function settleFamilies(service: Draft<Service>, context: RuleContext): FieldError[] {
  const { spec } = service;
  if (!needsClusterIp(spec)) return [];
  const errors = explicitSingleStack(spec);
  const has = (family: string) => context.ipFamilies.some((one) => one === family);
  const families: ('IPv4' | 'IPv6')[] = [...(spec.ipFamilies ?? [])];
  for (const [i, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === 'None' || i < families.length) continue;
    const family = addressBytes(ip)?.length === 16 ? 'IPv6' : 'IPv4';
    if (has(family)) families.push(family);
    else
      errors.push(
        invalidValue(`spec.clusterIPs[${i}]`, spec.clusterIPs, `${family} is not configured on this cluster`),
      );
  }
  if (errors.length > 0) return errors;
  if (spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0) {
    // Nobody allocates anything for these, so they get all families, on single-stack clusters too.
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    if (families.length === 0) families.push(context.ipFamilies[0] ?? 'IPv4');
    if (spec.ipFamilyPolicy !== 'SingleStack' && families.length === 1) families.push(other(families[0]!));
    spec.ipFamilies = families;
    return [];
  }
  for (const [i, family] of families.entries())
    if (!has(family))
      errors.push(invalidValue(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
  spec.ipFamilyPolicy ??= families.length > 1 ? 'RequireDualStack' : 'SingleStack';
  const dual = context.ipFamilies.length > 1;
  if (spec.ipFamilyPolicy === 'RequireDualStack' && !dual)
    errors.push(
      invalidValue(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy,
        'this cluster is not configured for dual-stack services',
      ),
    );
  if (errors.length > 0) return errors;
  if (families.length === 0) families.push(context.ipFamilies[0] ?? 'IPv4');
  if (spec.ipFamilyPolicy !== 'SingleStack' && dual && families.length === 1)
    families.push(other(families[0]!));
  spec.ipFamilies = families;
  return [];
}

function explicitSingleStack(spec: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const say = (what: string) =>
    invalidValue(
      'spec.ipFamilyPolicy',
      spec.ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    );
  const errors: FieldError[] = [];
  if (spec.clusterIPs?.length === 2) errors.push(say('cluster IPs'));
  if (spec.ipFamilies?.length === 2) errors.push(say('IP families'));
  return errors;
}

function other(family: 'IPv4' | 'IPv6'): 'IPv4' | 'IPv6' {
  return family === 'IPv4' ? 'IPv6' : 'IPv4';
}

export const SERVICE_RULES: KindRules<Service> = {
  default: defaultService,
  prepareCreate,
  prepareUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  updateFirst: true,
};
