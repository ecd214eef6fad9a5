/** "Did you mean this?" of an unknown command (spf13/cobra SuggestionsFor): distance at most 2, or a prefix, or by hand. */

/** All of kubectl's commands in the order in which it registers them. */
export const KUBECTL_COMMANDS: readonly string[] = (
  'create expose run set explain get edit delete rollout scale autoscale certificate cluster-info top cordon uncordon ' +
  'drain taint describe logs attach exec port-forward proxy cp auth debug events diff apply patch replace wait ' +
  'kustomize label annotate completion alpha api-resources api-versions config plugin version options'
).split(' ');

const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  delete: ['rm'],
  get: ['list', 'ps'],
  wait: ['list', 'ps'],
};

/** Edits that turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The suggestion block for a mistyped command; '' when nothing is near. */
export function didYouMean(typed: string): string {
  const word = typed.toLowerCase();
  if (word === '') return '';
  const near = KUBECTL_COMMANDS.filter(
    (name) => distance(word, name) <= 2 || name.startsWith(word) || BY_HAND[name]?.includes(word),
  );
  return near.length === 0 ? '' : `\n\nDid you mean this?\n${near.map((name) => `\t${name}`).join('\n')}`;
}
