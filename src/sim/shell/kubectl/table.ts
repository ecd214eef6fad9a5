/**
 * Tables of `kubectl get`: columns by kind as data, each with the rule of its cell (server-side printers,
 * pkg/printers/internalversion; CRD printer columns for Gateway API).
 */
import type { ApiObject } from '../../api/object';
import { at, list, num, str } from './read';
import { selectorText } from './table-texts';
import { age } from './time';

/** What a cell may depend on besides its object. */
export interface CellContext {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export interface Column {
  readonly header: string;
  /** Only with `-o wide`. */
  readonly wide: boolean;
  readonly cell: (object: ApiObject, context: CellContext) => string | number;
}

export type Columns = readonly Column[];

type CellRule = Column['cell'];

export function column(header: string, cell: CellRule): Column {
  return { header, wide: false, cell };
}

export function wide(header: string, cell: CellRule): Column {
  return { header, wide: true, cell };
}

export const NAME = column('NAME', (object) => object.metadata.name);

export const AGE = column('AGE', (object, { nowMs }) => age(object.metadata.creationTimestamp, nowMs));

export const CREATED_AT = column('CREATED AT', (object) => object.metadata.creationTimestamp ?? '');

/** A column that shows one field as it is. */
export function field(header: string, path: string, absent = ''): Column {
  return column(header, (object) => str(object, path) || absent);
}

/** A column that shows a number, 0 when absent. */
export function count(header: string, path: string): Column {
  return column(header, (object) => num(object, path));
}

/** CONTAINERS, IMAGES and SELECTOR of a workload whose pod template is at `template`. */
export function templateColumns(
  template: string,
  selector: ((object: ApiObject) => string) | null = (o) => selectorText(at(o, 'spec.selector')),
): Columns {
  const containers = (o: ApiObject, name: string) =>
    list(o, `${template}.spec.containers`)
      .map((container) => str(container, name))
      .join(',');
  const columns = [
    wide('CONTAINERS', (o) => containers(o, 'name')),
    wide('IMAGES', (o) => containers(o, 'image')),
  ];
  return selector === null ? columns : [...columns, wide('SELECTOR', selector)];
}
