/** The forms of `-o`: how a list of objects prints when it is not the default table. */
import type { ApiObject } from '../../api/object';
import type { Resource } from '../../api/kinds/resources';
import { UsageError } from './api';
import { JsonPathError, relaxedPath, renderTemplate, valueText, walk } from './jsonpath';
import { layoutRows } from '../tabwriter';
import { printedName } from './targets';
import { renderGoTemplate } from './go-template';
import { toJson, toYaml } from './yaml-print';

export interface Shown {
  readonly resource: Resource;
  readonly object: ApiObject;
}

/** The format and its argument: "jsonpath" and "{.metadata.name}". */
function splitFormat(output: string): { format: string; rest: string } {
  const m = /^([a-z-]+)=(.*)$/s.exec(output);
  return m === null ? { format: output, rest: '' } : { format: m[1]!, rest: m[2]! };
}

const TABLE_FORMATS = new Set(['', 'wide']);
const FORMATS = [
  'custom-columns',
  'custom-columns-file',
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'name',
  'template',
  'templatefile',
  'wide',
  'yaml',
];

/** True when `output` asks for the table. */
export function isTable(output: string): boolean {
  return TABLE_FORMATS.has(output);
}

function asList(shown: readonly Shown[]): object {
  return {
    apiVersion: 'v1',
    items: shown.map(({ object }) => object),
    kind: 'List',
    metadata: { resourceVersion: '' },
  };
}

function customColumns(spec: string, shown: readonly Shown[], headers: boolean): string {
  if (spec === '') throw new UsageError('custom-columns format specified but no custom columns given');
  const columns = spec.split(/,(?=[^,]*:)/).map((text) => {
    const colon = text.indexOf(':');
    if (colon < 0)
      throw new UsageError(`unexpected custom-columns spec: ${text}, expected <header>:<json-path-expr>`);
    return { header: text.slice(0, colon), path: relaxedPath(text.slice(colon + 1)) };
  });
  const rows = shown.map(({ object }) =>
    columns.map(({ path }) => walk(path, [object]).map(valueText).join(',') || '<none>'),
  );
  return layoutRows(headers ? [columns.map((column) => column.header), ...rows] : rows).text;
}

function jsonPath(template: string, value: unknown): string {
  if (template === '') throw new UsageError('template format specified but no template given');
  try {
    return renderTemplate(template, value);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new UsageError(`error parsing jsonpath ${template}, ${error.message}`);
  }
}

/**
 * Text for every format but the tables. `single`: one object was named, so that it prints without a List around it.
 * Throws UsageError for a format that kubectl does not know.
 */
export function printObjects(
  output: string,
  shown: readonly Shown[],
  options: { readonly single: boolean; readonly headers: boolean },
): string {
  const { format, rest } = splitFormat(output);
  const value = options.single && shown.length === 1 ? shown[0]!.object : asList(shown);
  switch (format) {
    case 'json':
      return toJson(value);
    case 'yaml':
      return toYaml(value);
    case 'name':
      return shown.map(({ resource, object }) => `${printedName(resource, object.metadata.name)}\n`).join('');
    case 'jsonpath':
      return jsonPath(rest, value);
    case 'custom-columns':
      return customColumns(rest, shown, options.headers);
    case 'go-template':
    case 'template':
      if (rest === '') throw new UsageError('template format specified but no template given');
      return renderGoTemplate(rest, value);
    default:
      throw new UsageError(
        `unable to match a printer suitable for the output format "${output}", allowed formats are: ${FORMATS.join(',')}`,
      );
  }
}
