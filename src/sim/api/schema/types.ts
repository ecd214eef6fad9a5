/** Reads the generated field tables: which fields a type has, and what each holds. See .ci/gen-schema.mjs. */
import { resourceOf } from '../kinds/resources';
import { CORE_TYPES } from './core-types';
import { GATEWAY_TYPES } from './gateway-types';
import { RARE_TYPES } from './rare-types';

/** What a field holds: a scalar code, a list or a map of such, or a struct by its type name. */
export interface FieldType {
  readonly shape: 'scalar' | 'list' | 'map' | 'struct';
  /** Scalar code (s b i l f q t x y *), or the struct's type name. */
  readonly code: string;
  /** Go name of a named type, for example ServiceType; with its package when that is not v1. */
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

/** Types by name. */
export interface Structs {
  get(name: string): StructType | undefined;
}

export interface KindSchema {
  readonly root: StructType;
  readonly structs: Structs;
  /** True for kinds that are custom resources in life; their type errors read differently. */
  readonly custom: boolean;
}

function readType(text: string): FieldType {
  const first = text[0] ?? '*';
  if (first === '[') return { shape: 'list', code: '', of: readType(text.slice(1)) };
  if (first === '{') {
    const of = readType(text.slice(1));
    // A named map is the name's: ResourceList, whose values are quantities.
    return { shape: 'map', code: '', of, ...(of.named ? { named: of.named } : {}) };
  }
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

// Read from constant texts when they are first needed, so they are no state.
const tables = new Map<string, ReadonlyMap<string, StructType>>();

function tableOf(name: string, text: () => string): ReadonlyMap<string, StructType> {
  const table = tables.get(name) ?? readTable(text());
  tables.set(name, table);
  return table;
}

/** Types that few manifests use are not read before one does. */
const core: Structs = {
  get: (name) => tableOf('core', () => CORE_TYPES).get(name) ?? tableOf('rare', () => RARE_TYPES).get(name),
};
const gateway: Structs = { get: (name) => tableOf('gateway', () => GATEWAY_TYPES).get(name) };

/** The schema of a kind, or null when it is not in the tables (then any field goes). */
export function schemaOf(kind: string, apiVersion: string): KindSchema | null {
  const resource = resourceOf(kind, apiVersion);
  if (!resource.known) return null;
  const custom = resource.group === 'gateway.networking.k8s.io';
  // Other versions of a built-in kind have other fields.
  if (!custom && resource.apiVersion !== apiVersion) return null;
  const structs = custom ? gateway : core;
  // All kinds stand in the first table, so that an unknown one is found out without the rest.
  const root = custom ? gateway.get(kind) : tableOf('core', () => CORE_TYPES).get(kind);
  if (root === undefined || !root.fields.has('metadata')) return null;
  return { root, structs, custom };
}
