/** One comparison of a conformance case: equal data passes, everything else shows both sides. */
import { canonicalJson } from '../../lib/plain';
import type { CaseResult } from './result';

export function check(id: string, expected: unknown, got: unknown): CaseResult {
  const [want, have] = [canonicalJson(expected ?? null), canonicalJson(got ?? null)];
  return want === have ? { id, status: 'passed' } : { id, status: 'failed', expected: want, got: have };
}

/** Runs a case; an exception of ours is a failure of the case and not of the run. */
export function attempt(id: string, run: () => CaseResult): CaseResult {
  try {
    return run();
  } catch (error) {
    return {
      id,
      status: 'failed',
      expected: 'no exception',
      got: error instanceof Error ? error.message : String(error),
    };
  }
}
