/**
 * What the API server's decoder makes of a JSON object before anything else looks at it: a fresh copy without nulls, and
 * its complaints about fields that the type does not have (strict field validation, KEP-2885) and values of the wrong type
 * (Go encoding/json). Upstream: sigs.k8s.io/json, apimachinery serializer/json.
 */
import { ApiError } from './errors';
import type { FieldError } from './field-error';
import type { ApiObject } from './object';
import { schemaOf, type FieldType, type KindSchema, type StructType } from './schema/types';

export interface DecodeProblem {
  /** Field path as the server prints it: spec.ports[0].port. */
  readonly path: string;
  readonly kind: 'unknown' | 'type';
  /** The server's words for this one field. */
  readonly message: string;
}

export interface Decoded {
  /** A copy that shares nothing with the input, so that defaulting may write into it. */
  readonly object: ApiObject;
  /** In the order of sorted paths, as kubectl's sorted JSON makes it. */
  readonly problems: readonly DecodeProblem[];
}

const QUANTITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])?$/;
const QUANTITY_MESSAGE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Reads an object by the schema of its kind; kinds without one are copied as they are. */
export function decode(object: ApiObject): Decoded {
  const schema = schemaOf(object.kind, object.apiVersion);
  if (schema === null) return { object: copy(object) as ApiObject, problems: [] };
  const decoder = new Decoder(schema);
  const read = decoder.struct(schema.root, object as unknown as Json, '', '', true);
  return { object: read as unknown as ApiObject, problems: decoder.problems };
}

/**
 * Throws the BadRequest of the decoder when there is anything to say; a type error hides all unknown fields. With
 * `unknown` those are only told, each once (fieldValidation=Warn).
 */
export function refuseUndecodable(
  object: ApiObject,
  problems: readonly DecodeProblem[],
  unknown?: (message: string) => void,
): void {
  const isHard = ({ kind }: DecodeProblem) => unknown === undefined || kind === 'type';
  const message = decodeMessage(object, problems.filter(isHard));
  if (unknown !== undefined && message === null) {
    for (const problem of problems) if (problem.kind === 'unknown') unknown(problem.message);
  }
  if (message !== null) throw new ApiError('BadRequest', 400, message);
}

/** Wrong types in a custom resource, which its schema finds while validating, not the decoder. */
export function customTypeErrors(object: ApiObject, problems: readonly DecodeProblem[]): FieldError[] {
  if (schemaOf(object.kind, object.apiVersion)?.custom !== true) return [];
  const wrong = problems.filter((problem) => problem.kind === 'type');
  return wrong.map(({ path, message }) => ({ field: path, type: 'FieldValueTypeInvalid', message }));
}

function decodeMessage(object: ApiObject, found: readonly DecodeProblem[]): string | null {
  const custom = schemaOf(object.kind, object.apiVersion)?.custom === true;
  const problems = custom ? found.filter((problem) => problem.kind === 'unknown') : found;
  const first = problems.find((problem) => problem.kind === 'type') ?? problems[0];
  if (first === undefined) return null;
  const { kind } = object;
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
  const unknown = problems.map((problem) => problem.message).join(', ');
  const what = first.kind === 'type' ? first.message : `strict decoding error: ${unknown}`;
  return `${kind} in version "${version}" cannot be handled as a ${kind}: ${what}`;
}

type Json = { readonly [key: string]: unknown };

/** A deep copy of JSON data. */
export function copy(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copy);
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value)) out[key] = copy((value as Json)[key]);
  return out;
}

class Decoder {
  readonly problems: DecodeProblem[] = [];

  constructor(private readonly schema: KindSchema) {}

  /** `path` has indices, for unknown fields; `goPath` has none and no map keys, for type errors. */
  struct(type: StructType, value: Json, path: string, goPath: string, root = false): Json {
    const out: Record<string, unknown> = {};
    for (const name of Object.keys(value).sort()) {
      const given = value[name];
      if (root && (name === 'apiVersion' || name === 'kind' || name === 'status')) {
        if (given != null) out[name] = copy(given);
        continue;
      }
      const at = path === '' ? name : `${path}.${name}`;
      const field = type.fields.get(name);
      if (field === undefined) {
        this.problems.push({ path: at, kind: 'unknown', message: `unknown field "${at}"` });
        continue;
      }
      // A null leaves the field as if it had not been written.
      if (given === null || given === undefined) continue;
      const goAt = goPath === '' ? name : `${goPath}.${name}`;
      out[name] = this.value(field, given, at, `${type.name}.${goAt}`, goAt);
    }
    return out;
  }

