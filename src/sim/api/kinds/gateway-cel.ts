/**
 * The CEL validation rules of Gateway API's CustomResourceDefinitions, written out: `+kubebuilder:validation:XValidation`
 * in apis/v1/*_types.go of kubernetes-sigs/gateway-api. Each gives the path, the type that messages show, and the text.
 * Not simulated: rules that compare with the old object.
 */
import { addressBytes } from '../../../lib/ip';
import type { FieldError } from '../field-error';
import type { ApiObject } from '../object';

type Json = Readonly<Record<string, unknown>>;
type List = readonly Json[];

const list = (value: unknown): List => (Array.isArray(value) ? (value as List) : []);
const record = (value: unknown): Json => (value ?? {}) as Json;

function broken(field: string, shown: 'object' | 'array', message: string): FieldError {
  return { field, type: 'FieldValueInvalid', message: `Invalid value: "${shown}": ${message}` };
}

/** All rules of a kind, parents before children. */
export function validateRules(object: ApiObject): FieldError[] {
  const spec = record(object.spec);
  switch (object.kind) {
    case 'Gateway':
      return [...addressRules(spec), ...listenerRules(spec)];
    case 'HTTPRoute':
      return [
        ...parentRules(spec),
        ...list(spec.rules).flatMap((rule, i) => httpRules(rule, `spec.rules[${i}]`)),
      ];
    case 'GRPCRoute':
      return [
        ...parentRules(spec),
        ...list(spec.rules).flatMap((rule, i) => grpcRules(rule, `spec.rules[${i}]`)),
      ];
    case 'TLSRoute':
      return [...parentRules(spec), ...tlsRules(spec)];
    default:
      return [];
  }
}

const PLAIN = ['HTTP', 'TCP', 'UDP'];

/** Addresses of one type are told apart by their values. */
function addressRules(spec: Json): FieldError[] {
  const of = (type: string) =>
    list(spec.addresses)
      .filter((one) => (one.type ?? 'IPAddress') === type)
      .map(({ value }) => String(value));
  return ['IPAddress', 'Hostname']
    .filter((type) => new Set(of(type)).size < of(type).length)
    .map((type) => broken('spec.addresses', 'array', `${type} values must be unique`));
}

function listenerRules(spec: Json): FieldError[] {
  const listeners = list(spec.listeners);
  const at = 'spec.listeners';
  const errors: FieldError[] = [];
  const every = (test: (listener: Json) => boolean, message: string) => {
    if (!listeners.every(test)) errors.push(broken(at, 'array', message));
  };
  const tls = (listener: Json) => record(listener.tls);
  every(
    (one) => !PLAIN.includes(String(one.protocol)) || one.tls === undefined,
    "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
  );
  every(
    (one) =>
      one.protocol !== 'HTTPS' || one.tls === undefined || (tls(one).mode ?? 'Terminate') === 'Terminate',
    'tls mode must be Terminate for protocol HTTPS',
  );
  every(
    (one) => !['TCP', 'UDP'].includes(String(one.protocol)) || !one.hostname,
    "hostname must not be specified for protocols ['TCP', 'UDP']",
  );
  const unique = (key: (listener: Json) => string) => new Set(listeners.map(key)).size === listeners.length;
  if (!unique((one) => String(one.name)))
    errors.push(broken(at, 'array', 'Listener name must be unique within the Gateway'));
  if (!unique((one) => `${String(one.port)} ${String(one.protocol)} ${String(one.hostname ?? '')}`))
    errors.push(
      broken(at, 'array', 'Combination of port, protocol and hostname must be unique for each listener'),
    );
  for (const [i, listener] of listeners.entries())
    if (listener.tls !== undefined) errors.push(...certificateRule(tls(listener), `${at}[${i}].tls`));
  return errors;
}

/** Terminate needs a certificate or options. A missing field is an error of the rule itself, in CEL's words. */
function certificateRule(tls: Json, at: string): FieldError[] {
  const message = 'certificateRefs or options must be specified when mode is Terminate';
  const { certificateRefs, options } = tls;
  if ((tls.mode ?? 'Terminate') !== 'Terminate') return [];
  if (list(certificateRefs).length > 0 || Object.keys(record(options)).length > 0) return [];
  const missing =
    options === undefined ? 'options' : certificateRefs === undefined ? 'certificateRefs' : null;
  if (missing === null) return [broken(at, 'object', message)];
  return [broken(at, 'object', `no such key: ${missing} evaluating rule: ${message}`)];
}

