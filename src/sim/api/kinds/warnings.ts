/**
 * What the API server accepts and remarks on: Warning headers, printed by kubectl as "Warning: …". Upstream:
 * pkg/api/service/warnings.go, pkg/api/pod/warnings.go, pkg/registry/networking/ingress/strategy.go.
 */
import { dnsLabel } from '../names';
import type { ApiObject } from '../object';
import type { Ingress } from './networking';
import type { Pod, PodSpec } from './pod';
import type { Service } from './service';
import type { Deployment } from './workload';

export interface FieldWarning {
  /** Path of the field concerned. */
  readonly field: string;
  /** The whole text, as it follows "Warning: ". */
  readonly message: string;
}

/** Remarks on an object that is valid. Works on objects before and after defaulting. */
export function warningsOf(object: ApiObject): FieldWarning[] {
  switch (object.kind) {
    case 'Service':
      return serviceWarnings(object as Service);
    case 'Ingress':
      return ingressWarnings(object as Ingress);
    case 'Pod':
      return [...nameWarnings(object), ...podWarnings((object as Pod).spec, 'spec')];
    case 'Endpoints':
      return [
        {
          field: 'kind',
          message: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
        },
      ];
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
      return podWarnings((object as Deployment).spec?.template?.spec, 'spec.template.spec');
    default:
      return [];
  }
}

function serviceWarnings({ spec }: Service): FieldWarning[] {
  const out: FieldWarning[] = [];
  if (spec?.externalName && spec.type !== 'ExternalName')
    out.push({
      field: 'spec.externalName',
      message: 'spec.externalName is ignored when spec.type is not "ExternalName"',
    });
  if (spec?.clusterIP === 'None' && spec.sessionAffinity === 'ClientIP')
    out.push({
      field: 'spec.sessionAffinity',
      message: 'spec.SessionAffinity is ignored for headless services',
    });
  return out;
}

function ingressWarnings({ metadata }: Ingress): FieldWarning[] {
  const annotation = 'kubernetes.io/ingress.class';
  if (metadata.annotations?.[annotation] === undefined) return [];
  const message = `annotation "${annotation}" is deprecated, please use 'spec.ingressClassName' instead`;
  return [{ field: `metadata.annotations.${annotation}`, message }];
}

/** A pod's name is its host name; one with dots is allowed and surprises. */
function nameWarnings({ metadata }: ApiObject): FieldWarning[] {
  const wrong = metadata.name ? dnsLabel(metadata.name) : [];
  if (wrong.length === 0) return [];
  const message = `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(', ')}]`;
  return [{ field: 'metadata.name', message }];
}

function podWarnings(spec: PodSpec | undefined, at: string): FieldWarning[] {
  const out: FieldWarning[] = [];
  const ports = new Map<string, string>();
  for (const [i, container] of (spec?.containers ?? []).entries()) {
    const path = `${at}.containers[${i}]`;
    for (const [j, port] of (container.ports ?? []).entries()) {
      const field = `${path}.ports[${j}]`;
      const key = `${port.containerPort}/${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort ?? 0}`;
      const first = ports.get(key);
      if (first === undefined) ports.set(key, field);
      else out.push({ field, message: `${field}: duplicate port definition with ${first}` });
    }
    const names = new Set<string>();
    for (const [j, variable] of (container.env ?? []).entries()) {
      const field = `${path}.env[${j}]`;
      if (names.has(variable.name))
        out.push({
          field,
          message: `${field}: hides previous definition of "${variable.name}", which may be dropped when using apply`,
        });
      names.add(variable.name);
    }
  }
  return out;
}
