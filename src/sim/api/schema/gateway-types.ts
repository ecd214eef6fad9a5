/**
 * Fields and Go types of Gateway API (standard channel). Made by .ci/gen-schema.mjs from kubernetes-models 5.1.0 and @kubernetes-models/gateway-api 2.0.0; do not edit.
 * A line is type|package|fields. Codes: s string, b bool, i int32, l int64, f float, q quantity, t time, y base64, x int or string,
 * * anything, [T list, {T map of string, =Name the named string type in Go. See types.ts for the reader.
 */
export const GATEWAY_TYPES = `
AllowedListeners|v1|namespaces:ListenerNamespaces
AllowedRoutes|v1|kinds:[RouteGroupKind namespaces:RouteNamespaces
BackendObjectReference|v1|group:s kind:s name:s namespace:s port:i
BackendRef|v1|group:s kind:s name:s namespace:s port:i weight:i
BackendTLSPolicySpec|v1|options:{s targetRefs:[LocalPolicyTargetReferenceWithSectionName validation:BackendTLSPolicyValidation
BackendTLSPolicyValidation|v1|caCertificateRefs:[LocalObjectReference hostname:s subjectAltNames:[SubjectAltName wellKnownCACertificates:s
BackendTLSPolicy|v1|metadata:ObjectMeta spec:BackendTLSPolicySpec
CommonRouteSpec|v1|parentRefs:[ParentReference useDefaultGateways:s
CookieConfig|v1|lifetimeType:s
ForwardBodyConfig|v1|maxSize:i
Fraction|v1|denominator:i numerator:i
FrontendTLSConfig|v1|default:TLSConfig perPort:[TLSPortConfig
FrontendTLSValidation|v1|caCertificateRefs:[ObjectReference mode:s
GRPCAuthConfig|v1|allowedHeaders:[s
GRPCBackendRef|v1|filters:[GRPCRouteFilter group:s kind:s name:s namespace:s port:i weight:i
GRPCHeaderMatch|v1|name:s type:s value:s
GRPCMethodMatch|v1|method:s service:s type:s
GRPCRouteFilter|v1|extensionRef:LocalObjectReference requestHeaderModifier:HTTPHeaderFilter requestMirror:HTTPRequestMirrorFilter responseHeaderModifier:HTTPHeaderFilter type:s
GRPCRouteMatch|v1|headers:[GRPCHeaderMatch method:GRPCMethodMatch
GRPCRouteRule|v1|backendRefs:[GRPCBackendRef filters:[GRPCRouteFilter matches:[GRPCRouteMatch name:s sessionPersistence:SessionPersistence
GRPCRouteSpec|v1|hostnames:[s parentRefs:[ParentReference rules:[GRPCRouteRule useDefaultGateways:s
GRPCRoute|v1|metadata:ObjectMeta spec:GRPCRouteSpec
GatewayBackendTLS|v1|clientCertificateRef:SecretObjectReference
GatewayClassSpec|v1|controllerName:s description:s parametersRef:ParametersReference
GatewayClass|v1|metadata:ObjectMeta spec:GatewayClassSpec
GatewayInfrastructure|v1|annotations:{s labels:{s parametersRef:LocalParametersReference
GatewaySpecAddress|v1|type:s value:s
GatewaySpec|v1|addresses:[GatewaySpecAddress allowedListeners:AllowedListeners defaultScope:s gatewayClassName:s infrastructure:GatewayInfrastructure listeners:[Listener tls:GatewayTLSConfig
GatewayTLSConfig|v1|backend:GatewayBackendTLS frontend:FrontendTLSConfig
Gateway|v1|metadata:ObjectMeta spec:GatewaySpec
HTTPAuthConfig|v1|allowedHeaders:[s allowedResponseHeaders:[s path:s
HTTPBackendRef|v1|filters:[HTTPRouteFilter group:s kind:s name:s namespace:s port:i weight:i
HTTPCORSFilter|v1|allowCredentials:b allowHeaders:[s allowMethods:[s allowOrigins:[s exposeHeaders:[s maxAge:i
HTTPExternalAuthFilter|v1|backendRef:BackendObjectReference forwardBody:ForwardBodyConfig grpc:GRPCAuthConfig http:HTTPAuthConfig protocol:s=Protocol
HTTPHeaderFilter|v1|add:[HTTPHeader remove:[s set:[HTTPHeader
HTTPHeaderMatch|v1|name:s type:s value:s
HTTPHeader|v1|name:s value:s
HTTPPathMatch|v1|type:s value:s
HTTPPathModifier|v1|replaceFullPath:s replacePrefixMatch:s type:s
HTTPQueryParamMatch|v1|name:s type:s value:s
HTTPRequestMirrorFilter|v1|backendRef:BackendObjectReference fraction:Fraction percent:i
HTTPRequestRedirectFilter|v1|hostname:s path:HTTPPathModifier port:i scheme:s statusCode:i
HTTPRouteFilter|v1|cors:HTTPCORSFilter extensionRef:LocalObjectReference externalAuth:HTTPExternalAuthFilter requestHeaderModifier:HTTPHeaderFilter requestMirror:HTTPRequestMirrorFilter requestRedirect:HTTPRequestRedirectFilter responseHeaderModifier:HTTPHeaderFilter type:s urlRewrite:HTTPURLRewriteFilter
HTTPRouteMatch|v1|headers:[HTTPHeaderMatch method:s path:HTTPPathMatch queryParams:[HTTPQueryParamMatch
HTTPRouteRetry|v1|attempts:i backoff:s codes:[i
HTTPRouteRule|v1|backendRefs:[HTTPBackendRef filters:[HTTPRouteFilter matches:[HTTPRouteMatch name:s retry:HTTPRouteRetry sessionPersistence:SessionPersistence timeouts:HTTPRouteTimeouts
HTTPRouteSpec|v1|hostnames:[s parentRefs:[ParentReference rules:[HTTPRouteRule useDefaultGateways:s
HTTPRouteTimeouts|v1|backendRequest:s request:s
HTTPRoute|v1|metadata:ObjectMeta spec:HTTPRouteSpec
HTTPURLRewriteFilter|v1|hostname:s path:HTTPPathModifier
LabelSelectorRequirement|v1|key:s operator:s=LabelSelectorOperator values:[s
LabelSelector|v1|matchExpressions:[LabelSelectorRequirement matchLabels:{s
ListenerEntry|v1|allowedRoutes:AllowedRoutes hostname:s name:s port:i protocol:s=Protocol tls:ListenerTLSConfig
ListenerNamespaces|v1|from:s selector:LabelSelector
ListenerSetSpec|v1|listeners:[ListenerEntry parentRef:ParentGatewayReference
ListenerSet|v1|metadata:ObjectMeta spec:ListenerSetSpec
ListenerTLSConfig|v1|certificateRefs:[SecretObjectReference mode:s options:{s
Listener|v1|allowedRoutes:AllowedRoutes hostname:s name:s port:i protocol:s=Protocol tls:ListenerTLSConfig
LocalObjectReference|v1|group:s kind:s name:s
LocalParametersReference|v1|group:s kind:s name:s
LocalPolicyTargetReferenceWithSectionName|v1|group:s kind:s name:s sectionName:s
LocalPolicyTargetReference|v1|group:s kind:s name:s
ManagedFieldsEntry|v1|apiVersion:s fieldsType:s fieldsV1:* manager:s operation:s subresource:s time:t
ObjectMeta|v1|annotations:{s creationTimestamp:t deletionGracePeriodSeconds:l deletionTimestamp:t finalizers:[s generateName:s generation:l labels:{s managedFields:[ManagedFieldsEntry name:s namespace:s ownerReferences:[OwnerReference resourceVersion:s selfLink:s uid:s=types.UID
ObjectReference|v1|group:s kind:s name:s namespace:s
OwnerReference|v1|apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s=types.UID
ParametersReference|v1|group:s kind:s name:s namespace:s
ParentGatewayReference|v1|group:s kind:s name:s namespace:s
ParentReference|v1|group:s kind:s name:s namespace:s port:i sectionName:s
ReferenceGrantFrom|v1|group:s kind:s namespace:s
ReferenceGrantSpec|v1|from:[ReferenceGrantFrom to:[ReferenceGrantTo
ReferenceGrantTo|v1|group:s kind:s name:s
ReferenceGrant|v1|metadata:ObjectMeta spec:ReferenceGrantSpec
RouteGroupKind|v1|group:s kind:s
RouteNamespaces|v1|from:s selector:LabelSelector
SecretObjectReference|v1|group:s kind:s name:s namespace:s
SessionPersistence|v1|absoluteTimeout:s cookieConfig:CookieConfig idleTimeout:s sessionName:s type:s
SubjectAltName|v1|hostname:s type:s uri:s
TLSConfig|v1|validation:FrontendTLSValidation
TLSPortConfig|v1|port:i tls:TLSConfig
TLSRouteRule|v1|backendRefs:[BackendRef name:s
TLSRouteSpec|v1|hostnames:[s parentRefs:[ParentReference rules:[TLSRouteRule useDefaultGateways:s
TLSRoute|v1|metadata:ObjectMeta spec:TLSRouteSpec
`;
