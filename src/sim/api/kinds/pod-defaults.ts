/** Defaults of pods and pod templates. Upstream: pkg/apis/core/v1/defaults.go and the conversion of serviceAccount. */
import { canonicalQuantity } from '../quantity';
import type { Draft } from '../rules';
import type { Container, HandlerAction, Probe, Volume } from './container';
import type { Pod, PodSpec } from './pod';

/** File modes of projected files: 0644. */
const FILE_MODE = 420;

type Quantities = Record<string, string | number>;

/** What a Pod and a template have in common. */
export function defaultPodSpec(spec: Draft<PodSpec>): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.schedulerName ||= 'default-scheduler';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  const loose = spec as { serviceAccount?: string; serviceAccountName?: string };
  // Two names of one field; the newer one leads.
  const account = loose.serviceAccountName || loose.serviceAccount;
  if (account) loose.serviceAccountName = loose.serviceAccount = account;
  for (const list of [spec.containers, spec.initContainers, spec.ephemeralContainers])
    for (const container of list ?? []) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
}

/** Pods only: templates stay as written, because their hash must not change. */
export function defaultPod(pod: Draft<Pod>): void {
  const spec = (pod.spec ??= { containers: [] });
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const { resources } = container;
    const limits = resources?.limits as Quantities | undefined;
    if (resources && limits)
      resources.requests = { ...limits, ...(resources.requests as Quantities | undefined) };
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
}

/** Quantities as the server writes them: 1 becomes "1", 0.5 becomes "500m". */
export function encodePodSpec(spec: Draft<PodSpec> | undefined): void {
  for (const { resources } of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])])
    for (const list of [resources?.limits, resources?.requests] as (Quantities | undefined)[])
      for (const name of Object.keys(list ?? {})) list![name] = canonicalQuantity(list![name]!);
}

function defaultContainer(container: Draft<Container>): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? '');
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
    if (probe) defaultProbe(probe);
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    if (handler) defaultHandler(handler);
  for (const variable of container.env ?? [])
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ||= 'v1';
}

/** Always for the tag latest and for no tag; a digest alone counts as a fixed version. */
function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  const [name = '', digest] = image.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  if (colon < 0) return digest === undefined ? 'Always' : 'IfNotPresent';
  return name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultHandler(handler: Draft<HandlerAction>): void {
  if (handler.httpGet) {
    handler.httpGet.path ||= '/';
    handler.httpGet.scheme ||= 'HTTP';
  }
  if (handler.grpc) handler.grpc.service ??= '';
}

function defaultProbe(probe: Draft<Probe>): void {
  defaultHandler(probe);
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
}

interface ProjectedSources {
  defaultMode?: number;
  sources?: { serviceAccountToken?: { expirationSeconds?: number }; downwardAPI?: { items?: FieldItem[] } }[];
}

interface FieldItem {
  fieldRef?: { apiVersion?: string };
}

function defaultVolume(volume: Draft<Volume>): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
  if (volume.configMap) volume.configMap.defaultMode ??= FILE_MODE;
  if (volume.secret) volume.secret.defaultMode ??= FILE_MODE;
  const downward = volume.downwardAPI as { defaultMode?: number; items?: FieldItem[] } | undefined;
  if (downward) {
    downward.defaultMode ??= FILE_MODE;
    for (const item of downward.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  }
  const projected = volume.projected as ProjectedSources | undefined;
  if (projected) {
    projected.defaultMode ??= FILE_MODE;
    for (const source of projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
      for (const item of source.downwardAPI?.items ?? [])
        if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
    }
  }
  const hostPath = volume.hostPath as { type?: string } | undefined;
  if (hostPath) hostPath.type ??= '';
}
