// Writes src/sim/api/schema/*.ts: which fields each kind has and of what Go type, from the packages kubernetes-models and
// @kubernetes-models/gateway-api (devDependencies). Names and types only, no descriptions. Run it after raising either
// package: node .ci/gen-schema.mjs
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const MODULES = path.resolve('node_modules');
const K8S = 'kubernetes-models';
const GATEWAY = '@kubernetes-models/gateway-api';
const KINDS = {
  core: [
    [
      K8S,
      'v1',
      'Service Pod Namespace Node Endpoints ConfigMap Secret ServiceAccount PersistentVolumeClaim PodTemplate',
    ],
    [K8S, 'apps/v1', 'Deployment StatefulSet DaemonSet ReplicaSet'],
    [K8S, 'batch/v1', 'Job CronJob'],
    [K8S, 'networking.k8s.io/v1', 'Ingress IngressClass NetworkPolicy'],
    [K8S, 'discovery.k8s.io/v1', 'EndpointSlice'],
    [K8S, 'autoscaling/v2', 'HorizontalPodAutoscaler'],
    [K8S, 'policy/v1', 'PodDisruptionBudget'],
    [K8S, 'rbac.authorization.k8s.io/v1', 'Role ClusterRole RoleBinding ClusterRoleBinding'],
  ],
  gateway: [
    [
      GATEWAY,
      'gateway.networking.k8s.io/v1',
      'Gateway GatewayClass HTTPRoute GRPCRoute TLSRoute BackendTLSPolicy ListenerSet ReferenceGrant',
    ],
  ],
};
// Named types of the Go API, which the packages do not keep: an error message tells the name. Of a list it is the name of
// what it holds, of a map its own.
const NAMED = {
  'ServiceSpec.type': 'ServiceType',
  'ServiceSpec.sessionAffinity': 'ServiceAffinity',
  'ServiceSpec.externalTrafficPolicy': 'ServiceExternalTrafficPolicy',
  'ServiceSpec.internalTrafficPolicy': 'ServiceInternalTrafficPolicy',
  'ServiceSpec.ipFamilyPolicy': 'IPFamilyPolicy',
  'PodSpec.restartPolicy': 'RestartPolicy',
  'PodSpec.dnsPolicy': 'DNSPolicy',
  'Container.imagePullPolicy': 'PullPolicy',
  'Container.terminationMessagePolicy': 'TerminationMessagePolicy',
  'HTTPGetAction.scheme': 'URIScheme',
  'Toleration.operator': 'TolerationOperator',
  'Toleration.effect': 'TaintEffect',
  'Taint.effect': 'TaintEffect',
  'DeploymentStrategy.type': 'DeploymentStrategyType',
  'StatefulSetUpdateStrategy.type': 'StatefulSetUpdateStrategyType',
  'DaemonSetUpdateStrategy.type': 'DaemonSetUpdateStrategyType',
  'StatefulSetSpec.podManagementPolicy': 'PodManagementPolicyType',
  'LabelSelectorRequirement.operator': 'LabelSelectorOperator',
  'NodeSelectorRequirement.operator': 'NodeSelectorOperator',
  'HTTPIngressPath.pathType': 'PathType',
  'EndpointSlice.addressType': 'AddressType',
  'Secret.type': 'SecretType',
  'ServiceSpec.ipFamilies': 'IPFamily',
  'NetworkPolicySpec.policyTypes': 'PolicyType',
  'NamespaceSpec.finalizers': 'FinalizerName',
  'PersistentVolumeClaimSpec.accessModes': 'PersistentVolumeAccessMode',
  'PersistentVolumeClaimSpec.volumeMode': 'PersistentVolumeMode',
  'Container.restartPolicy': 'ContainerRestartPolicy',
  'PodSpec.preemptionPolicy': 'PreemptionPolicy',
  'PodReadinessGate.conditionType': 'PodConditionType',
  'PodOS.name': 'OSName',
  'TopologySpreadConstraint.whenUnsatisfiable': 'UnsatisfiableConstraintAction',
  'TopologySpreadConstraint.nodeAffinityPolicy': 'NodeInclusionPolicy',
  'TopologySpreadConstraint.nodeTaintsPolicy': 'NodeInclusionPolicy',
  'SeccompProfile.type': 'SeccompProfileType',
  'AppArmorProfile.type': 'AppArmorProfileType',
  'SecurityContext.procMount': 'ProcMountType',
  'Capabilities.add': 'Capability',
  'Capabilities.drop': 'Capability',
  'PodSecurityContext.fsGroupChangePolicy': 'PodFSGroupChangePolicy',
  'VolumeMount.mountPropagation': 'MountPropagationMode',
  'VolumeMount.recursiveReadOnly': 'RecursiveReadOnlyMode',
  'EmptyDirVolumeSource.medium': 'StorageMedium',
  'HostPathVolumeSource.type': 'HostPathType',
  'ContainerResizePolicy.resourceName': 'ResourceName',
  'ContainerResizePolicy.restartPolicy': 'ResourceResizeRestartPolicy',
  'JobSpec.completionMode': 'CompletionMode',
  'JobSpec.podReplacementPolicy': 'PodReplacementPolicy',
  'CronJobSpec.concurrencyPolicy': 'ConcurrencyPolicy',
  'ResourceRequirements.limits': 'ResourceList',
  'ResourceRequirements.requests': 'ResourceList',
  'VolumeResourceRequirements.limits': 'ResourceList',
  'VolumeResourceRequirements.requests': 'ResourceList',
  'PodSpec.overhead': 'ResourceList',
  'ObjectMeta.uid': 'types.UID',
  'OwnerReference.uid': 'types.UID',
};
// Byte fields: texts in base64, which the declarations call strings.
const BYTES = { 'Secret.data': '{y', 'ConfigMap.binaryData': '{y' };
const SCALARS = {
  Quantity: 'q',
  IntOrString: 'x',
  Time: 't',
  MicroTime: 't',
  JSON: '*',
  RawExtension: '*',
  FieldsV1: '*',
};

