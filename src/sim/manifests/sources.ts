/** Where everything that was applied stands in the user's text (law 3): from a ref and a field path to a line of YAML. */
import type { SourceRange } from './result';
import type { ManifestObject, ParsedFile } from './parse';

export class Sources {
  private readonly objects = new Map<string, ManifestObject>();

  constructor(files: readonly ParsedFile[] = []) {
    // Of two documents for one object the later counts, as it does when both are applied.
    for (const file of files)
      for (const object of [...file.objects, ...file.settings]) this.objects.set(object.ref, object);
  }

  /** Refs of all objects in the text, in the order in which they were first written. */
  refs(): readonly string[] {
    return [...this.objects.keys()];
  }

  has(ref: string): boolean {
    return this.objects.has(ref);
  }

  /** The place of a field, or of the nearest parent that is written; null when the object is not from the text. */
  locate(ref: string, path = ''): SourceRange | null {
    return this.objects.get(ref)?.rangeOf(path) ?? null;
  }
}
