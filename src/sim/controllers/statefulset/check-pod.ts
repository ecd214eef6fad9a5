/**
 * Whether the API server would take a pod of a StatefulSet. It looks at the template of a StatefulSet less closely than at
 * those of other workloads (pkg/apis/apps/validation leaves the pod's spec out), so that a mistake shows up here.
 */
import { decode } from '../../api/decode';
import { invalid } from '../../api/errors';
import type { Pod } from '../../api/kinds/pod';
import { defaultPod } from '../../api/kinds/pod-defaults';
import { validateMeta } from '../../api/kinds/validate-meta';
import { validatePod } from '../../api/kinds/validate-pod';
import type { Draft } from '../../api/rules';

/** Throws ApiError (Invalid) when the pod would be refused. */
export function checkPod(pod: Pod): void {
  const draft = decode(pod).object as Pod;
  defaultPod(draft as Draft<Pod>);
  const errors = [...validateMeta(draft), ...validatePod(draft)];
  if (errors.length > 0) throw invalid('Pod', '', pod.metadata.name, errors);
}
