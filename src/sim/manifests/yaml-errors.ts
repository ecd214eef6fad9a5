/** Syntax errors of the YAML parser in the words, and at the line, that kubectl's parser (go-yaml 2) has for them. */
import type { ErrorCode, YAMLError } from 'yaml';

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

function words(error: YAMLError): string {
  const { code, message } = error;
  if (code === 'MISSING_CHAR' && /quote/.test(message)) return 'found unexpected end of stream';
  if (/flow sequence|\]$/i.test(message)) return "did not find expected ',' or ']'";
  if (/flow map|\}$/i.test(message)) return "did not find expected ',' or '}'";
  return WORDS[code] ?? message;
}

/** go-yaml's parser counts lines from 0 in its own errors and from 1 in those of its scanner. */
const FROM_PARSER = /^did not find expected (?:key|',')/;

/**
 * What kubectl prints after "error converting YAML to JSON: ", from the first errors of one document, and the plain
 * words with our parser's reason. `lineOf` gives the line of an offset, counted from 1.
 */
export function syntaxWords(
  errors: readonly YAMLError[],
  lineOf: (offset: number) => number,
): { kubectl: string; message: string } {
  const [first, second] = errors as [YAMLError, YAMLError | undefined];
  const said = words(first);
  // Nested mappings over two lines: the scanner stumbles over the second line's colon.
  const spans = first.code === 'BLOCK_AS_IMPLICIT_KEY' && second?.code === 'MULTILINE_IMPLICIT_KEY';
  const at = spans ? second.pos[1] : first.code === 'MULTILINE_IMPLICIT_KEY' ? first.pos[1] : first.pos[0];
  const line = lineOf(at) - (FROM_PARSER.test(said) ? 1 : 0);
  const reason = first.message.charAt(0).toLowerCase() + first.message.slice(1);
  return {
    kubectl: line > 0 ? `yaml: line ${line}: ${said}` : `yaml: ${said}`,
    message: said === first.message ? said : `${said} (${reason})`,
  };
}
