/**
 * Writes a pod template the way Kubernetes' hash dump does (pkg/util/hash DeepHashObject): every field of every struct with
 * its Go type, pointers followed, maps sorted. The text is only ever hashed, but it must be right to the byte.
 */
import { GO_TYPES } from './go-types';
import { dumpQuantity } from './quantity';
import { RARE_GO_TYPES } from './rare-go-types';

interface Field {
  readonly name: string;
  readonly json: string;
  readonly type: string;
  readonly inline: boolean;
  /** First and last minor release that has the field. */
  readonly from: number;
  readonly to: number;
}

type GoType = { readonly fields: readonly Field[] } | { readonly named: string };

const ZERO_TIME = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';

// Each parsed once from a constant text, so they are no state.
const types = parseTypes(GO_TYPES);
const rareTypes = new Map<string, GoType>();

function parseTypes(text: string): ReadonlyMap<string, GoType> {
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line) => parseType(line)),
  );
}

/** A type by name; undefined for Go's own, whose names have no dot. */
function typeOf(name: string): GoType | undefined {
  const known = types.get(name);
  if (known !== undefined || !name.includes('.')) return known;
  if (rareTypes.size === 0) for (const [rare, type] of parseTypes(RARE_GO_TYPES)) rareTypes.set(rare, type);
  return rareTypes.get(name);
}

function parseType(line: string): [string, GoType] {
  const named = /^(\S+) = (.+)$/.exec(line);
  if (named !== null) return [named[1]!, { named: named[2]! }];
  const [name = '', body = ''] = line.split(/ \{ | \}$/);
  const fields = body.split('; ').filter((text) => text !== '');
  return [name, { fields: fields.map(parseField) }];
}

function parseField(text: string): Field {
  const [label = '', type = '', ...bounds] = text.split(' ');
  const [name = '', json] = label.replace('^', '').split('/');
  const tags = bounds.join(' ');
  return {
    name,
    json: json ?? name.charAt(0).toLowerCase() + name.slice(1),
    type,
    inline: label.endsWith('^'),
    from: Number(/>=1\.(\d+)/.exec(tags)?.[1] ?? 0),
    to: Number(/<=1\.(\d+)/.exec(tags)?.[1] ?? 999),
  };
}

/** The dump of a value of a Go type as a given minor release (35 for 1.35) has it, type name first. */
export function dumpTyped(type: string, value: unknown, minor: number): string {
  return `(${printedType(type)})${dumpBare(type, value, minor)}`;
}

/** Go prints types with their package's last path element; core and meta are both "v1". */
function printedType(type: string): string {
  return type.replace(/\b(core|meta)\./g, 'v1.');
}

function dumpBare(type: string, value: unknown, minor: number): string {
  if (type.startsWith('*')) return value == null ? '<nil>' : dumpBare(type.slice(1), value, minor);
  if (type.startsWith('[]')) return dumpList(type.slice(2), value, minor);
  if (type.startsWith('map[')) return dumpMap(type, value, minor);
  if (type === 'resource.Quantity') return dumpQuantity(String(value ?? '0'));
  if (type === 'intstr.IntOrString') return dumpIntOrString(value);
  if (type === 'meta.Time') return ZERO_TIME;
  const known = typeOf(type);
  if (known !== undefined && 'named' in known) return dumpBare(known.named, value, minor);
  if (known !== undefined) return dumpStruct(known.fields, value, minor);
  if (type === 'bool') return value === true ? 'true' : 'false';
  return type === 'string' ? String(value ?? '') : String(value ?? 0);
}

function dumpStruct(fields: readonly Field[], value: unknown, minor: number): string {
  const record = (value ?? {}) as Readonly<Record<string, unknown>>;
  const parts: string[] = [];
  for (const field of fields) {
    if (minor < field.from || minor > field.to) continue;
    const inner = field.inline ? record : record[field.json];
    parts.push(`${field.name}:${dumpTyped(field.type, inner, minor)}`);
  }
  return `{${parts.join(' ')}}`;
}

function dumpList(item: string, value: unknown, minor: number): string {
  if (value == null) return '<nil>';
  const mark = item.startsWith('*') ? '<*>' : '';
  return `[${(value as readonly unknown[]).map((entry) => mark + dumpBare(item, entry, minor)).join(' ')}]`;
}

function dumpMap(type: string, value: unknown, minor: number): string {
  if (value == null) return '<nil>';
  const item = type.slice(type.indexOf(']') + 1);
  const record = value as Readonly<Record<string, unknown>>;
  const rows = Object.keys(record).sort();
  return `map[${rows.map((key) => `${key}:${dumpBare(item, record[key], minor)}`).join(' ')}]`;
}

function dumpIntOrString(value: unknown): string {
  const text = typeof value === 'string';
  return `{Type:(intstr.Type)${text ? 1 : 0} IntVal:(int32)${text ? 0 : Number(value ?? 0)} StrVal:(string)${text ? value : ''}}`;
}
