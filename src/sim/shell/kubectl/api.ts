/**
 * The API server as kubectl sees it, and how kubectl words a refusal (staging/src/k8s.io/kubectl/pkg/cmd/util CheckErr,
 * cli-runtime pkg/resource).
 */
import type { DeleteOptions } from '../../api/deletion';
import { ApiError } from '../../api/errors';
import type { ApiObject } from '../../api/object';
import type { Resource } from '../../api/kinds/resources';
import type { Applied } from '../../api/server';

export interface WriteOptions {
  /** Validate and answer as if written, and write nothing (`--dry-run=server`). */
  readonly dryRun?: boolean;
  /** Is told of each field that the kind does not have (fieldValidation=Warn); without it such fields are refused. */
  readonly unknown?: (message: string) => void;
}

/** Requests to the API server. Refusals are thrown as ApiError. */
export interface KubeApi {
  /** Everything discovery offers, stored kinds of strangers included. */
  resources(): readonly Resource[];
  get(resource: Resource, namespace: string, name: string): ApiObject | undefined;
  /** In namespace, then name order. */
  list(resource: Resource, namespace?: string): readonly ApiObject[];
  create(object: ApiObject, options?: WriteOptions): ApiObject;
  /** Replaces a stored object; its status stays. */
  update(object: ApiObject, options?: WriteOptions): ApiObject;
  /** Client-side apply: create, or a three-way merge. */
  apply(object: ApiObject, options?: WriteOptions): Applied;
  delete(resource: Resource, namespace: string, name: string, options?: DeleteOptions): ApiObject;
}

/** Something kubectl itself refuses; `help` is the command whose help it points to. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly help?: string,
    readonly plain = false,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** "error: MESSAGE" with the usual pointer to help. */
export function usage(command: string, message: string): UsageError {
  return new UsageError(message, `See 'kubectl ${command} -h' for help and examples`);
}

/** What kubectl was doing with a file when the server refused, for example `creating` and "x.yaml". */
export interface FileContext {
  readonly doing: string;
  readonly file: string;
}

/**
 * The text of one refusal. A lone Invalid is told field by field; with `many` (other objects of the command failed too)
 * it is worded like every other error, and kubectl's own refusals go without their "error: ".
 */
export function errorText(error: unknown, where?: FileContext, many = false): string {
  if (error instanceof UsageError) {
    const bare = error.plain || many || error.message.startsWith('error: ');
    const head = bare ? error.message : `error: ${error.message}`;
    return error.help === undefined ? `${head}\n` : `${head}\n${error.help}\n`;
  }
  if (!(error instanceof ApiError)) throw error;
  const { causes, kind, name } = error.details;
  if (error.reason === 'Invalid' && !many && causes !== undefined && causes.length > 0) {
    const lines = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
    const who =
      kind !== undefined && name !== undefined && kind !== '' ? `The ${kind} "${name}"` : 'The request';
    if (lines.length === 1) return `${who} is invalid: ${lines[0]}\n`;
    return `${who} is invalid: \n${lines.map((line) => `* ${line}\n`).join('')}`;
  }
  if (error.reason === 'Invalid' && !many && where === undefined && kind === undefined) {
    return `The request is invalid: ${error.message}\n`;
  }
  const context = where === undefined ? '' : `error when ${where.doing} "${where.file}": `;
  return `Error from server (${error.reason}): ${context}${error.message}\n`;
}
