/** What the server says of pods, line by line: rules of pkg/apis/core/validation that the conformance cases may not ask for. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Clock } from '../../clock/clock';
import { ApiError } from '../errors';
import type { ApiObject } from '../object';
import { ApiServer } from '../server';
import { Store } from '../store';

function serverOf(): ApiServer {
  const store = new Store({ clock: new Clock(3) });
  const server = new ApiServer(store);
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return server;
}

/** Field errors one a line; "valid" when there are none. */
function said(run: () => void): string {
  try {
    run();
    return 'valid';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return (error.details.causes ?? []).map(({ field, message }) => `${field}: ${message}`).join('\n');
  }
}

const pod = (spec: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: parse(`{${spec}}`) as object,
});
const ofContainer = (fields: string) => pod(`containers: [{name: c, image: nginx, ${fields}}]`);
const C = 'spec.containers[0]';

describe('a container', () => {
  it.each<[string, string]>([
    ['envFrom: [{configMapRef: {name: a}}, {secretRef: {name: b}}]', 'valid'],
    [
      'envFrom: [{}]',
      `${C}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
    ],
    ['envFrom: [{configMapRef: {}}]', `${C}.envFrom[0].configMapRef.name: Required value`],
    [
      'env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}]',
      `${C}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
    ],
    [
      `env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels['a b']"}}}]`,
      `${C}.env[0].valueFrom.fieldRef: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
    [
      `env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.name['a']"}}}]`,
      `${C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']`,
    ],
    [
      'env: [{name: A, valueFrom: {fieldRef: {apiVersion: v2, fieldPath: metadata.name}}}]',
      `${C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2`,
    ],
    [
      'env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 2}}}]',
      `${C}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
    ],
    [
      'volumeMounts: [{mountPath: /a}]',
      `${C}.volumeMounts[0].name: Required value\n${C}.volumeMounts[0].name: Not found: ""`,
    ],
    [
      'lifecycle: {preStop: {sleep: {seconds: 31}}}',
      `${C}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
    ],
    [
      'lifecycle: {stopSignal: SIGTERM}',
      `${C}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``,
    ],
    [
      'securityContext: {runAsUser: -1}',
      `${C}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`,
    ],
    [
      'securityContext: {privileged: true, allowPrivilegeEscalation: false}',
      `${C}.securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ],
    [
      'securityContext: {seccompProfile: {type: Runtime}}',
      `${C}.securityContext.seccompProfile.type: Unsupported value: "Runtime": supported values: "Localhost", "RuntimeDefault", "Unconfined"`,
    ],
    [
      'resources: {requests: {example.com/gpu: 1}}',
      `${C}.resources.limits: Required value: Limit must be set for non overcommitable resources`,
    ],
    [
      'resources: {limits: {example.com/gpu: "1.5"}}',
      `${C}.resources.limits[example.com/gpu]: Invalid value: "1.5": must be an integer\n${C}.resources.requests[example.com/gpu]: Invalid value: "1.5": must be an integer`,
    ],
    [
      'resources: {limits: {hugepages-2Mi: 4Mi}}',
      `${C}.resources: Forbidden: HugePages require cpu or memory`,
    ],
    [
      'resizePolicy: [{resourceName: disk, restartPolicy: NotRequired}]',
      `${C}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"`,
    ],
  ])('%s', (fields, expected) => {
    expect(said(() => serverOf().create(ofContainer(fields)))).toBe(expected);
  });
});

const ONE = 'containers: [{name: c, image: nginx}]';

