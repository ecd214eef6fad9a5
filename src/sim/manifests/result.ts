/** What reading and applying manifests comes to: diagnostics at their places, and a row for each object. */

/** A place in the user's text; lines and columns count from 1, the end column is exclusive. */
export interface SourceRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Something wrong or doubtful in the manifests, at its place, in the API server's words. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  readonly range: SourceRange;
  readonly message: string;
  /** Ref of the object concerned, if it could be told. */
  readonly ref: string | null;
}

/** What apply did with one document. */
export interface ApplyRow {
  /** "deployment.apps/backend" */
  readonly name: string;
  readonly ref: string;
  readonly result: 'created' | 'configured' | 'unchanged' | 'deleted' | 'invalid';
  readonly message?: string;
}

export interface ApplyResult {
  readonly rows: readonly ApplyRow[];
  readonly diagnostics: readonly Diagnostic[];
}
