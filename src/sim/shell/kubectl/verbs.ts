/** All kubectl commands that are simulated, and the other names that some of them have. */
import type { Verb } from './context';
import { getVerb } from './get';
import { describeVerb } from './describe';

/** Every command; sorted only for help. */
export const VERBS: readonly Verb[] = [getVerb, describeVerb];

/** Other spellings of a command's words. */
export const ALIASES: Readonly<Record<string, string>> = {
  'create deploy': 'deployment',
  'create dep': 'deployment',
  'create ns': 'namespace',
  'create cm': 'configmap',
  'create svc': 'service',
  'create ing': 'ingress',
  'create sa': 'serviceaccount',
  'create pdb': 'poddisruptionbudget',
  'config use': 'use-context',
  'create service lb': 'loadbalancer',
  'top pods': 'pod',
  'top po': 'pod',
  'top nodes': 'node',
  'top no': 'node',
};
