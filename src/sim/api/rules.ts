/** What the API server knows of a kind beyond its fields; one entry a kind in kinds/registry.ts. */
import type { FieldError } from './field-error';
import type { ApiObject } from './object';

/** Writable form of an object under construction. */
export type Draft<T> = T extends readonly (infer I)[]
  ? Draft<I>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T;

/** What strategies and validation may ask of the cluster. */
export interface RuleContext {
  /** Families of the service CIDRs, the first is the primary one. */
  readonly ipFamilies: readonly ('IPv4' | 'IPv6')[];
  readonly serviceCidrs: readonly string[];
  readonly nodePorts: readonly [number, number];
  /** Stored objects of other kinds, for admission plugins that look at them. */
  list(kind: string): readonly ApiObject[];
  /** Letters from a named stream of the seeded chance. */
  random(stream: string, letters: string, length: number): string;
}

/** All functions get a draft that shares nothing with what is stored, and write into it. */
export interface KindRules<T extends ApiObject = ApiObject> {
  /** The versioned defaults (pkg/apis/<group>/v1/defaults.go). */
  default?(object: Draft<T>): void;
  /** The registry strategy's PrepareForCreate and the admission plugins that fill in. */
  prepareCreate?(object: Draft<T>, context: RuleContext): void;
  /** Admission plugins that only act on requests from outside, not on what the cluster's components write. */
  admitCreate?(object: Draft<T>, context: RuleContext): void;
  prepareUpdate?(object: Draft<T>, old: T, context: RuleContext): void;
  validate?(object: T, context: RuleContext): FieldError[];
  /** What only a new object is asked. */
  validateCreate?(object: T): FieldError[];
  /** What an update may not change; `validate` runs as well. */
  validateUpdate?(object: T, old: T, context: RuleContext): FieldError[];
  /** True when the server tells what may not change before what is wrong with the object as such. Default false. */
  readonly updateFirst?: boolean;
  /** Puts values into the form in which they are stored (quantities). */
  encode?(object: Draft<T>): void;
  /** True when the kind has a status subresource, so that plain writes leave status alone. Default true. */
  readonly statusSubresource?: boolean;
}
