/** EndpointSlices and Endpoints. Upstream: pkg/apis/discovery/validation, pkg/apis/core/validation (ValidateEndpoints). */
import { addressBytes } from '../../../lib/ip';
import { duplicate, invalidValue, required, tooMany } from '../field-errors';
import type { FieldError } from '../field-error';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../names';
import type { Draft, KindRules } from '../rules';
import { checkIp, checkOrdinaryIp } from './check-addresses';
import { checkPortNumber, checkProtocol } from './check-ports';
import { checkName, checkOneOf } from './checks';
import type { Endpoint, EndpointAddress, Endpoints, EndpointSlice } from './endpointslice';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_ZONES = 8;

function defaultSlice(slice: Draft<EndpointSlice>): void {
  for (const port of slice.ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

function validateSlice(slice: EndpointSlice): FieldError[] {
  const errors = checkOneOf('addressType', slice.addressType, ['FQDN', 'IPv4', 'IPv6']);
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany('endpoints', endpoints.length, MAX_ENDPOINTS));
  else
    for (const [i, endpoint] of endpoints.entries())
      errors.push(...validateEndpoint(endpoint, slice.addressType, `endpoints[${i}]`));
  const names = new Set<string>();
  const ports = slice.ports ?? [];
  if (ports.length > MAX_PORTS) return [...errors, tooMany('ports', ports.length, MAX_PORTS)];
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
  const zones = endpoint.hints?.forZones ?? [];
  if (zones.length > MAX_ZONES) errors.push(tooMany(`${at}.hints.forZones`, zones.length, MAX_ZONES));
  const seen = new Set<string>();
  for (const [i, zone] of zones.entries()) {
    if (seen.has(zone.name)) errors.push(duplicate(`${at}.hints.forZones[${i}].name`, zone.name));
    seen.add(zone.name);
  }
  return errors;
}

function validateAddress(address: string, type: EndpointSlice['addressType'], field: string): FieldError[] {
  if (type === 'FQDN') return checkName(field, address, dnsSubdomain);
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
