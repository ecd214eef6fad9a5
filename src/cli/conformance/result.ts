/** What became of one conformance case. `expected` and `got` are texts for people, filled in for failures. */
export interface CaseResult {
  readonly id: string;
  readonly status: 'passed' | 'failed' | 'not-run';
  readonly expected?: string;
  readonly got?: string;
}

/** Runs the cases of one file; `only` is a text that wanted ids contain. */
export type Format = (data: unknown, only?: string) => CaseResult[];
