/** Finding the subcommand in a kubectl line: `kubectl -n shop rollout status deploy/web`. */
import type { Verb } from './context';
import { GLOBAL_FLAGS } from './flag-table';
import { ALIASES, VERBS } from './verbs';

/** The words of the subcommand and the arguments after it; global flags may stand in front. */
export function findVerb(argv: readonly string[]): { verb: Verb | null; words: string[]; rest: string[] } {
  const rest = [...argv];
  const words: string[] = [];
  const kept: string[] = [];
  let verb: Verb | null = null;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === '--') break;
    if (word.startsWith('-')) {
      if (words.length > 0 && verb !== null) break;
      kept.push(word);
      const spec = GLOBAL_FLAGS.find((flag) => word === `--${flag.name}` || word === `-${flag.short}`);
      if (spec !== undefined && spec.type !== 'b') kept.push(rest[++i] ?? '');
      continue;
    }
    const path = [...words, ALIASES[[...words, word].join(' ')] ?? word].join(' ');
    const isKnown = VERBS.some(
      (candidate) => candidate.path === path || candidate.path.startsWith(`${path} `),
    );
    if (!isKnown) break;
    words.push(path.split(' ').at(-1)!);
    verb = VERBS.find((candidate) => candidate.path === path) ?? verb;
    rest.splice(i, 1);
    i--;
  }
  return { verb: VERBS.find((candidate) => candidate.path === words.join(' ')) ?? null, words, rest };
}
