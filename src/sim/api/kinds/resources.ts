/**
 * Which resources the API server offers: names, groups, scope. What discovery tells kubectl (`kubectl api-resources`).
 * Kinds outside this list are stored too, with guessed names: the simulated server takes any object, as if its
 * CustomResourceDefinition had been installed.
 */

/** One resource type. */
export interface Resource {
  readonly kind: string;
  /** Plural lower-case name, as in URLs and messages: "services". */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly namespaced: boolean;
  /** `kubectl get all` lists the resources of category "all". */
  readonly categories: readonly string[];
  /** False: the object is stored, shown and deleted, and nothing acts on it. */
  readonly simulated: boolean;
  /** True when metadata.generation is kept for the kind. */
  readonly generation: boolean;
  /** False for kinds that are not in the list below. */
  readonly known: boolean;
}

// Kind, plural, group/version, flags (N namespaced or C cluster-scoped, s simulated, g generation), short names, categories.
const TABLE = `
Binding bindings /v1 N
ComponentStatus componentstatuses /v1 C cs
ConfigMap configmaps /v1 Ns cm
Endpoints endpoints /v1 Ns ep
Event events /v1 Ns ev
LimitRange limitranges /v1 N limits
Namespace namespaces /v1 Cs ns
Node nodes /v1 Cs no
PersistentVolumeClaim persistentvolumeclaims /v1 Ns pvc
PersistentVolume persistentvolumes /v1 Cs pv
Pod pods /v1 Nsg po all
PodTemplate podtemplates /v1 N
ReplicationController replicationcontrollers /v1 N rc all
ResourceQuota resourcequotas /v1 N quota
Secret secrets /v1 N
ServiceAccount serviceaccounts /v1 N sa
Service services /v1 Ns svc all
CustomResourceDefinition customresourcedefinitions apiextensions.k8s.io/v1 Cg crd,crds api-extensions
ControllerRevision controllerrevisions apps/v1 N
DaemonSet daemonsets apps/v1 Nsg ds all
Deployment deployments apps/v1 Nsg deploy all
ReplicaSet replicasets apps/v1 Nsg rs all
StatefulSet statefulsets apps/v1 Nsg sts all
SelfSubjectAccessReview selfsubjectaccessreviews authorization.k8s.io/v1 C
SelfSubjectRulesReview selfsubjectrulesreviews authorization.k8s.io/v1 C
SelfSubjectReview selfsubjectreviews authentication.k8s.io/v1 C
HorizontalPodAutoscaler horizontalpodautoscalers autoscaling/v2 N hpa all
CronJob cronjobs batch/v1 Nsg cj all
Job jobs batch/v1 Nsg - all
Lease leases coordination.k8s.io/v1 Ns
EndpointSlice endpointslices discovery.k8s.io/v1 Nsg
Event events events.k8s.io/v1 Ns ev
IngressClass ingressclasses networking.k8s.io/v1 Csg
Ingress ingresses networking.k8s.io/v1 Nsg ing
NetworkPolicy networkpolicies networking.k8s.io/v1 Nsg netpol
GatewayClass gatewayclasses gateway.networking.k8s.io/v1 Csg gc gateway-api
Gateway gateways gateway.networking.k8s.io/v1 Nsg gtw gateway-api
GRPCRoute grpcroutes gateway.networking.k8s.io/v1 Nsg - gateway-api
HTTPRoute httproutes gateway.networking.k8s.io/v1 Nsg - gateway-api
ReferenceGrant referencegrants gateway.networking.k8s.io/v1beta1 Nsg refgrant gateway-api
PodDisruptionBudget poddisruptionbudgets policy/v1 Ng pdb
ClusterRoleBinding clusterrolebindings rbac.authorization.k8s.io/v1 C
ClusterRole clusterroles rbac.authorization.k8s.io/v1 C
RoleBinding rolebindings rbac.authorization.k8s.io/v1 N
Role roles rbac.authorization.k8s.io/v1 N
StorageClass storageclasses storage.k8s.io/v1 Cs sc
`;

// Further kinds of a real server, whose scope cannot be guessed; kubectl shows them once somebody has stored one.
const MORE = `
TLSRoute tlsroutes gateway.networking.k8s.io/v1 Ng - gateway-api
BackendTLSPolicy backendtlspolicies gateway.networking.k8s.io/v1 Ng btlspolicy gateway-api
ListenerSet listenersets gateway.networking.k8s.io/v1 Ng lset gateway-api
PriorityClass priorityclasses scheduling.k8s.io/v1 C pc
RuntimeClass runtimeclasses node.k8s.io/v1 C
ServiceCIDR servicecidrs networking.k8s.io/v1 C
IPAddress ipaddresses networking.k8s.io/v1 C ip
APIService apiservices apiregistration.k8s.io/v1 C
MutatingWebhookConfiguration mutatingwebhookconfigurations admissionregistration.k8s.io/v1 C
ValidatingWebhookConfiguration validatingwebhookconfigurations admissionregistration.k8s.io/v1 C
CertificateSigningRequest certificatesigningrequests certificates.k8s.io/v1 C csr
CSIDriver csidrivers storage.k8s.io/v1 C
VolumeAttachment volumeattachments storage.k8s.io/v1 C
`;

