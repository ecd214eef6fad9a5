/** EndpointSlices and Endpoints. Upstream: pkg/apis/discovery/validation, pkg/apis/core/validation (ValidateEndpoints). */
import { addressBytes } from '../../../lib/ip';
import { duplicate, invalidValue, required, tooMany } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName, type NameCheck } from '../names';
import type { Draft, KindRules } from '../rules';
import { checkIp, checkOrdinaryIp } from './check-addresses';
import { checkPortNumber, checkProtocol } from './check-ports';
import { checkName, checkOneOf } from './checks';
import type { Endpoint, EndpointAddress, Endpoints, EndpointSlice } from './endpointslice';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
/** Zones or nodes for which an endpoint is meant. */
const MAX_HINTS = 8;

function defaultSlice(slice: Draft<EndpointSlice>): void {
  for (const port of slice.ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

function validateSlice(slice: EndpointSlice): FieldError[] {
  const errors = checkOneOf('addressType', slice.addressType, ['FQDN', 'IPv4', 'IPv6']);
  errors.push(...validatePorts(slice.ports ?? []));
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > MAX_ENDPOINTS)
    return [...errors, tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  for (const [i, endpoint] of endpoints.entries())
    errors.push(...validateEndpoint(endpoint, slice.addressType, `endpoints[${i}]`));
  return errors;
}

function validatePorts(ports: NonNullable<EndpointSlice['ports']>): FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `ports[${i}]`;
    const name = port.name ?? '';
    if (name !== '') errors.push(...checkName(`${at}.name`, name, dnsLabel));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    errors.push(...checkProtocol(`${at}.protocol`, port.protocol));
    if (port.appProtocol !== undefined)
      errors.push(...checkName(`${at}.appProtocol`, port.appProtocol, qualifiedName));
  }
  return errors;
}

function validateEndpoint(endpoint: Endpoint, type: EndpointSlice['addressType'], at: string): FieldError[] {
  const errors: FieldError[] = [];
  const addresses = endpoint.addresses ?? [];
  if (addresses.length === 0) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > MAX_ADDRESSES)
    errors.push(tooMany(`${at}.addresses`, addresses.length, MAX_ADDRESSES));
  for (const [i, address] of addresses.entries())
    errors.push(...validateAddress(address, type, `${at}.addresses[${i}]`));
  if (endpoint.nodeName !== undefined)
    errors.push(...checkName(`${at}.nodeName`, endpoint.nodeName, dnsSubdomain));
  if (endpoint.hostname !== undefined)
    errors.push(...checkName(`${at}.hostname`, endpoint.hostname, dnsLabel));
  const { forZones = [], forNodes = [] } = (endpoint.hints ?? {}) as Hints;
  errors.push(...validateHints(forZones, `${at}.hints.forZones`, labelValue));
  errors.push(...validateHints(forNodes, `${at}.hints.forNodes`, dnsSubdomain));
  return errors;
}

interface Hints {
  readonly forZones?: readonly { readonly name: string }[];
  readonly forNodes?: readonly { readonly name: string }[];
}

function validateHints(hints: readonly { name: string }[], at: string, check: NameCheck): FieldError[] {
  if (hints.length > MAX_HINTS) return [tooMany(at, hints.length, MAX_HINTS)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { name = '' }] of hints.entries()) {
    if (seen.has(name)) errors.push(duplicate(`${at}[${i}].name`, name));
    seen.add(name);
    errors.push(...checkName(`${at}[${i}].name`, name, check));
  }
  return errors;
}

/** A name with at least one dot, the last one at will (IsFullyQualifiedDomainName). */
function checkFqdn(field: string, text: string): FieldError[] {
  if (text === '') return [required(field)];
  const name = text.replace(/\.$/, '');
  const wrong = dnsSubdomain(name);
  if (wrong.length > 0) return [invalidValue(field, name, wrong.join(','))];
  const labels = name.split('.');
  if (labels.length < 2)
    return [invalidValue(field, name, 'should be a domain with at least two segments separated by dots')];
  const bad = labels.find((label) => dnsLabel(label).length > 0);
  return bad === undefined ? [] : [invalidValue(field, bad, dnsLabel(bad).join(','))];
}

function validateAddress(address: string, type: EndpointSlice['addressType'], field: string): FieldError[] {
  if (type === 'FQDN') return checkFqdn(field, address);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const bytes = addressBytes(address);
  const fits = bytes?.length === (type === 'IPv4' ? 4 : 16);
  const errors = fits ? [] : [invalidValue(field, address, `must be a valid ${type} address`)];
  return [...errors, ...checkOrdinaryIp(field, address)];
}

export const ENDPOINTSLICE_RULES: KindRules<EndpointSlice> = {
  default: defaultSlice,
  validate: validateSlice,
  validateUpdate: (now, old) =>
    now.addressType === old.addressType
      ? []
      : [invalidValue('addressType', now.addressType, 'field is immutable')],
  statusSubresource: false,
};

function validateEndpointAddress(address: EndpointAddress, at: string): FieldError[] {
  const errors = checkIp(`${at}.ip`, address.ip ?? '');
  if (address.hostname) errors.push(...checkName(`${at}.hostname`, address.hostname, dnsLabel));
  if (address.nodeName) errors.push(...checkName(`${at}.nodeName`, address.nodeName, dnsSubdomain));
  return [...errors, ...checkOrdinaryIp(`${at}.ip`, address.ip ?? '')];
}

function validateEndpoints(endpoints: Endpoints): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, subset] of (endpoints.subsets ?? []).entries()) {
    const at = `subsets[${i}]`;
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
    if (addresses.length === 0 && notReadyAddresses.length === 0)
      errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
    for (const [j, one] of addresses.entries())
      errors.push(...validateEndpointAddress(one, `${at}.addresses[${j}]`));
    for (const [j, one] of notReadyAddresses.entries())
      errors.push(...validateEndpointAddress(one, `${at}.notReadyAddresses[${j}]`));
    for (const [j, port] of ports.entries()) {
      const path = `${at}.ports[${j}]`;
      if (!port.name && ports.length > 1) errors.push(required(`${path}.name`));
      else if (port.name) errors.push(...checkName(`${path}.name`, port.name, dnsLabel));
      errors.push(...checkPortNumber(`${path}.port`, port.port ?? 0));
      errors.push(...checkProtocol(`${path}.protocol`, port.protocol));
      if (port.appProtocol !== undefined)
        errors.push(...checkName(`${path}.appProtocol`, port.appProtocol, qualifiedName));
    }
  }
  return errors;
}

export const ENDPOINTS_RULES: KindRules<Endpoints> = {
  default(endpoints) {
    for (const subset of endpoints.subsets ?? [])
      for (const port of subset.ports ?? []) port.protocol ??= 'TCP';
  },
  validate: validateEndpoints,
  statusSubresource: false,
};
