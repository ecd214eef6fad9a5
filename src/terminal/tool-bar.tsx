/** What stands above a machine's tables: which node, which tool, and what to look for. */
import { session } from '../state/session';
import { useTable } from '../state/mirror';
import { useSession } from '../state/session';

/** The node whose tables are shown, and all there are. */
export function useDrawerNode(): { readonly node: string | null; readonly names: readonly string[] } {
  const nodes = useTable('nodes');
  const wanted = useSession((state) => state.drawerNode);
  const names = nodes.map((one) => one.name);
  return { node: names.find((name) => name === wanted) ?? names[0] ?? null, names };
}

export function NodeChoice({ node, names }: { node: string | null; names: readonly string[] }) {
  return (
    <Choice
      name="Node"
      value={node ?? ''}
      options={names.map((name) => [name, name])}
      onChange={(name) => session.setState({ drawerNode: name })}
    />
  );
}

export function Choice(props: {
  name: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}) {
  return (
    <select
      className="field"
      aria-label={props.name}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {props.options.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  );
}

export function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <input
      className="field"
      type="search"
      placeholder="Search the lines"
      aria-label="Search the lines"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
