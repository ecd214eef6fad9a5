/** All kubectl commands, and the other names that some of them have. */
import { applyVerbs } from './apply';
import { configVerbs } from './config';
import type { Verb } from './context';
import { createVerbs } from './create';
import { deleteVerb } from './delete';
import { describeVerb } from './describe';
import { discoveryVerbs } from './discovery';
import { drainVerb } from './drain';
import { eventsVerb } from './events';
import { execVerb } from './exec';
import { exposeVerb } from './expose';
import { getVerb } from './get';
import { labelVerbs } from './label';
import { logsVerb } from './logs';
import { patchVerb } from './patch';
import { rolloutVerbs } from './rollout';
import { rolloutStatusVerb } from './rollout-status';
import { runVerb } from './run';
import { scaleVerbs } from './scale';
import { setVerbs } from './set';
import { taintVerb } from './taint';
import { unsupportedVerbs } from './unsupported';
import { waitVerb } from './wait';

/** Every command. */
export const VERBS: readonly Verb[] = [
  getVerb,
  describeVerb,
  ...applyVerbs,
  ...createVerbs,
  deleteVerb,
  ...scaleVerbs,
  drainVerb,
  taintVerb,
  ...labelVerbs,
  ...setVerbs,
  patchVerb,
  runVerb,
  exposeVerb,
  rolloutStatusVerb,
  ...rolloutVerbs,
  waitVerb,
  execVerb,
  logsVerb,
  eventsVerb,
  ...discoveryVerbs,
  ...configVerbs,
  ...unsupportedVerbs,
];

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
  'create cj': 'cronjob',
  'create pc': 'priorityclass',
  'set sa': 'serviceaccount',
  'create resourcequota': 'quota',
  'create service lb': 'loadbalancer',
  'config use': 'use-context',
  'top pods': 'pod',
  'top po': 'pod',
  'top nodes': 'node',
  'top no': 'node',
};
