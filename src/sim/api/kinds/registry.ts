/** Which rules the API server has for which kind; a kind that is missing here is stored as given. */
import type { KindRules } from '../rules';
import { kindKey } from './resources';

const RULES: Readonly<Record<string, KindRules>> = {};

const NONE: KindRules = {};

/** The rules of a kind; none for kinds of other groups. */
export function rulesOf(kind: string, apiVersion: string): KindRules {
  return RULES[kindKey(kind, apiVersion)] ?? NONE;
}
