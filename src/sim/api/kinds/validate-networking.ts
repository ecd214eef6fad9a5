/** Validation of Ingress, IngressClass and NetworkPolicy. Upstream: pkg/apis/networking/validation/validation.go. */
import { addressBytes, inPrefix, parsePrefix } from '../../../lib/ip';
import { forbiddenField, invalidValue, notSupported, required, tooLong } from '../field-errors';
import type { FieldError } from '../field-error';
import { dns1035Label, dnsLabel, dnsSubdomain, pathSegment, wildcardSubdomain } from '../names';
import { checkCidr } from './check-addresses';
import { checkPortNumber, portName } from './check-ports';
import { checkName, checkOneOf } from './checks';
import type {
  Ingress,
  IngressBackend,
  IngressClass,
  IngressPath,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from './networking';
import { validateSelector } from './validate-selector';

/** The annotation from before IngressClass. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Class, backends, hosts and paths of an Ingress. */
export function validateIngress(ingress: Ingress): FieldError[] {
  const spec = ingress.spec ?? {};
  const errors: FieldError[] = [];
  if ((spec.rules ?? []).length === 0 && spec.defaultBackend === undefined)
    errors.push(
      invalidValue('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'),
    );
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'));
  for (const [i, rule] of (spec.rules ?? []).entries()) {
    const at = `spec.rules[${i}]`;
    if (rule.host) errors.push(...validateHost(rule.host, `${at}.host`));
    if (rule.http && (rule.http.paths ?? []).length === 0) errors.push(required(`${at}.http.paths`));
    for (const [j, path] of (rule.http?.paths ?? []).entries())
      errors.push(...validatePath(path, `${at}.http.paths[${j}]`));
  }
  for (const [i, tls] of (spec.tls ?? []).entries()) {
    for (const [j, host] of (tls.hosts ?? []).entries()) {
      const check = host.includes('*') ? wildcardSubdomain : dnsSubdomain;
      errors.push(...checkName(`spec.tls[${i}].hosts[${j}]`, host, check));
    }
    if (tls.secretName) errors.push(...checkName(`spec.tls[${i}].secretName`, tls.secretName, dnsSubdomain));
  }
  const name = spec.ingressClassName;
  if (name !== undefined) errors.push(...checkName('spec.ingressClassName', name, dnsSubdomain));
  return errors;
}

/** Only for new objects: old ones may carry both. */
export function validateIngressCreate(ingress: Ingress): FieldError[] {
  const old = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const name = ingress.spec?.ingressClassName;
  if (old === undefined || name === undefined || old === name) return [];
  const why = 'must match `ingressClassName` when both are specified';
  // The path lacks "metadata": the server's own slip.
  return [invalidValue(`annotations.${CLASS_ANNOTATION}`, old, why)];
}

function validateHost(host: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (addressBytes(host) !== null)
    errors.push(invalidValue(field, host, 'must be a DNS name, not an IP address'));
  return [...errors, ...checkName(field, host, host.includes('*') ? wildcardSubdomain : dnsSubdomain)];
}

const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_ENDS = ['/..', '/.'];

function validatePath(path: IngressPath, at: string): FieldError[] {
  const { pathType: type, path: text = '', backend } = path;
  if (type === undefined) return [required(`${at}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  const say = (why: string) => errors.push(invalidValue(`${at}.path`, text, why));
  if (type === 'Exact' || type === 'Prefix') {
    if (!text.startsWith('/')) say('must be an absolute path');
    for (const bad of BAD_SEQUENCES) if (text.includes(bad)) say(`must not contain '${bad}'`);
    for (const bad of BAD_ENDS) if (text.endsWith(bad)) say(`cannot end with '${bad}'`);
  } else if (type === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) say('must be an absolute path');
  } else errors.push(notSupported(`${at}.pathType`, type, ['Exact', 'ImplementationSpecific', 'Prefix']));
  return [...errors, ...validateBackend(backend ?? {}, `${at}.backend`)];
}

function validateBackend({ service, resource }: IngressBackend, at: string): FieldError[] {
  if (service && resource) return [invalidValue(at, '', 'cannot set both resource and service backends')];
  if (resource) return checkReference(resource, `${at}.resource`);
  if (!service) return [invalidValue(at, '', 'resource or service backend is required')];
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(`${at}.service.name`));
  else errors.push(...checkName(`${at}.service.name`, service.name, dns1035Label));
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalidValue(at, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...checkName(`${at}.service.port.name`, name, portName));
  else if (number) errors.push(...checkPortNumber(`${at}.service.port.number`, number));
  else errors.push(required(at, 'port name or number is required'));
  return errors;
}

interface Reference {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
}

/** Kind and name stand in the paths of requests. */
function checkReference({ apiGroup, kind, name }: Reference, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (apiGroup !== undefined) errors.push(...checkName(`${at}.apiGroup`, apiGroup, dnsSubdomain));
  for (const [field, value] of Object.entries({ kind, name }))
    errors.push(...(value ? checkName(`${at}.${field}`, value, pathSegment) : [required(`${at}.${field}`)]));
  return errors;
}

const MAX_CONTROLLER = 250;

interface ClassParameters extends Reference {
  readonly namespace?: string;
  readonly scope?: string;
}

/** Controller and parameters of an IngressClass. */
export function validateIngressClass(ingressClass: IngressClass): FieldError[] {
  const { controller = '', parameters } = ingressClass.spec ?? {};
  const errors: FieldError[] = [];
  if (controller.length > MAX_CONTROLLER) errors.push(tooLong('spec.controller', MAX_CONTROLLER));
  errors.push(...checkDomainPath('spec.controller', controller));
  if (parameters === undefined) return errors;
  const at = 'spec.parameters';
  const { namespace, scope } = parameters as ClassParameters;
  errors.push(...checkReference(parameters as ClassParameters, at));
  const known = checkOneOf(`${at}.scope`, scope, ['Cluster', 'Namespace']);
  errors.push(...known);
  if (scope === 'Namespace' && namespace === undefined)
    errors.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  else if (scope === 'Namespace') errors.push(...checkName(`${at}.namespace`, namespace!, dnsLabel));
  if (scope === 'Cluster' && namespace !== undefined)
    errors.push(forbiddenField(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  return errors;
}

/** The controller of an IngressClass stays. */
export function validateIngressClassUpdate(now: IngressClass, old: IngressClass): FieldError[] {
  const controller = now.spec?.controller;
  return controller === old.spec?.controller
    ? []
    : [invalidValue('spec.controller', controller, 'field is immutable')];
}

function checkDomainPath(field: string, text: string): FieldError[] {
  if (text === '') return [required(field)];
  const slash = text.indexOf('/');
  const [host, path] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash <= 0 || path === '')
    return [invalidValue(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const errors = checkName(field, host, dnsSubdomain);
  const pattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
  if (!new RegExp(`^${pattern}$`).test(path))
    errors.push(invalidValue(field, path, `Invalid path (regex used for validation is '${pattern}')`));
  return errors;
}

/** Selectors, peers and ports of a NetworkPolicy. */
export function validateNetworkPolicy(policy: NetworkPolicy): FieldError[] {
  const spec = policy.spec ?? {};
  const errors = validateSelector(spec.podSelector, 'spec.podSelector');
  for (const [i, rule] of (spec.ingress ?? []).entries()) {
    const at = `spec.ingress[${i}]`;
    for (const [j, port] of (rule.ports ?? []).entries())
      errors.push(...validatePolicyPort(port, `${at}.ports[${j}]`));
    for (const [j, peer] of (rule.from ?? []).entries())
      errors.push(...validatePeer(peer, `${at}.from[${j}]`));
  }
  for (const [i, rule] of (spec.egress ?? []).entries()) {
    const at = `spec.egress[${i}]`;
    for (const [j, port] of (rule.ports ?? []).entries())
      errors.push(...validatePolicyPort(port, `${at}.ports[${j}]`));
    for (const [j, peer] of (rule.to ?? []).entries()) errors.push(...validatePeer(peer, `${at}.to[${j}]`));
  }
  const types = spec.policyTypes ?? [];
  if (types.length > 2)
    return [...errors, invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')];
  for (const [i, type] of types.entries())
    if (type !== 'Ingress' && type !== 'Egress')
      errors.push(notSupported(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']));
  return errors;
}

function validatePolicyPort({ protocol, port, endPort }: NetworkPolicyPort, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol !== undefined && !['TCP', 'UDP', 'SCTP'].includes(protocol))
    errors.push(notSupported(`${at}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']));
  const end = (value: number, why: string) => errors.push(invalidValue(`${at}.endPort`, value, why));
  if (port === undefined) {
    if (endPort !== undefined) end(endPort, 'may not be specified when `port` is not specified');
  } else if (typeof port === 'number') {
    errors.push(...checkPortNumber(`${at}.port`, port));
    if (endPort === undefined) return errors;
    // The value shown is the port, not the end: the server's own slip.
    if (endPort < port) end(port, 'must be greater than or equal to `port`');
    errors.push(...checkPortNumber(`${at}.endPort`, endPort));
  } else {
    if (endPort !== undefined) end(endPort, 'may not be specified when `port` is non-numeric');
    errors.push(...checkName(`${at}.port`, port, portName));
  }
  return errors;
}

function validatePeer(peer: NetworkPolicyPeer, at: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const errors = validateSelector(podSelector, `${at}.podSelector`);
  errors.push(...validateSelector(namespaceSelector, `${at}.namespaceSelector`));
  if (ipBlock) errors.push(...validateBlock(ipBlock, `${at}.ipBlock`));
  const count = [podSelector, namespaceSelector, ipBlock].filter((one) => one !== undefined).length;
  if (count === 0) errors.push(required(at, 'must specify a peer'));
  else if (count > 1 && ipBlock)
    errors.push(forbiddenField(at, 'may not specify both ipBlock and another peer'));
  return errors;
}

function validateBlock(block: NonNullable<NetworkPolicyPeer['ipBlock']>, at: string): FieldError[] {
  if (!block.cidr) return [required(`${at}.cidr`)];
  const wrong = checkCidr(`${at}.cidr`, block.cidr);
  if (wrong.length > 0) return wrong;
  const errors: FieldError[] = [];
  const whole = parsePrefix(block.cidr)!;
  for (const [i, except] of (block.except ?? []).entries()) {
    const field = `${at}.except[${i}]`;
    const bad = checkCidr(field, except);
    errors.push(...bad);
    if (bad.length > 0) continue;
    const part = parsePrefix(except)!;
    const inside = inPrefix(except.split('/')[0]!, block.cidr) && part.length > whole.length;
    if (!inside) errors.push(invalidValue(field, except, 'must be a strict subset of `cidr`'));
  }
  return errors;
}
