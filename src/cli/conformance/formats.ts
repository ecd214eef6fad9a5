/** Which reader understands which case file, by the file's name. */
import { formats as defaults } from './api-defaults';
import { formats as templateHash } from './api-pod-template-hash';
import { formats as timings } from './api-timings';
import { formats as validation } from './api-validation';
import { formats as dns } from './dns';
import { formats as endpointSlice } from './endpointslice';
import { formats as kubectl } from './kubectl';
import { formats as kubeProxy } from './kubeproxy';
import { formats as resolver } from './resolver';
import type { Format } from './result';

export const FORMATS: Readonly<Record<string, Format>> = {
  ...defaults,
  ...templateHash,
  ...timings,
  ...validation,
  ...dns,
  ...endpointSlice,
  ...kubectl,
  ...kubeProxy,
  ...resolver,
};
