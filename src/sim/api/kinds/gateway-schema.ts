/**
 * What the CustomResourceDefinitions of Gateway API say of single fields: required, allowed values, bounds, patterns,
 * defaults. Ruled by apis/v1/*_types.go of kubernetes-sigs/gateway-api; the walker is ours (gateway-walk.ts).
 */

export interface FieldConstraint {
  readonly required?: true;
  /** The value that stands in for a field that is not written. */
  readonly default?: unknown;
  readonly enum?: readonly string[];
  /** Newer values of the enum, which the message of an older channel does not list. */
  readonly also?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Constraint of each item of a list. */
  readonly items?: FieldConstraint;
  /** Field by which the items of a list are told apart. */
  readonly listKey?: string;
  /** Each item may stand in the list only once. */
  readonly isSet?: boolean;
}

export type Constraints = Readonly<Record<string, FieldConstraint>>;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const GROUP_NAME = 'gateway.networking.k8s.io';
const GROUP: FieldConstraint = { maxLength: 253, pattern: `^$|^${SUBDOMAIN}$` };
const KIND: FieldConstraint = {
  minLength: 1,
  maxLength: 63,
  pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
};
const OBJECT_NAME: FieldConstraint = { minLength: 1, maxLength: 253 };
const NAMESPACE: FieldConstraint = { minLength: 1, maxLength: 63, pattern: `^${LABEL}$` };
const SECTION: FieldConstraint = { minLength: 1, maxLength: 253, pattern: `^${SUBDOMAIN}$` };
const PORT: FieldConstraint = { minimum: 1, maximum: 65_535 };
const HOSTNAME: FieldConstraint = { minLength: 1, maxLength: 253, pattern: `^(\\*\\.)?${SUBDOMAIN}$` };
const PRECISE_HOSTNAME: FieldConstraint = { minLength: 1, maxLength: 253, pattern: `^${SUBDOMAIN}$` };
const DURATION: FieldConstraint = { pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' };
const HEADER_NAME: FieldConstraint = {
  required: true,
  minLength: 1,
  maxLength: 256,
  pattern: "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$",
};
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const FILTERS = [
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestMirror',
  'RequestRedirect',
  'URLRewrite',
  'ExtensionRef',
];
const HOSTNAMES: FieldConstraint = { maxItems: 16, items: HOSTNAME };
const PARENTS: FieldConstraint = { maxItems: 32 };
const PREFIX_MATCH = { path: { type: 'PathPrefix', value: '/' } };

/** A reference to something that takes traffic; Services when nothing else is said. */
const BACKEND: Constraints = {
  group: { ...GROUP, default: '' },
  kind: { ...KIND, default: 'Service' },
  name: { ...OBJECT_NAME, required: true },
  namespace: NAMESPACE,
  port: PORT,
};
const WEIGHTED: Constraints = { ...BACKEND, weight: { minimum: 0, maximum: 1_000_000, default: 1 } };
const LOCAL_REF: Constraints = {
  group: { ...GROUP, required: true },
  kind: { ...KIND, required: true },
  name: { ...OBJECT_NAME, required: true },
};
const NAMED_VALUE: Constraints = {
  name: HEADER_NAME,
  value: { required: true, minLength: 1, maxLength: 4096 },
};

/** Constraints by struct name, as the field tables in schema/ call them. */
export const GATEWAY_CONSTRAINTS: Readonly<Record<string, Constraints>> = {
  Gateway: { spec: { required: true } },
  GatewaySpec: {
    gatewayClassName: { required: true, ...OBJECT_NAME },
    listeners: { required: true, minItems: 1, maxItems: 64, listKey: 'name' },
    addresses: { maxItems: 16 },
  },
  GatewaySpecAddress: {
    type: { default: 'IPAddress', minLength: 1, maxLength: 253 },
    value: { maxLength: 253 },
  },
  Listener: {
    name: { required: true, ...SECTION },
    hostname: HOSTNAME,
    port: { required: true, ...PORT },
    protocol: {
      required: true,
      minLength: 1,
      maxLength: 255,
      pattern: `^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|${SUBDOMAIN}\\/[A-Za-z0-9]+$`,
    },
    allowedRoutes: { default: { namespaces: { from: 'Same' } } },
  },
  ListenerTLSConfig: {
    mode: { default: 'Terminate', enum: ['Terminate', 'Passthrough'] },
    certificateRefs: { maxItems: 64 },
  },
  SecretObjectReference: {
    group: { ...GROUP, default: '' },
    kind: { ...KIND, default: 'Secret' },
    name: { ...OBJECT_NAME, required: true },
    namespace: NAMESPACE,
  },
  AllowedRoutes: { namespaces: { default: { from: 'Same' } }, kinds: { maxItems: 8 } },
  RouteNamespaces: { from: { default: 'Same', enum: ['All', 'Selector', 'Same'], also: ['None'] } },
  RouteGroupKind: { group: { ...GROUP, default: GROUP_NAME }, kind: { ...KIND, required: true } },
  GatewayClass: { spec: { required: true } },
  GatewayClassSpec: {
    controllerName: {
      required: true,
      minLength: 1,
      maxLength: 253,
      pattern: `^${SUBDOMAIN}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$`,
    },
    description: { maxLength: 64 },
  },
  ParentReference: {
    group: { ...GROUP, default: GROUP_NAME },
    kind: { ...KIND, default: 'Gateway' },
    name: { ...OBJECT_NAME, required: true },
    namespace: NAMESPACE,
    sectionName: SECTION,
    port: PORT,
  },
  HTTPRoute: { spec: { required: true } },
  HTTPRouteSpec: {
    hostnames: HOSTNAMES,
    parentRefs: PARENTS,
    rules: { default: [{ matches: [PREFIX_MATCH] }], minItems: 1, maxItems: 16 },
  },
  HTTPRouteRule: {
    name: SECTION,
    matches: { default: [PREFIX_MATCH], maxItems: 64 },
    filters: { maxItems: 16 },
    backendRefs: { maxItems: 16 },
  },
  HTTPRouteMatch: {
    path: { default: { type: 'PathPrefix', value: '/' } },
    headers: { maxItems: 16, listKey: 'name' },
    queryParams: { maxItems: 16, listKey: 'name' },
    method: { enum: METHODS },
  },
  HTTPPathMatch: {
    type: { default: 'PathPrefix', enum: ['Exact', 'PathPrefix', 'RegularExpression'] },
    value: { default: '/', maxLength: 1024 },
  },
  HTTPHeaderMatch: { type: { default: 'Exact', enum: ['Exact', 'RegularExpression'] }, ...NAMED_VALUE },
  HTTPQueryParamMatch: {
    type: { default: 'Exact', enum: ['Exact', 'RegularExpression'] },
    name: HEADER_NAME,
    value: { required: true, minLength: 1, maxLength: 1024 },
  },
  HTTPBackendRef: { ...WEIGHTED, filters: { maxItems: 16 } },
  HTTPRouteFilter: { type: { required: true, enum: FILTERS, also: ['CORS', 'ExternalAuth'] } },
  HTTPHeaderFilter: {
    set: { maxItems: 16, listKey: 'name' },
    add: { maxItems: 16, listKey: 'name' },
    remove: { maxItems: 16, isSet: true },
  },
  HTTPHeader: NAMED_VALUE,
  HTTPRequestMirrorFilter: { backendRef: { required: true }, percent: { minimum: 0, maximum: 100 } },
  Fraction: { numerator: { required: true, minimum: 0 }, denominator: { default: 100, minimum: 1 } },
  HTTPRequestRedirectFilter: {
    scheme: { enum: ['http', 'https'] },
    hostname: PRECISE_HOSTNAME,
    port: PORT,
    statusCode: { default: 302, enum: ['301', '302'], also: ['303', '307', '308'] },
  },
  HTTPURLRewriteFilter: { hostname: PRECISE_HOSTNAME },
  HTTPPathModifier: {
    type: { required: true, enum: ['ReplaceFullPath', 'ReplacePrefixMatch'] },
    replaceFullPath: { maxLength: 1024 },
    replacePrefixMatch: { maxLength: 1024 },
  },
  HTTPCORSFilter: { allowOrigins: { maxItems: 64 }, maxAge: { default: 5, minimum: 1 } },
  HTTPRouteTimeouts: { request: DURATION, backendRequest: DURATION },
  HTTPRouteRetry: { backoff: DURATION, codes: { items: { minimum: 400, maximum: 599 } } },
  BackendObjectReference: BACKEND,
  BackendRef: WEIGHTED,
  LocalObjectReference: LOCAL_REF,
  GRPCRouteSpec: { hostnames: HOSTNAMES, parentRefs: PARENTS, rules: { maxItems: 16 } },
  GRPCRouteRule: {
    name: SECTION,
    matches: { maxItems: 64 },
    filters: { maxItems: 16 },
    backendRefs: { maxItems: 16 },
  },
  GRPCRouteMatch: { headers: { maxItems: 16, listKey: 'name' } },
  GRPCMethodMatch: {
    type: { default: 'Exact', enum: ['Exact', 'RegularExpression'] },
    service: { maxLength: 1024 },
    method: { maxLength: 1024 },
  },
  GRPCHeaderMatch: { type: { default: 'Exact', enum: ['Exact', 'RegularExpression'] }, ...NAMED_VALUE },
  GRPCBackendRef: { ...WEIGHTED, filters: { maxItems: 16 } },
  GRPCRouteFilter: {
    type: {
      required: true,
      enum: ['ResponseHeaderModifier', 'RequestHeaderModifier', 'RequestMirror', 'ExtensionRef'],
    },
  },
  TLSRoute: { spec: { required: true } },
  TLSRouteSpec: {
    hostnames: { ...HOSTNAMES, required: true, minItems: 1 },
    parentRefs: PARENTS,
    rules: { required: true, minItems: 1, maxItems: 1 },
  },
  TLSRouteRule: { name: SECTION, backendRefs: { required: true, minItems: 1, maxItems: 16 } },
  ReferenceGrantSpec: {
    from: { required: true, minItems: 1, maxItems: 16 },
    to: { required: true, minItems: 1, maxItems: 16 },
  },
  ReferenceGrantFrom: {
    group: { ...GROUP, required: true },
    kind: { ...KIND, required: true },
    namespace: { ...NAMESPACE, required: true },
  },
  ReferenceGrantTo: {
    group: { ...GROUP, required: true },
    kind: { ...KIND, required: true },
    name: OBJECT_NAME,
  },
};
