/**
 * Which Services get a card of their own when there are more than fit on the rail. Each namespace keeps its place in the
 * row; what does not fit is behind one "N more" card at the namespace's end, so that no name is out of reach. Pure.
 */

/** A cell of the rail: one Service, or all that are left of a namespace. */
export type RailCell =
  | { readonly kind: 'service'; readonly ref: string }
  | { readonly kind: 'more'; readonly namespace: string; readonly refs: readonly string[] };

function namespaceOf(ref: string): string {
  return ref.split('/')[1] ?? '';
}

/** Cells in order, at most `room` (and at least one). All Services get one while they fit. */
export function railCells(refs: readonly string[], room: number): RailCell[] {
  if (refs.length <= room) return refs.map((ref) => ({ kind: 'service', ref }));
  const groups = new Map<string, string[]>();
  for (const ref of refs) {
    const namespace = namespaceOf(ref);
    const known = groups.get(namespace);
    if (known === undefined) groups.set(namespace, [ref]);
    else known.push(ref);
  }
  if (groups.size > room) return crowded([...groups.values()], Math.max(1, room));
  const cells = shareOut([...groups.values()], room);
  return [...groups].flatMap(([namespace, members], i) => cellsOf(namespace, members, cells[i]!));
}

/** One cell a namespace, then one more for each in turn while there is room and somebody is left out. */
function shareOut(groups: readonly (readonly string[])[], room: number): number[] {
  const cells = groups.map(() => 1);
  let left = room - groups.length;
  for (let given = true; left > 0 && given;) {
    given = false;
    groups.forEach((members, i) => {
      if (left === 0 || cells[i]! >= members.length) return;
      cells[i]!++;
      left--;
      given = true;
    });
  }
  return cells;
}

function cellsOf(namespace: string, members: readonly string[], cells: number): RailCell[] {
  if (members.length <= cells) return members.map((ref) => ({ kind: 'service', ref }));
  const shown = members.slice(0, cells - 1).map((ref): RailCell => ({ kind: 'service', ref }));
  return [...shown, { kind: 'more', namespace, refs: members.slice(cells - 1) }];
}

/** More namespaces than cells: the last cell takes all that are left. */
function crowded(groups: readonly (readonly string[])[], room: number): RailCell[] {
  const own = groups.slice(0, room - 1).flatMap((members) => cellsOf(namespaceOf(members[0]!), members, 1));
  const rest = groups.slice(room - 1);
  return [...own, { kind: 'more', namespace: `${rest.length} namespaces`, refs: rest.flat() }];
}
