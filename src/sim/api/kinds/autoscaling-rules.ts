/** HorizontalPodAutoscaler: stored and shown. Upstream: pkg/apis/autoscaling/v2/defaults.go and validation. */
import { checkNonNegative } from './checks';
import { invalidValue, required } from '../field-errors';
import type { FieldError } from '../field-error';
import type { ApiObject } from '../object';
import type { KindRules } from '../rules';

interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
  readonly policies?: readonly {
    readonly type: string;
    readonly value: number;
    readonly periodSeconds: number;
  }[];
}

interface Autoscaler extends ApiObject {
  readonly spec: {
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
    readonly metrics?: readonly object[];
    readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules };
  };
}

const policy = (type: string, value: number) => ({ type, value, periodSeconds: 15 });

function validate({ spec }: Autoscaler): FieldError[] {
  const errors: FieldError[] = [];
  const { minReplicas = 1, maxReplicas = 0, scaleTargetRef = {} } = spec ?? {};
  if (minReplicas < 1)
    errors.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (maxReplicas < minReplicas)
    errors.push(
      invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'),
    );
  if (!scaleTargetRef.kind) errors.push(required('spec.scaleTargetRef.kind'));
  if (!scaleTargetRef.name) errors.push(required('spec.scaleTargetRef.name'));
  for (const side of ['scaleUp', 'scaleDown'] as const) {
    const seconds = spec?.behavior?.[side]?.stabilizationWindowSeconds;
    errors.push(...checkNonNegative(`spec.behavior.${side}.stabilizationWindowSeconds`, seconds));
  }
  return errors;
}

export const AUTOSCALER_RULES: KindRules<Autoscaler> = {
  default({ spec }) {
    if (spec === undefined) return;
    spec.minReplicas ??= 1;
    const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } };
    if ((spec.metrics ?? []).length === 0) spec.metrics = [{ type: 'Resource', resource: cpu }];
    if (spec.behavior === undefined) return;
    const up = (spec.behavior.scaleUp ??= {});
    up.stabilizationWindowSeconds ??= 0;
    up.selectPolicy ??= 'Max';
    up.policies ??= [policy('Pods', 4), policy('Percent', 100)];
    // An unset time down is the controller's own five minutes and stays unset.
    const down = (spec.behavior.scaleDown ??= {});
    down.selectPolicy ??= 'Max';
    down.policies ??= [policy('Percent', 100)];
  },
  validate,
};
