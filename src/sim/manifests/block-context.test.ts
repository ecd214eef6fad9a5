/** Syntax errors at the line and in the words of go-yaml, where its reader stands inside of nested blocks. */
import { describe, expect, it } from 'vitest';
import { parseFile } from './parse';

const PREFIX = 'error parsing x.yaml: error converting YAML to JSON: yaml: ';

function said(text: string): string | null {
  const { kubectlError } = parseFile({ name: 'x.yaml', text }, '');
  return kubectlError?.startsWith(PREFIX) ? kubectlError.slice(PREFIX.length) : kubectlError;
}

describe('syntax errors', () => {
  it.each([
    [
      'spec:\n  ports:\n    - port: 80\n    targetPort: 8080\n',
      "line 3: did not find expected '-' indicator",
    ],
    ['spec:\n  ports:\n  - port: 80\n   targetPort: 8080\n', 'line 3: did not find expected key'],
    ['spec:\n  ports:\n  - port: 80\n    name: a\n   - port: 81\n', 'line 4: did not find expected key'],
    ['- a\nb: c\n', "line 1: did not find expected '-' indicator"],
    ['spec:\n  ports:\n    port: 80\n  - port: 81\n', 'line 3: did not find expected key'],
    ['x: 1\n- b\n', 'line 1: did not find expected key'],
    ['x: 1\nports: - port: 80\n', 'line 2: block sequence entries are not allowed in this context'],
    ['a: 1\nfoo\n', "line 3: could not find expected ':'"],
    ['spec:\n  selector:\n    app: web\n    tier\n\n  ports: 1\n', "line 6: could not find expected ':'"],
    ['a: @x\n', 'found character that cannot start any token'],
    ['x: 1\na: {b: c}}\n', 'line 1: did not find expected key'],
    ['{"a": "b" "c": 1}\n', "did not find expected ',' or '}'"],
    ['a: [1,,2]\n', 'did not find expected node content'],
    ['x: 1\na: |x\n foo\n', 'line 2: did not find expected comment or line break'],
    ['a: \u0001\n', 'control characters are not allowed'],
  ])('%j', (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  it('reads no further than three dots', () => {
    const text = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n...\nb: 2\n';
    expect(parseFile({ name: 'x.yaml', text }, '').objects).toHaveLength(1);
  });
});
