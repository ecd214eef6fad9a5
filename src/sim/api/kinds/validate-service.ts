/** Validation of Services. Upstream: pkg/apis/core/validation/validation.go, ValidateService and ValidateServiceUpdate. */
import { addressBytes } from '../../../lib/ip';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../names';
import { checkCidr, checkIp, checkOrdinaryIp } from './check-addresses';
import { checkPortNumber, checkPortNumberOrName, checkProtocol } from './check-ports';
import { checkName, checkOneOf } from './checks';
import type { Service, ServicePort, ServiceSpec } from './service';
import { validateLabels } from './validate-meta';

const HINTS = 'service.kubernetes.io/topology-aware-hints';
const MODE = 'service.kubernetes.io/topology-mode';
const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

/** A Service as it is written, new or changed. */
export function validateService(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const notes = service.metadata.annotations ?? {};
  if (notes[HINTS] !== undefined && notes[MODE] !== undefined && notes[HINTS] !== notes[MODE])
    errors.push(
      invalidValue(
        `metadata.annotations[${MODE}]`,
        notes[MODE],
        `must match annotations[${HINTS}] when both are specified`,
      ),
    );
  errors.push(...validateByType(spec));
  const names = new Set<string>();
  for (const [i, port] of (spec.ports ?? []).entries())
    errors.push(...validatePort(port, `spec.ports[${i}]`, spec.ports!.length > 1, names));
  if (spec.selector) errors.push(...validateLabels(spec.selector, 'spec.selector'));
  errors.push(...validateAffinity(spec), ...validateClusterIps(spec));
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) {
    const field = `spec.externalIPs[${i}]`;
    const wrong = checkIp(field, ip);
    errors.push(...(wrong.length > 0 ? wrong : checkOrdinaryIp(field, ip)));
  }
  errors.push(...checkOneOf('spec.type', spec.type, TYPES));
  errors.push(...validatePortTable(spec), ...validateLoadBalancer(service), ...validatePolicies(spec));
  return errors;
}

function validateByType(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const headless = spec.clusterIP === 'None';
  if ((spec.ports ?? []).length === 0 && !headless && spec.type !== 'ExternalName')
    errors.push(required('spec.ports'));
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && headless)
    errors.push(
      invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`),
    );
  if (spec.type !== 'ExternalName') return errors;
  const unset = 'may not be set for ExternalName services';
  if ((spec.clusterIPs ?? []).length > 0) errors.push(forbiddenField('spec.clusterIPs', unset));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbiddenField('spec.ipFamilies', unset));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField('spec.ipFamilyPolicy', unset));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(required('spec.externalName'));
  else errors.push(...checkName('spec.externalName', name, dnsSubdomain));
  return errors;
}

function validatePort(
  port: ServicePort,
  at: string,
  nameRequired: boolean,
  names: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!port.name && nameRequired) errors.push(required(`${at}.name`));
  else if (port.name) {
    errors.push(...checkName(`${at}.name`, port.name, dnsLabel));
    if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
    names.add(port.name);
  }
  errors.push(...checkPortNumber(`${at}.port`, port.port ?? 0));
  errors.push(...checkProtocol(`${at}.protocol`, port.protocol));
  errors.push(...checkPortNumberOrName(`${at}.targetPort`, port.targetPort));
  if (port.appProtocol !== undefined)
    errors.push(...checkName(`${at}.appProtocol`, port.appProtocol, qualifiedName));
  return errors;
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const errors = checkOneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']);
  const config = spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    const timeout = config?.clientIP?.timeoutSeconds;
    const at = 'spec.sessionAffinityConfig';
    if (timeout === undefined) errors.push(required(at, 'when session affinity type is ClientIP'));
    else if (timeout <= 0 || timeout > 86_400)
      errors.push(
        invalidValue(`${at}.clientIP.timeoutSeconds`, timeout, 'must be greater than 0 and less than 86400'),
      );
  }
  if (spec.sessionAffinity === 'None' && config !== undefined)
    errors.push(
      forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None'),
    );
  return errors;
}

/** clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy among themselves; what the cluster has is asked later. */
function validateClusterIps(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const ips = spec.clusterIPs ?? [];
  const families = spec.ipFamilies ?? [];
  if (spec.clusterIP && ips.length > 0 && ips[0] !== spec.clusterIP)
    errors.push(invalidValue('spec.clusterIPs', ips, 'first value must match `clusterIP`'));
  for (const [i, family] of families.entries()) {
    const field = `spec.ipFamilies[${i}]`;
    errors.push(...checkOneOf(field, family, ['IPv4', 'IPv6']));
    if (families.indexOf(family) < i) errors.push(duplicate(field, family));
  }
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  if (spec.ipFamilyPolicy !== undefined && !policies.includes(spec.ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, policies));
  const wrong: FieldError[] = [];
  for (const [i, ip] of ips.entries()) {
    if (i > 0 || ip !== 'None') wrong.push(...checkIp(`spec.clusterIPs[${i}]`, ip));
    else if (ips.length > 1)
      wrong.push(invalidValue('spec.clusterIPs', ips, "'None' must be the first and only value"));
  }
  errors.push(...wrong);
  if (ips.length > 2) errors.push(invalidValue('spec.clusterIPs', ips, 'may only hold up to 2 values'));
  // Addresses that are none would only be complained of a second time.
  if (wrong.length > 0) return errors;
  const is = ips.map((ip) => (addressBytes(ip)?.length === 16 ? 'IPv6' : 'IPv4'));
  if (ips.length > 1 && !(is.includes('IPv4') && is.includes('IPv6')))
    errors.push(invalidValue('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family'));
  if (ips[0] === 'None') return errors;
  for (const [i, ip] of ips.entries())
    if (families[i] !== undefined && families[i] !== is[i])
      errors.push(
        invalidValue(
          `spec.clusterIPs[${i}]`,
          ip,
          `expected an ${families[i]} value as indicated by \`ipFamilies[${i}]\``,
        ),
      );
  return errors;
}

