/** What apply did, or would do, in words: the foot of the manifests, the line in passing and screen readers say the same. */
import type { ApplyRow } from '../sim/view';

function counted(rows: readonly ApplyRow[]): [ApplyRow['result'], number][] {
  const counts = new Map<ApplyRow['result'], number>();
  for (const row of rows) counts.set(row.result, (counts.get(row.result) ?? 0) + 1);
  return [...counts];
}

/** "1 created, 2 unchanged" */
export function summary(rows: readonly ApplyRow[]): string {
  return counted(rows)
    .map(([result, many]) => `${many} ${result}`)
    .join(', ');
}

const TO_DO: Partial<Record<ApplyRow['result'], string>> = {
  created: 'create',
  configured: 'configure',
  deleted: 'delete',
};

/** "create 1, delete 2": what applying would change; null when it would change no object. */
export function intended(rows: readonly ApplyRow[]): string | null {
  const said = counted(rows).flatMap(([result, many]) => {
    const verb = TO_DO[result];
    return verb === undefined ? [] : [`${verb} ${many}`];
  });
  return said.length === 0 ? null : said.join(', ');
}

/** The line in passing after an apply. `broken`: something of the text was refused or could not be read. */
export function appliedWords(rows: readonly ApplyRow[], broken: boolean): string {
  const done = summary(rows.filter((row) => TO_DO[row.result] !== undefined));
  if (!broken) return done === '' ? 'Applied: nothing to change.' : `Applied: ${done}.`;
  const look = 'See the problems in the manifests.';
  return done === '' ? `Nothing was changed. ${look}` : `Applied in part: ${done}. ${look}`;
}
