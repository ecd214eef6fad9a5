/** What is pasted along with manifests and is none: leftovers of Helm's templates, and the fences of Markdown. */
import type { PlainProblem } from './scalars';

const LEFTOVER = /\{\{-?[^}\n]*\}\}/g;
/** What Go templates inside of a ConfigMap or a rule do not hold: Helm's own objects and functions. */
const HELMS = /^\{\{-?\s*(?:\.(?:Values|Release|Chart|Capabilities)\b|include\s|template\s)/;

/**
 * The first place that a template engine should have filled in, null when there is none. In a document that can be read,
 * only what is certainly Helm's counts: others may be for a program that reads it later.
 */
export function leftoverOf(text: string, isBroken: boolean): PlainProblem | null {
  for (const match of text.matchAll(LEFTOVER)) {
    const lineStart = text.lastIndexOf('\n', match.index) + 1;
    if (/^\s*#/.test(text.slice(lineStart, match.index))) continue;
    if (!isBroken && !HELMS.test(match[0])) continue;
    const message = `${match[0]} is left over from a template: paste what "helm template" makes of it`;
    return {
      from: match.index,
      to: match.index + match[0].length,
      severity: isBroken ? 'error' : 'warning',
      message,
    };
  }
  return null;
}

/** The text with lines like ```yaml as comments of the same length, so that every place stays where it is. */
export function withoutFences(text: string): string {
  return text.includes('```') ? text.replace(/^```[\w-]*[ \t]*\r?$/gm, (line) => `#${line.slice(1)}`) : text;
}
