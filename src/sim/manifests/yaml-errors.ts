/** Syntax errors of the YAML parser in the words, and at the line, that kubectl's parser (go-yaml 2) has for them. */
import type { ErrorCode, YAMLError } from 'yaml';
import { blockAt, bracketAt, nextWordLine } from './block-context';

const WORDS: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'did not find expected key',
  BAD_ALIAS: 'did not find expected alphabetic or numeric character',
  BAD_DIRECTIVE: 'found unknown directive name',
  BAD_DQ_ESCAPE: 'found unknown escape character',
  BAD_INDENT: 'did not find expected key',
  BAD_SCALAR_START: 'found character that cannot start any token',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BLOCK_IN_FLOW: 'block sequence entries are not allowed in this context',
  MISSING_CHAR: 'did not find expected key',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  MULTIPLE_ANCHORS: 'did not find expected key',
  RESOURCE_EXHAUSTION: 'exceeded max depth',
  TAB_AS_INDENT: 'found character that cannot start any token',
  UNEXPECTED_TOKEN: 'did not find expected key',
};

/** What go-yaml says, and whether its scanner finds it, which counts lines from 1, or its parser, which counts from 0. */
interface Said {
  readonly words: string;
  /** Line as the scanner counts, when it is not the line of the parser's error. */
  readonly line?: number;
}

const FROM_PARSER = /^did not find expected (?:key|','|'-'|node content)/;

function sayOf(errors: readonly YAMLError[], text: string): Said {
  const [first, second] = errors as [YAMLError, YAMLError | undefined];
  const { code, message } = first;
  const at = first.pos[0];
  if (code === 'MISSING_CHAR' && /quote/.test(message)) return { words: 'found unexpected end of stream' };
  if (/^Unexpected , in flow/.test(message)) return { words: 'did not find expected node content' };
  if (/flow sequence|\]$/i.test(message)) return { words: "did not find expected ',' or ']'" };
  if (/flow map|\}$/i.test(message)) return { words: "did not find expected ',' or '}'" };
  if (/^Block scalar header includes extra/.test(message))
    return { words: 'did not find expected comment or line break' };
  const isDash = 'Unexpected block-seq-ind on same line with key';
  if (message === isDash) return { words: 'block sequence entries are not allowed in this context' };
  // A dash where a key of the mapping should stand.
  const dashForKey =
    /^A block sequence may not be used/.test(message) ||
    (code === 'MULTILINE_IMPLICIT_KEY' && second?.message === isDash && second.pos[0] === at);
  if (dashForKey) return { words: expected(text, at), line: lineAt(text, at) };
  // A word alone where a key should stand: its colon is missed when the next word comes.
  if (/^Implicit map keys need to be followed/.test(message))
    return { words: "could not find expected ':'", line: nextWordLine(text, at) };
  const words = WORDS[code] ?? message;
  return { words: words === 'did not find expected key' ? expected(text, at) : words };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** What the parser awaits at an offset: the next item, the next key, or the end of a flow collection. */
function expected(text: string, at: number): string {
  const bracket = bracketAt(text, at);
  if (bracket !== null) return `did not find expected ',' or '${bracket}'`;
  return blockAt(text, at) === 'list' ? "did not find expected '-' indicator" : 'did not find expected key';
}

/**
 * What kubectl prints after "error converting YAML to JSON: ", from the first errors of one document, and the plain
 * words with our parser's reason.
 */
export function syntaxWords(
  errors: readonly YAMLError[],
  text: string,
): { kubectl: string; message: string } {
  const [first, second] = errors as [YAMLError, YAMLError | undefined];
  const { words: said, line: known } = sayOf(errors, text);
  // Nested mappings over two lines: the scanner stumbles over the second line's colon.
  const spans = first.code === 'BLOCK_AS_IMPLICIT_KEY' && second?.code === 'MULTILINE_IMPLICIT_KEY';
  const at = spans ? second.pos[1] : first.code === 'MULTILINE_IMPLICIT_KEY' ? first.pos[1] : first.pos[0];
  const counted = known ?? lineAt(text, at);
  // Neither names its line 0, which is the first.
  const line = FROM_PARSER.test(said) ? counted - 1 : counted === 1 ? 0 : counted;
  const reason = first.message.charAt(0).toLowerCase() + first.message.slice(1);
  return {
    kubectl: line > 0 ? `yaml: line ${line}: ${said}` : `yaml: ${said}`,
    message: said === first.message ? said : `${said} (${reason})`,
  };
}