const files = new Map();
function load(file) {
  if (files.has(file)) return files.get(file);
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), 99, true);
  const module = { imports: {}, declared: {}, aliases: {}, file };
  files.set(file, module);
  for (const s of source.statements) {
    if (ts.isImportDeclaration(s) && s.importClause?.namedBindings?.elements) {
      for (const e of s.importClause.namedBindings.elements)
        module.imports[e.name.text] = [s.moduleSpecifier.text, (e.propertyName ?? e.name).text];
    } else if (ts.isInterfaceDeclaration(s) || ts.isTypeAliasDeclaration(s)) module.declared[s.name.text] = s;
    else if (ts.isExportDeclaration(s) && s.exportClause)
      for (const e of s.exportClause.elements)
        if (e.propertyName) module.aliases[e.name.text] = e.propertyName.text;
  }
  return module;
}
const locate = (from, spec) =>
  (spec.startsWith('.')
    ? path.resolve(path.dirname(from), spec.replace(/\.js$/, ''))
    : path.join(MODULES, spec)) + '.d.ts';

const validators = new Map();
async function validator(full) {
  const pkg = full.includes('Apimachinery') ? '@kubernetes-models/apimachinery' : K8S;
  if (!validators.has(full)) {
    const file = path.join(MODULES, pkg, '_schemas', `${full}.js`);
    validators.set(full, fs.existsSync(file) ? (await import(pathToFileURL(file))).validate : null);
  }
  return validators.get(full);
}
/** int32, int64 or float: asks the compiled schema, which the type declarations do not tell. */
async function numberCode(full, field) {
  const validate = full && (await validator(full));
  if (!validate) return 'i';
  const complaints = (value) => {
    validate({ [field]: value });
    return (validate.errors ?? [])
      .filter((e) => e.instancePath === `/${field}`)
      .map((e) => e.params?.type ?? e.params?.format);
  };
  if (!complaints(1.5).includes('integer')) return 'f';
  return complaints(2 ** 40).includes('int32') ? 'i' : 'l';
}

