/** The claims of a StatefulSet's pods: "data-db-0". Upstream: pkg/controller/statefulset/stateful_set_utils.go. */
import type { ApiObject, ObjectMeta } from '../../api/object';
import type { Pod } from '../../api/kinds/pod';
import type { StatefulSet } from '../../api/kinds/workload';

interface Template {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: object;
}

function templatesOf(set: StatefulSet): readonly Template[] {
  return (set.spec.volumeClaimTemplates ?? []) as readonly Template[];
}

function claimName(template: Template, pod: Pod): string {
  return `${template.metadata?.name ?? ''}-${pod.metadata.name}`;
}

/** The claims that a pod needs, as they are created. */
export function claimsOf(set: StatefulSet, pod: Pod): ApiObject[] {
  return templatesOf(set).map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimName(template, pod),
      namespace: set.metadata.namespace ?? '',
      labels: { ...template.metadata?.labels, ...set.spec.selector.matchLabels },
    },
    spec: template.spec ?? {},
  }));
}

/** The pod with a volume for each template; it takes the place of a volume of the same name. */
export function withClaims(pod: Pod, set: StatefulSet): Pod {
  const volumes = templatesOf(set).map((template) => ({
    name: template.metadata?.name ?? '',
    persistentVolumeClaim: { claimName: claimName(template, pod) },
  }));
  if (volumes.length === 0) return pod;
  const own = (pod.spec.volumes ?? []).filter((one) => !volumes.some(({ name }) => name === one.name));
  return { ...pod, spec: { ...pod.spec, volumes: [...volumes, ...own] } };
}
