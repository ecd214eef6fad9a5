/** Lists that stay short: the newest rows, and how many more there are. */
import type { ReactNode } from 'react';

/** The first `max` rows and how many were left out. */
export function bounded<V>(
  rows: readonly V[],
  max: number,
): { readonly shown: readonly V[]; readonly more: number } {
  return rows.length <= max
    ? { shown: rows, more: 0 }
    : { shown: rows.slice(0, max), more: rows.length - max };
}

export function More({ many, hint }: { many: number; hint?: string }) {
  if (many === 0) return null;
  return (
    <p className="more small k3">
      {many} more{hint === undefined ? '' : `; ${hint}`}
    </p>
  );
}

/** A plain table with a head that stays. */
export function Rows(props: {
  name: string;
  columns: readonly string[];
  empty: string;
  children: readonly ReactNode[];
}) {
  if (props.children.length === 0) return <p className="empty k2">{props.empty}</p>;
  return (
    <table className="rows">
      <caption className="sr-only">{props.name}</caption>
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  );
}

/** A word that opens something, in the middle of text or a cell. */
export function LinkButton(props: {
  onPress: () => void;
  mono?: boolean;
  name?: string;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={props.mono ? 'link mono' : 'link'}
      aria-label={props.name}
      onClick={props.onPress}
    >
      {props.children}
    </button>
  );
}