let types;
const anonymous = new Map();
async function ref(module, name) {
  if (module.imports[name]) {
    const [spec, original] = module.imports[name];
    return ref(load(locate(module.file, spec)), original);
  }
  const local = module.aliases[name] ?? name;
  const declared = module.declared[local];
  const full = (Object.entries(module.aliases).find(([, b]) => b === local)?.[0] ?? name).replace(
    /^I(?=Io)/,
    '',
  );
  const short = path.basename(module.file, '.d.ts');
  if (SCALARS[short]) return SCALARS[short];
  if (!ts.isInterfaceDeclaration(declared)) return type(module, declared.type, '', '', short);
  const group = /V\d+(?:alpha\d+|beta\d+)?(?=[A-Z])/.exec(full)?.[0].toLowerCase() ?? '';
  const id = types.has(short) && types.get(short).full !== full ? `${short}_` : short;
  if (!types.has(id)) {
    types.set(id, { full, group, fields: '' });
    const own = await fields(module, declared.members, full, id);
    types.get(id).fields = [...(await inherited(module, declared)), ...own.split(' ')]
      .filter(Boolean)
      .sort()
      .join(' ');
  }
  return id;
}
/** Fields of embedded Go structs, which the packages write as interfaces to extend. */
async function inherited(module, declared) {
  const out = [];
  for (const clause of declared.heritageClauses ?? [])
    for (const parent of clause.types) {
      const name = parent.expression.text;
      if (name === 'TypeMeta') continue;
      const id = await ref(module, name);
      out.push(...(types.get(id)?.fields ?? '').split(' '));
    }
  return out;
}
async function fields(module, members, full, owner) {
  const out = [];
  for (const p of members) {
    if (!ts.isPropertySignature(p)) continue;
    const name = p.name.text;
    if (owner in KIND_NAMES && (name === 'apiVersion' || name === 'kind')) continue;
    if (owner in KIND_NAMES && name === 'status') continue;
    const code = BYTES[`${owner}.${name}`] ?? (await type(module, p.type, full, name, owner));
    const named = NAMED[`${owner}.${name}`] ?? (name === 'protocol' && code === 's' ? 'Protocol' : '');
    out.push(`${name}:${code}${named ? `=${named}` : ''}`);
  }
  return out.sort().join(' ');
}
async function type(module, t, full, field, owner) {
  const K = ts.SyntaxKind;
  if (t.kind === K.StringKeyword) return 's';
  if (t.kind === K.BooleanKeyword) return 'b';
  if (t.kind === K.NumberKeyword) return numberCode(full, field);
  if (ts.isParenthesizedTypeNode(t)) return type(module, t.type, full, field, owner);
  if (ts.isArrayTypeNode(t)) return `[${await type(module, t.elementType, '', '', `${owner}.${field}`)}`;
  if (ts.isTypeReferenceNode(t)) {
    const name = t.typeName.text;
    if (name === 'Array') return `[${await type(module, t.typeArguments[0], '', '', `${owner}.${field}`)}`;
    if (name === 'Record') return `{${await type(module, t.typeArguments[1], '', '', `${owner}.${field}`)}`;
    return ref(module, name);
  }
  if (ts.isTypeLiteralNode(t)) {
    const index = t.members.find((m) => ts.isIndexSignatureDeclaration(m));
    if (index) return `{${await type(module, index.type, '', '', `${owner}.${field}`)}`;
    const body = await fields(module, t.members, '', `${owner}.${field}`);
    if (!anonymous.has(body)) {
      anonymous.set(body, `G${anonymous.size + 1}`);
      types.set(anonymous.get(body), { full: '', group: '', fields: body });
    }
    return anonymous.get(body);
  }
  if (ts.isUnionTypeNode(t)) {
    if (t.types.every((x) => ts.isLiteralTypeNode(x) && ts.isNumericLiteral(x.literal))) return 'i';
    const parts = t.types.filter((x) => !(ts.isLiteralTypeNode(x) && x.literal.kind === K.NullKeyword));
    if (parts.every((x) => ts.isLiteralTypeNode(x) && ts.isStringLiteral(x.literal))) return 's';
    const codes = [...new Set(await Promise.all(parts.map((x) => type(module, x, full, field, owner))))];
    return codes.length === 1 ? codes[0] : codes.includes('s') && codes.length === 2 ? 'x' : '*';
  }
  if (ts.isLiteralTypeNode(t)) return ts.isNumericLiteral(t.literal) ? 'i' : 's';
  if (ts.isIntersectionTypeNode(t)) return type(module, t.types[0], full, field, owner);
  return '*';
}