  private value(type: FieldType, value: unknown, path: string, goField: string, goPath: string): unknown {
    if (type.shape === 'scalar') return this.scalar(type, value, path, goField);
    if (type.shape === 'list') {
      if (!Array.isArray(value)) return this.mismatch(type, value, path, goField);
      return value.map((item, i) => this.inside(type.of!, item, `${path}[${i}]`, goField, goPath));
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      return this.mismatch(type, value, path, goField);
    if (type.shape === 'struct')
      return this.struct(this.schema.structs.get(type.code)!, value as Json, path, goPath);
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(value).sort())
      out[key] = this.inside(type.of!, (value as Json)[key], `${path}.${key}`, goField, goPath);
    return out;
  }

  /** In lists and maps a null is the zero value of what they hold: an empty text, an empty struct. */
  private inside(type: FieldType, value: unknown, path: string, goField: string, goPath: string): unknown {
    if (value !== null && value !== undefined) return this.value(type, value, path, goField, goPath);
    if (type.shape === 'list') return [];
    if (type.shape !== 'scalar') return {};
    return type.code === 'b' ? false : 'sxtqy'.includes(type.code) ? '' : 0;
  }

  private scalar(type: FieldType, value: unknown, path: string, goField: string): unknown {
    switch (type.code) {
      case '*':
        return copy(value);
      case 'q':
        if (typeof value === 'number' || (typeof value === 'string' && QUANTITY.test(value))) return value;
        this.problems.push({ path, kind: 'type', message: QUANTITY_MESSAGE });
        return value;
      case 's':
      case 't':
        return typeof value === 'string' ? value : this.mismatch(type, value, path, goField);
      case 'y': {
        if (typeof value !== 'string') return this.mismatch(type, value, path, goField);
        const bad = badBase64(value);
        if (bad !== null)
          this.problems.push({ path, kind: 'type', message: `illegal base64 data at input byte ${bad}` });
        return value;
      }
      case 'b':
        return typeof value === 'boolean' ? value : this.mismatch(type, value, path, goField);
      default: {
        if (type.code === 'x' && typeof value === 'string') return value;
        const fits = typeof value === 'number' && isWhole(value, type.code);
        return fits ? value : this.mismatch(type, value, path, goField);
      }
    }
  }

  private mismatch(type: FieldType, value: unknown, path: string, goField: string): unknown {
    if (this.schema.custom) return this.customMismatch(type, value, path);
    const goType = this.goType(type);
    const is = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    const literal = is === 'number' && /^int/.test(goType) ? ` ${String(value)}` : '';
    const message = `json: cannot unmarshal ${is}${literal} into Go struct field ${goField} of type ${goType}`;
    this.problems.push({ path, kind: 'type', message });
    return copy(value);
  }

  private customMismatch(type: FieldType, value: unknown, path: string): unknown {
    const whole = typeof value === 'number' && Number.isInteger(value);
    const is = Array.isArray(value) ? 'array' : whole ? 'integer' : typeof value;
    const wanted = type.shape === 'list' ? 'array' : (OPENAPI_TYPES[type.code] ?? 'object');
    const message = `Invalid value: "${is}": ${path} in body must be of type ${wanted}: "${is}"`;
    this.problems.push({ path, kind: 'type', message });
    return copy(value);
  }

  private goType(type: FieldType): string {
    if (type.named !== undefined) return type.named.includes('.') ? type.named : `v1.${type.named}`;
    if (type.shape === 'scalar') return GO_TYPES[type.code] ?? 'string';
    if (type.shape === 'map') return `map[string]${this.goType(type.of!)}`;
    if (type.shape === 'list') return `[]${this.goType(type.of!)}`;
    const struct = this.schema.structs.get(type.code)!;
    return `${struct.goPackage || 'v1'}.${struct.name}`;
  }
}

/** Where Go's base64 decoder stumbles: the first foreign letter, or the start of the last group if that is cut short. */
function badBase64(text: string): number | null {
  const foreign = text.search(/[^A-Za-z0-9+/=\r\n]/);
  if (foreign >= 0) return foreign;
  const letters = text.replace(/[\r\n]/g, '');
  if (/^[^=]*={0,2}$/.test(letters) && letters.length % 4 === 0) return null;
  const padding = letters.indexOf('=');
  return padding >= 0 && letters.length % 4 === 0 ? padding : Math.floor(letters.length / 4) * 4;
}

const GO_TYPES: Readonly<Record<string, string>> = {
  b: 'bool',
  i: 'int32',
  l: 'int64',
  x: 'int32',
  y: '[]uint8',
  f: 'float64',
};

const OPENAPI_TYPES: Readonly<Record<string, string>> = {
  s: 'string',
  t: 'string',
  b: 'boolean',
  i: 'integer',
  l: 'integer',
  f: 'number',
};

function isWhole(value: number, code: string): boolean {
  if (code === 'f') return Number.isFinite(value);
  if (!Number.isInteger(value)) return false;
  return code === 'l' || (value >= -2147483648 && value <= 2147483647);
}