/** Two references to one parent must name different sections. */
function parentRules(spec: Json): FieldError[] {
  const at = 'spec.parentRefs';
  const parents = list(spec.parentRefs);
  const same = (a: Json, b: Json) =>
    ['group', 'kind', 'name', 'namespace'].every((field) => (a[field] ?? '') === (b[field] ?? ''));
  const section = (one: Json) => String(one.sectionName ?? '');
  const pairs = parents.flatMap((a, i) => parents.slice(i + 1).map((b) => [a, b] as const));
  const twins = pairs.filter(([a, b]) => same(a, b));
  const errors: FieldError[] = [];
  if (twins.some(([a, b]) => (section(a) === '') !== (section(b) === '')))
    errors.push(
      broken(
        at,
        'array',
        'sectionName must be specified when parentRefs includes 2 or more references to the same parent',
      ),
    );
  if (twins.some(([a, b]) => section(a) === section(b)))
    errors.push(
      broken(
        at,
        'array',
        'sectionName must be unique when parentRefs includes 2 or more references to the same parent',
      ),
    );
  return errors;
}

const types = (filters: List) => filters.map((filter) => String(filter.type));

function httpRules(rule: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const filters = list(rule.filters);
  if (types(filters).includes('RequestRedirect') && list(rule.backendRefs).length > 0)
    errors.push(broken(at, 'object', 'RequestRedirect filter must not be used together with backendRefs'));
  errors.push(...prefixRewriteRules(rule, filters, at));
  if (rule.timeouts !== undefined) errors.push(...timeoutRule(record(rule.timeouts), `${at}.timeouts`));
  for (const [i, match] of list(rule.matches).entries())
    errors.push(...pathRules(record(match.path), `${at}.matches[${i}].path`));
  errors.push(...filterListRules(filters, `${at}.filters`));
  for (const [i, backend] of list(rule.backendRefs).entries()) {
    errors.push(...portRule(backend, `${at}.backendRefs[${i}]`));
    errors.push(...filterListRules(list(backend.filters), `${at}.backendRefs[${i}].filters`));
  }
  return errors;
}

/** Replacing a prefix only means something when exactly one prefix can have matched. */
function prefixRewriteRules(rule: Json, filters: List, at: string): FieldError[] {
  const matches = list(rule.matches);
  const onePrefix = matches.length === 1 && record(matches[0]!.path).type === 'PathPrefix';
  const replaces = (type: string, body: string) =>
    filters.some(
      (filter) =>
        filter.type === type && record(record(filter[body]).path).type === 'ReplacePrefixMatch' && !onePrefix,
    );
  const message = (type: string) =>
    `When using ${type} filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified`;
  const errors: FieldError[] = [];
  if (replaces('RequestRedirect', 'requestRedirect'))
    errors.push(broken(at, 'object', message('RequestRedirect')));
  if (replaces('URLRewrite', 'urlRewrite')) errors.push(broken(at, 'object', message('URLRewrite')));
  return errors;
}

function milliseconds(duration: unknown): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  let total = 0;
  for (const [, amount, unit] of String(duration).matchAll(/(\d+)(ms|h|m|s)/g))
    total += Number(amount) * units[unit!]!;
  return total;
}

function timeoutRule({ request, backendRequest }: Json, at: string): FieldError[] {
  if (request === undefined || backendRequest === undefined || milliseconds(request) === 0) return [];
  if (milliseconds(backendRequest) <= milliseconds(request)) return [];
  return [broken(at, 'object', 'backendRequest timeout cannot be longer than request timeout')];
}

const SEQUENCES = ['//', '/./', '/../', '%2f', '%2F', '#'];
const CHARACTERS = "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$";
const BOTH = "['Exact', 'PathPrefix']";

function pathRules({ type = 'PathPrefix', value = '/' }: Json, at: string): FieldError[] {
  if (type !== 'Exact' && type !== 'PathPrefix') return [];
  const text = String(value);
  const errors: FieldError[] = [];
  const say = (message: string) => errors.push(broken(at, 'object', message));
  if (!text.startsWith('/'))
    say(`value must be an absolute path and start with '/' when type one of ${BOTH}`);
  for (const bad of SEQUENCES)
    if (text.includes(bad)) say(`must not contain '${bad}' when type one of ${BOTH}`);
  for (const bad of ['/..', '/.'])
    if (text.endsWith(bad)) say(`must not end with '${bad}' when type one of ${BOTH}`);
  if (!new RegExp(CHARACTERS).test(text))
    say(`must only contain valid characters (matching ${CHARACTERS}) for types ${BOTH}`);
  return errors;
}

const BODIES: Readonly<Record<string, string>> = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  ExtensionRef: 'extensionRef',
  CORS: 'cors',
  ExternalAuth: 'externalAuth',
};
const ONCE = ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite', 'CORS'];