/** Node ports and ports among each other, by number and protocol. */
function validatePortTable(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  if (spec.type === 'ClusterIP')
    for (const [i, port] of ports.entries())
      if (port.nodePort)
        errors.push(
          forbiddenField(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"),
        );
  const nodePorts = new Set<string>();
  for (const [i, port] of ports.entries()) {
    if (!port.nodePort) continue;
    const key = `${port.nodePort}/${port.protocol}`;
    if (nodePorts.has(key)) errors.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort));
    nodePorts.add(key);
  }
  const numbers = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const key = `${port.port}/${port.protocol}`;
    // The server shows the pair as its internal struct, in the order of the Go fields.
    const shown = {
      Name: '',
      Protocol: port.protocol,
      AppProtocol: null,
      Port: port.port ?? 0,
      TargetPort: 0,
      NodePort: 0,
    };
    if (numbers.has(key)) errors.push(duplicate(`spec.ports[${i}]`, shown));
    numbers.add(key);
  }
  return errors;
}

function validateClass({ type, loadBalancerClass: name }: ServiceSpec): FieldError[] {
  if (name === undefined) return [];
  if (type === 'LoadBalancer') return checkName('spec.loadBalancerClass', name, qualifiedName);
  return [forbiddenField('spec.loadBalancerClass', ONLY_LOAD_BALANCER)];
}

/** The annotation from before the field. */
function validateRangesNote(service: Service, isLoadBalancer: boolean): FieldError[] {
  const text = service.metadata.annotations?.[RANGES];
  if (text === undefined) return [];
  const field = `metadata.annotations[${RANGES}]`;
  const errors = isLoadBalancer ? [] : [forbiddenField(field, ONLY_LOAD_BALANCER)];
  const ranges = text.trim() === '' ? [] : text.trim().split(',');
  return [...errors, ...ranges.flatMap((range) => checkCidr(field, range.trim()))];
}

function validateLoadBalancer(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const is = spec.type === 'LoadBalancer';
  const ranges = spec.loadBalancerSourceRanges ?? [];
  // The capital letter is the server's own.
  const at = 'spec.LoadBalancerSourceRanges';
  if (ranges.length > 0 && !is) errors.push(forbiddenField(at, ONLY_LOAD_BALANCER));
  for (const [i, range] of ranges.entries()) errors.push(...checkCidr(`${at}[${i}]`, range.trim()));
  if (ranges.length === 0) errors.push(...validateRangesNote(service, is));
  if (spec.allocateLoadBalancerNodePorts !== undefined && !is)
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER));
  return [...errors, ...validateClass(spec)];
}

function validatePolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const {
    externalTrafficPolicy: external,
    internalTrafficPolicy: internal,
    healthCheckNodePort: health,
  } = spec;
  const exposed =
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  if (exposed) errors.push(...checkOneOf('spec.externalTrafficPolicy', external, ['Cluster', 'Local']));
  else if (external)
    errors.push(
      invalidValue(
        'spec.externalTrafficPolicy',
        external,
        'may only be set for externally-accessible services',
      ),
    );
  if (health && spec.type === 'LoadBalancer' && external === 'Local')
    errors.push(...checkPortNumber('spec.healthCheckNodePort', health));
  else if (health)
    errors.push(
      invalidValue(
        'spec.healthCheckNodePort',
        health,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if (internal !== undefined)
    errors.push(...checkOneOf('spec.internalTrafficPolicy', internal, ['Cluster', 'Local']));
  const spreads = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  if (spec.trafficDistribution !== undefined && !spreads.includes(spec.trafficDistribution))
    errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, spreads));
  return errors;
}

/** What may not change: addresses and families, except to and from ExternalName; the class of a load balancer. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  if (spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName')
    errors.push(...validateAddressChange(spec, old.spec), ...validateFamilyChange(spec, old.spec));
  const both = spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer';
  if (both && spec.loadBalancerClass !== old.spec.loadBalancerClass)
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, UNCHANGED));
  // The format of the class is looked at here as well as with the rest.
  errors.push(...validateClass(spec));
  const checked = (one: ServiceSpec) => one.type === 'LoadBalancer' && one.externalTrafficPolicy === 'Local';
  if (checked(spec) && checked(old.spec) && spec.healthCheckNodePort !== old.spec.healthCheckNodePort)
    errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'));
  return errors;
}

const UNCHANGED = 'may not change once set';

function isHeadless(spec: ServiceSpec): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None';
}

function mustBeSingle(policy: string | undefined, what: string): FieldError[] {
  if (policy === 'SingleStack') return [];
  const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  return [invalidValue('spec.ipFamilyPolicy', policy ?? null, why)];
}

/** The first address stays, the second may come, and may go with SingleStack. */
function validateAddressChange(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (isHeadless(spec) && isHeadless(before)) return [];
  const now = spec.clusterIPs ?? [];
  const old = before.clusterIPs ?? [];
  const at = (i: number) => `spec.clusterIPs[${i}]`;
  if (now.length === old.length)
    return old.flatMap((one, i) => (one === now[i] ? [] : [invalidValue(at(i), now, UNCHANGED)]));
  const errors: FieldError[] = [];
  if (now.length === 0) errors.push(invalidValue(at(0), now, 'primary clusterIP can not be unset'));
  else if (old.length > 0 && now[0] !== old[0]) errors.push(invalidValue(at(0), now, UNCHANGED));
  if (now.length < old.length && now.length === 1)
    errors.push(...mustBeSingle(spec.ipFamilyPolicy, 'clusterIP'));
  return errors;
}

/** As the addresses, but every complaint is about the first family. A headless Service may change its families. */
function validateFamilyChange(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (isHeadless(spec) || isHeadless(before)) return [];
  const now = spec.ipFamilies ?? [];
  const old = before.ipFamilies ?? [];
  const field = 'spec.ipFamilies[0]';
  if (now.length === old.length)
    return old.flatMap((one, i) => (one === now[i] ? [] : [invalidValue(field, now, UNCHANGED)]));
  const errors: FieldError[] = [];
  // The addresses are asked and shown here: the server's own slips.
  const ips = spec.clusterIPs ?? [];
  if (now.length < old.length && ips.length === 0)
    errors.push(invalidValue(field, now, 'primary ipFamily can not be unset'));
  if (now.length > 0 && old.length > 0 && now[0] !== old[0]) errors.push(invalidValue(field, ips, UNCHANGED));
  if (now.length < old.length && now.length === 1)
    errors.push(...mustBeSingle(spec.ipFamilyPolicy, 'ipFamily'));
  return errors;
}
