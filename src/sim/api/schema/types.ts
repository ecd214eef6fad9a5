/** Reads the generated field tables: which fields a type has, and what each holds. See .ci/gen-schema.mjs. */
import { resourceOf } from '../kinds/resources';
import { CORE_TYPES } from './core-types';
import { GATEWAY_TYPES } from './gateway-types';

/** What a field holds: a scalar code, a list or a map of such, or a struct by its type name. */
export interface FieldType {
  readonly shape: 'scalar' | 'list' | 'map' | 'struct';
  /** Scalar code (s b i l f q t x y *), or the struct's type name. */
  readonly code: string;
  /** Go name of a named string type, for example ServiceType. */
  readonly named?: string;
  /** What a list or map holds. */
  readonly of?: FieldType;
}

export interface StructType {
  readonly name: string;
  /** Go package as errors print it: v1, v2. */
  readonly goPackage: string;
  readonly fields: ReadonlyMap<string, FieldType>;
}

export interface KindSchema {
  readonly root: StructType;
  readonly structs: ReadonlyMap<string, StructType>;
  /** True for kinds that are custom resources in life; their type errors read differently. */
  readonly custom: boolean;
}

function readType(text: string): FieldType {
  const first = text[0] ?? '*';
  if (first === '[' || first === '{')
    return { shape: first === '[' ? 'list' : 'map', code: '', of: readType(text.slice(1)) };
  const [code = '*', named] = text.split('=');
  if (code.length === 1) return { shape: 'scalar', code, ...(named ? { named } : {}) };
  return { shape: 'struct', code };
}

function readTable(text: string): ReadonlyMap<string, StructType> {
  const structs = new Map<string, StructType>();
  for (const line of text.trim().split('\n')) {
    const [name = '', goPackage = '', fields = ''] = line.split('|');
    const rows = fields === '' ? [] : fields.split(' ');
    const entries = rows.map((row) => {
      const colon = row.indexOf(':');
      return [row.slice(0, colon), readType(row.slice(colon + 1))] as const;
    });
    structs.set(name, { name: name.replace(/_$/, ''), goPackage, fields: new Map(entries) });
  }
  return structs;
}

// Read once from constant texts, when they are first needed, so they are no state.
const tables = new Map<string, ReadonlyMap<string, StructType>>();

function tableOf(custom: boolean): ReadonlyMap<string, StructType> {
  const name = custom ? 'gateway' : 'core';
  const table = tables.get(name) ?? readTable(custom ? GATEWAY_TYPES : CORE_TYPES);
  tables.set(name, table);
  return table;
}

/** The schema of a kind, or null when it is not in the tables (then any field goes). */
export function schemaOf(kind: string, apiVersion: string): KindSchema | null {
  const resource = resourceOf(kind, apiVersion);
  if (!resource.known) return null;
  const custom = resource.group === 'gateway.networking.k8s.io';
  // Other versions of a built-in kind have other fields.
  if (!custom && resource.apiVersion !== apiVersion) return null;
  const structs = tableOf(custom);
  const root = structs.get(kind);
  if (root === undefined || !root.fields.has('metadata')) return null;
  return { root, structs, custom };
}