const KIND_NAMES = {};
for (const groups of Object.values(KINDS))
  for (const [, , names] of groups) for (const n of names.split(' ')) KIND_NAMES[n] = true;
// Types that most manifests hold, and all kinds (with metadata), are in core-types.ts; the others in rare-types.ts.
const COMMON = new Set(
  (
    'ConfigMapVolumeSource ContainerPort Container DeploymentSpec DeploymentStrategy ' +
    'EmptyDirVolumeSource EndpointConditions EndpointPort_ Endpoint EnvVarSource EnvVar ExecAction ' +
    'HTTPGetAction HTTPHeader IPBlock KeyToPath LabelSelectorRequirement LabelSelector ' +
    'NetworkPolicyEgressRule NetworkPolicyIngressRule NetworkPolicyPeer NetworkPolicyPort ' +
    'NetworkPolicySpec NodeSpec ObjectFieldSelector ObjectMeta OwnerReference PodSecurityContext ' +
    'PodSpec Probe ReplicaSetSpec ResourceRequirements RollingUpdateDeployment SecurityContext ' +
    'ServicePort ServiceSpec TCPSocketAction Toleration VolumeMount Volume'
  ).split(' '),
);
const isCommon = (line) => COMMON.has(line.split('|')[0]) || line.includes('metadata:ObjectMeta');
const TITLES = { core: 'the built-in groups', gateway: 'Gateway API (standard channel)' };
for (const [name, groups] of Object.entries(KINDS)) {
  types = new Map();
  for (const [pkg, version, kinds] of groups)
    for (const kind of kinds.split(' '))
      await ref(load(path.join(MODULES, pkg, version, `${kind}.d.ts`)), `I${kind}`);
  const lines = [...types].map(([id, t]) => `${id}|${t.group}|${t.fields}`).sort();
  const versions = [K8S, GATEWAY].map(
    (p) => `${p} ${JSON.parse(fs.readFileSync(path.join(MODULES, p, 'package.json'))).version}`,
  );
  const parts =
    name === 'core'
      ? { core: lines.filter(isCommon), rare: lines.filter((line) => !isCommon(line)) }
      : { [name]: lines };
  for (const [part, rows] of Object.entries(parts)) {
    const few = part === 'rare' ? ' that few manifests use' : '';
    const text = `/**
 * Fields and Go types of ${TITLES[name]}${few}. Made by .ci/gen-schema.mjs from ${versions.join(' and ')}; do not edit.
 * A line is type|package|fields. Codes: s string, b bool, i int32, l int64, f float, q quantity, t time, y base64, x int or string,
 * * anything, [T list, {T map of string, =Name the named string type in Go. See types.ts for the reader.
 */
export const ${part.toUpperCase()}_TYPES = \`
${rows.join('\n')}
\`;
`;
    fs.writeFileSync(`src/sim/api/schema/${part}-types.ts`, text);
    console.log(part, rows.length, 'types', text.length, 'bytes');
  }
}
