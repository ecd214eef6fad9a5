/** Tab completion: words for the last word of a half-typed command. */
import { COMMANDS, findCommand } from './commands';
import { FILTERS } from './filters';
import type { ShellSettings, ShellWorld } from './shell';

/** Words that begin as the last of `words` does, sorted, each once. */
export function completeWords(
  world: ShellWorld,
  words: readonly string[],
  settings: ShellSettings,
): readonly string[] {
  const typed = words.at(-1) ?? '';
  const all =
    words.length <= 1
      ? [...COMMANDS.map((command) => command.name), ...Object.keys(FILTERS)]
      : (findCommand(words[0]!)?.complete?.(world, words, words.length - 1, settings) ?? []);
  return [...new Set(all)].filter((word) => word.startsWith(typed)).sort();
}