function filterListRules(filters: List, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const has = types(filters);
  if (has.includes('RequestRedirect') && has.includes('URLRewrite'))
    errors.push(
      broken(
        at,
        'array',
        'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
      ),
    );
  for (const type of ONCE)
    if (has.filter((one) => one === type).length > 1)
      errors.push(broken(at, 'array', `${type} filter cannot be repeated`));
  for (const [i, filter] of filters.entries()) {
    const path = `${at}[${i}]`;
    const own = BODIES[String(filter.type)];
    for (const [type, body] of Object.entries(BODIES)) {
      if (type !== filter.type && filter[body] !== undefined)
        errors.push(broken(path, 'object', `filter.${body} must be nil if the filter.type is not ${type}`));
      else if (body === own && filter[body] === undefined)
        errors.push(broken(path, 'object', `filter.${body} must be specified for ${type} filter.type`));
    }
    errors.push(...filterBodyRules(filter, path));
  }
  // The order of the server: for each filter what is missing before what is too much.
  return errors.sort((a, b) => Number(/must be nil/.test(a.message)) - Number(/must be nil/.test(b.message)));
}

function filterBodyRules(filter: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = record(filter.requestMirror);
  if (mirror.percent !== undefined && mirror.fraction !== undefined)
    errors.push(
      broken(
        `${at}.requestMirror`,
        'object',
        'Only one of percent or fraction may be specified in HTTPRequestMirrorFilter',
      ),
    );
  if (filter.requestMirror !== undefined)
    errors.push(...portRule(record(mirror.backendRef), `${at}.requestMirror.backendRef`));
  const fraction = record(mirror.fraction);
  if (Number(fraction.numerator ?? 0) > Number(fraction.denominator ?? 100))
    errors.push(
      broken(`${at}.requestMirror.fraction`, 'object', 'numerator must be less than or equal to denominator'),
    );
  const origins = record(filter.cors).allowOrigins;
  if (Array.isArray(origins) && origins.includes('*') && origins.length > 1)
    errors.push(
      broken(`${at}.cors.allowOrigins`, 'array', "AllowOrigins cannot contain '*' alongside other origins"),
    );
  for (const body of ['requestRedirect', 'urlRewrite']) {
    const path = record(filter[body]).path;
    if (path !== undefined) errors.push(...modifierRules(record(path), `${at}.${body}.path`));
  }
  return errors;
}

function modifierRules(path: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [type, field] of [
    ['ReplaceFullPath', 'replaceFullPath'],
    ['ReplacePrefixMatch', 'replacePrefixMatch'],
  ] as const) {
    if (path.type === type && path[field] === undefined)
      errors.push(broken(at, 'object', `${field} must be specified when type is set to '${type}'`));
    if (path.type !== type && path[field] !== undefined)
      errors.push(broken(at, 'object', `type must be '${type}' when ${field} is set`));
  }
  return errors;
}

/** A Service is only reached at a port. */
function portRule({ group = '', kind = 'Service', port }: Json, at: string): FieldError[] {
  if (group !== '' || kind !== 'Service' || port !== undefined) return [];
  return [broken(at, 'object', 'Must have port for Service reference')];
}

/** What names of gRPC services and methods may look like, as a test and as it is told. */
const GRPC_NAMES: readonly (readonly [string, RegExp, string])[] = [
  [
    'service',
    /^\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$/i,
    '^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$',
  ],
  ['method', /^[A-Za-z_][A-Za-z_0-9]*$/, '^[A-Za-z_][A-Za-z_0-9]*$'],
];

function grpcRules(rule: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, match] of list(rule.matches).entries()) {
    const method = match.method === undefined ? null : record(match.method);
    if (method !== null && !method.service && !method.method)
      errors.push(
        broken(
          `${at}.matches[${i}].method`,
          'object',
          "One or both of 'service' or 'method' must be specified",
        ),
      );
    if (method === null || (method.type ?? 'Exact') !== 'Exact') continue;
    for (const [field, rule, shown] of GRPC_NAMES) {
      const value = method[field];
      if (typeof value !== 'string' || value === '' || rule.test(value)) continue;
      const message = `${field} must only contain valid characters (matching ${shown})`;
      errors.push(broken(`${at}.matches[${i}].method`, 'object', message));
    }
  }
  errors.push(...filterListRules(list(rule.filters), `${at}.filters`));
  for (const [i, backend] of list(rule.backendRefs).entries())
    errors.push(...portRule(backend, `${at}.backendRefs[${i}]`));
  return errors;
}

function tlsRules(spec: Json): FieldError[] {
  const hostnames = Array.isArray(spec.hostnames) ? (spec.hostnames as readonly unknown[]) : [];
  if (!hostnames.some((name) => addressBytes(String(name)) !== null)) return [];
  return [broken('spec.hostnames', 'array', 'Hostnames cannot contain an IP')];
}
