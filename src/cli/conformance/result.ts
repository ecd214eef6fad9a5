/** What one conformance case came to. The runner prints these; each format file makes them. */
export interface CaseResult {
  readonly id: string;
  /** not-run: the case is a fact to read, or cannot be expressed yet. It never counts as passed. */
  readonly status: 'passed' | 'failed' | 'not-run';
  /** What the case asks for and what came out, in the field's notation; given when they differ. */
  readonly expected?: string;
  readonly got?: string;
  /**
   * The case leaves open what was there before, or how much time had gone by, and its runner read that off the answer
   * that it asks for. Passed, it says that the words are right and not that they are said at the right time; the report
   * counts such cases apart.
   */
  readonly implied?: true;
}

/** Marks a result whose world was read off the expected answer. */
export function inImpliedWorld(result: CaseResult): CaseResult {
  return result.status === 'not-run' ? result : { ...result, implied: true };
}

/**
 * Runs the cases of one file. `only` keeps the ids that contain this text. `sibling` gives the parsed content of another
 * file of the same folder, `carried` that of the file of this name among the repository's own cases; undefined when there
 * is none.
 */
export type Format = (
  data: unknown,
  only?: string,
  sibling?: (fileName: string) => unknown,
  carried?: (fileName: string) => unknown,
) => CaseResult[];

/** A result from two texts that ought to be equal. */
export function compareTexts(id: string, expected: string, got: string): CaseResult {
  return expected === got ? { id, status: 'passed' } : { id, status: 'failed', expected, got };
}

/** Runs cases one by one; one that throws has failed and leaves the others alone. */
export function eachCase<C extends { readonly id: string }>(
  cases: readonly C[] | undefined,
  run: (one: C) => CaseResult | readonly CaseResult[],
): CaseResult[] {
  return (cases ?? []).flatMap((one) => {
    try {
      return run(one);
    } catch (error) {
      return [{ id: one.id, status: 'failed', expected: 'an answer', got: String(error) } as const];
    }
  });
}
