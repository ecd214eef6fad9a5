/** Which rules the API server has for which kind; a kind that is missing here is stored as given. */
import type { KindRules } from '../rules';
import { kindKey } from './resources';
import { SERVICE_RULES } from './service-rules';

// Each entry knows its own type; the lookup by kind is what makes it fit.
const RULES: Readonly<Record<string, unknown>> = {
  Service: SERVICE_RULES,
};

const NONE: KindRules = {};

/** The rules of a kind; none for kinds of other groups. */
export function rulesOf(kind: string, apiVersion: string): KindRules {
  return (RULES[kindKey(kind, apiVersion)] as KindRules | undefined) ?? NONE;
}
