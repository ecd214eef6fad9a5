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

/** What a user can break or change besides manifests. */
export type Fault =
  | { readonly kind: 'kill-pod'; readonly ref: string }
  | { readonly kind: 'hold-unready'; readonly ref: string; readonly held: boolean }
  | { readonly kind: 'cordon'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'power'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'cut-wire'; readonly node: string; readonly cut: boolean }
  | { readonly kind: 'scale'; readonly ref: string; readonly replicas: number }
  | { readonly kind: 'delete'; readonly ref: string }
  | { readonly kind: 'request'; readonly ref: string; readonly url: string };

/** A table of a machine, as its tool prints it, kept live while someone looks. */
export type Probe =
  | {
      readonly what: 'iptables-save' | 'ip-route' | 'ip-addr' | 'bridge-fdb' | 'conntrack' | 'neighbours';
      readonly node: string;
      readonly netns?: string;
    }
  | { readonly what: 'object' | 'describe'; readonly ref: string }
  /** One packet with all its hops, as JSON text. */
  | { readonly what: 'packet'; readonly id: number }
  | { readonly what: 'rules-of'; readonly ref: string; readonly node: string };

/** One line of a table with what it links to. */
export interface ProbeRow {
  readonly text: string;
  readonly ref: string | null;
  readonly path: string | null;
  /** Times that a rule matched. */
  readonly count?: number;
  /** For rules: where they stand. */
  readonly table?: string;
  readonly chain?: string;
}