function readLine(line: string): Resource {
  const [kind = '', plural = '', groupVersion = '', flags = '', short = '-', categories = ''] =
    line.split(' ');
  const [group = '', version = ''] = groupVersion.split('/');
  return {
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: short === '-' ? [] : short.split(','),
    group,
    version,
    apiVersion: group === '' ? version : groupVersion,
    namespaced: flags.startsWith('N'),
    categories: categories === '' ? [] : categories.split(','),
    simulated: flags.includes('s'),
    generation: flags.includes('g'),
    known: true,
  };
}

/** Every resource that discovery lists, in its order: core first, then by group. */
export const RESOURCES: readonly Resource[] = TABLE.trim().split('\n').map(readLine);
const KNOWN: readonly Resource[] = [...RESOURCES, ...MORE.trim().split('\n').map(readLine)];

const byKind = new Map<string, Resource[]>();
const byName = new Map<string, Resource>();
for (const resource of KNOWN) {
  byKind.set(resource.kind, [...(byKind.get(resource.kind) ?? []), resource]);
  const names = [resource.plural, resource.singular, ...resource.shortNames];
  for (const name of names) if (!byName.has(name)) byName.set(name, resource);
}
// Guesses, by kind and apiVersion. A pure memo: the same question has the same answer.
const guesses = new Map<string, Resource>();

/** Group of an apiVersion: "" for v1, "apps" for apps/v1. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** English plural the way generated CRDs form it: policy to policies, class to classes, else an s. */
function pluralOf(singular: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(singular)) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

function guess(kind: string, apiVersion: string): Resource {
  const id = `${apiVersion} ${kind}`;
  const known = guesses.get(id);
  if (known !== undefined) return known;
  const singular = kind.toLowerCase();
  const made: Resource = {
    kind,
    plural: pluralOf(singular),
    singular,
    shortNames: [],
    group: groupOf(apiVersion),
    version: apiVersion.slice(apiVersion.indexOf('/') + 1),
    apiVersion,
    namespaced: !/^(?:Cluster|Global)|Clusterwide/.test(kind),
    categories: [],
    simulated: false,
    generation: true,
    known: false,
  };
  guesses.set(id, made);
  return made;
}

/**
 * The resource of a kind. With an apiVersion the group must fit, otherwise it is a kind of someone else's with the same
 * name (Gateway of networking.istio.io) and its names are guessed. Never fails.
 */
export function resourceOf(kind: string, apiVersion?: string): Resource {
  const found = byKind.get(kind);
  if (found === undefined) return guess(kind, apiVersion ?? 'v1');
  if (apiVersion === undefined) return found[0]!;
  const group = groupOf(apiVersion);
  return found.find((resource) => resource.group === group) ?? guess(kind, apiVersion);
}

// Versions besides the preferred one that a 1.35 server still serves.
const ALSO_SERVED: Readonly<Record<string, readonly string[]>> = {
  HorizontalPodAutoscaler: ['autoscaling/v1'],
};
const GATEWAY_GROUP = 'gateway.networking.k8s.io';

/**
 * Whether discovery offers a kind under this apiVersion. Kinds of groups with a domain of their own are always taken, as
 * if their CustomResourceDefinition were there; the groups of Kubernetes itself hold exactly what they hold. The spelling
 * of the kind is compared without case, as kubectl does.
 */
export function isServed(kind: string, apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  const builtIn = !group.includes('.');
  const lower = kind.toLowerCase();
  const known = KNOWN.find((resource) => resource.singular === lower && resource.group === group);
  if (known === undefined) return !builtIn;
  if (group === GATEWAY_GROUP) return true;
  return known.apiVersion === apiVersion || (ALSO_SERVED[known.kind] ?? []).includes(apiVersion);
}

/** The resource that a learner names: plural, singular, short name, kind, or any of them with its group appended. */
export function resourceByName(text: string): Resource | null {
  const name = text.toLowerCase();
  const found = byName.get(name);
  if (found !== undefined) return found;
  const dot = name.indexOf('.');
  if (dot < 0) return null;
  const rest = name.slice(dot + 1);
  const matches = KNOWN.filter((r) => [r.plural, r.singular, ...r.shortNames].includes(name.slice(0, dot)));
  return matches.find((r) => rest === r.group || rest === `${r.version}.${r.group}`) ?? null;
}

/** The key under which the store keeps a kind: the kind itself, with its group when another kind owns the bare name. */
export function kindKey(kind: string, apiVersion: string): string {
  const found = byKind.get(kind);
  if (found === undefined) return kind;
  const group = groupOf(apiVersion);
  return found.some((resource) => resource.group === group) ? kind : `${kind}.${group}`;
}