describe('a pod', () => {
  it.each<[string, string]>([
    [
      'containers: [{image: a}, {image: b}]',
      `${C}.name: Required value\nspec.containers[1].name: Required value\nspec.containers[1].name: Duplicate value: ""`,
    ],
    [
      `${ONE}, initContainers: [{name: a, image: i, restartPolicy: Never}, {name: c, image: i, restartPolicy: OnFailure}]`,
      'spec.initContainers[0].restartPolicy: Unsupported value: "Never": supported values: "Always"\nspec.initContainers[1].restartPolicy: Unsupported value: "OnFailure": supported values: "Always"\nspec.initContainers[1].name: Duplicate value: "c"',
    ],
    [
      `${ONE}, initContainers: [{name: a, image: i, ports: [{containerPort: 80, hostPort: 80}]}, {name: b, image: i, ports: [{containerPort: 80, hostPort: 80}]}]`,
      'valid',
    ],
    [
      `${ONE}, ephemeralContainers: [{name: d, image: i}]`,
      'spec.ephemeralContainers: Forbidden: cannot be set on create',
    ],
    [
      `${ONE}, securityContext: {sysctls: [{name: net.core.somaxconn, value: "1"}]}, hostNetwork: true`,
      `spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when 'hostNetwork' is true`,
    ],
    [
      `${ONE}, preemptionPolicy: Sometimes`,
      'spec.preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"',
    ],
    [`${ONE}, os: {name: mac}`, 'spec.os: Unsupported value: "mac": supported values: "linux", "windows"'],
    [`${ONE}, hostUsers: false, hostNetwork: true`, 'spec.hostNetwork: Forbidden: when `hostUsers` is false'],
    [
      `${ONE}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: spec.x, operator: Exists}]}]}}}`,
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator: Invalid value: "Exists": not a valid selector operator\nspec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "spec.x": not a valid field selector key',
    ],
    [
      `${ONE}, topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: Never}]`,
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
    [
      `${ONE}, topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: ScheduleAnyway, minDomains: 2}, {maxSkew: 2, topologyKey: z, whenUnsatisfiable: ScheduleAnyway}]`,
      'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{z, ScheduleAnyway}"\nspec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
    ],
  ])('%s', (spec, expected) => {
    expect(said(() => serverOf().create(pod(spec)))).toBe(expected);
  });

  it('is told that a topologyKey is missing and is no label name either', () => {
    const spec = `${ONE}, affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {}, topologyKey: ""}]}}`;
    const at = 'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey';
    const lines = said(() => serverOf().create(pod(spec))).split('\n');
    expect(lines.slice(0, 2)).toEqual([
      `${at}: Required value: can not be empty`,
      `${at}: Invalid value: "": name part must be non-empty`,
    ]);
    expect(lines).toHaveLength(3);
  });
});

describe('volumes', () => {
  it.each<[string, string]>([
    [
      'name: v, emptyDir: {}, hostPath: {path: /a}',
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    // In the server's order, not the manifest's.
    [
      'name: v, configMap: {name: a}, secret: {secretName: b}',
      'spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'name: v, hostPath: {path: /a/../b}',
      `spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
    ],
    [
      'name: v, hostPath: {path: /a, type: Dir}',
      'spec.volumes[0].hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
    [
      'name: v, configMap: {name: a, defaultMode: 1000}',
      'spec.volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive',
    ],
    [
      'name: v, secret: {secretName: a, items: [{key: k, path: ..data}]}',
      `spec.volumes[0].secret.items[0].path: Invalid value: "..data": must not start with '..'`,
    ],
    [
      'name: v, nfs: {server: s, path: a}',
      'spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path',
    ],
    [
      'name: v, downwardAPI: {items: [{path: a}]}',
      'spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
    ],
    [
      'name: v, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 60}}]}',
      'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
    ],
    [
      'name: v, projected: {sources: [{configMap: {name: a, items: [{key: k, path: p}]}}, {configMap: {name: b, items: [{key: k, path: p}]}}]}',
      'spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths',
    ],
  ])('%s', (volume, expected) => {
    expect(said(() => serverOf().create(pod(`${ONE}, volumes: [{${volume}}]`)))).toBe(expected);
  });

  it('with an error cannot be mounted either', () => {
    const spec =
      'containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, configMap: {}}]';
    expect(said(() => serverOf().create(pod(spec)))).toBe(
      'spec.volumes[0].configMap.name: Required value\nspec.containers[0].volumeMounts[0].name: Not found: "v"',
    );
  });

  it('mounts have paths without their number where the server has it so', () => {
    const spec =
      'containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v, subPath: ../x, mountPropagation: Bidirectional}]}], volumes: [{name: v, emptyDir: {}}]';
    expect(said(() => serverOf().create(pod(spec)))).toBe(
      `spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain '..'\nspec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
    );
  });
});

describe('a change of a pod', () => {
  const FIXED =
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
  const changed = (before: string, after: (spec: Record<string, unknown>) => object): string => {
    const server = serverOf();
    const old = server.create(pod(before));
    return said(() => server.update({ ...old, spec: after(old['spec'] as Record<string, unknown>) }));
  };
  const containers = (old: Record<string, unknown>) => old['containers'] as object[];

  it.each<[string, string, (spec: Record<string, unknown>) => object, string]>([
    ['image', ONE, (spec) => ({ ...spec, containers: [{ ...containers(spec)[0], image: 'b' }] }), 'valid'],
    [
      'no image',
      ONE,
      (spec) => ({ ...spec, containers: [...containers(spec), ...containers(spec)] }),
      'spec.containers[1].name: Duplicate value: "c"\nspec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    ['host name', ONE, (spec) => ({ ...spec, hostname: 'h' }), FIXED],
    ['grace', ONE, (spec) => ({ ...spec, terminationGracePeriodSeconds: 5 }), FIXED],
    [
      'later deadline',
      `${ONE}, activeDeadlineSeconds: 10`,
      (spec) => ({ ...spec, activeDeadlineSeconds: 20 }),
      'spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value',
    ],
    [
      'deadline taken back',
      `${ONE}, activeDeadlineSeconds: 10`,
      (spec) => ({ ...spec, activeDeadlineSeconds: undefined }),
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ],
    [
      'gate lifted',
      `${ONE}, schedulingGates: [{name: a}]`,
      (spec) => ({ ...spec, schedulingGates: [] }),
      'valid',
    ],
    [
      'gate added',
      ONE,
      (spec) => ({ ...spec, schedulingGates: [{ name: 'a' }] }),
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a'",
    ],
    [
      'gated pod steered',
      `${ONE}, schedulingGates: [{name: a}]`,
      (spec) => ({ ...spec, nodeSelector: { a: 'b' } }),
      'valid',
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(changed(before, after)).toBe(expected);
  });
});
