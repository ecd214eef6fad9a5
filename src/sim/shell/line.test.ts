import { describe, expect, it } from 'vitest';
import { parseLine, wordsToComplete } from './line';

/** Pipelines as "when: a b | c" lines. */
function shape(text: string): string[] | string {
  const parsed = parseLine(text);
  if ('error' in parsed) return parsed.error;
  return parsed.pipelines.map(
    ({ when, stages }) =>
      `${when}: ${stages.map((words) => words.map((w) => `<${w}>`).join(' ')).join(' | ')}`,
  );
}

describe('a typed line', () => {
  it.each([
    ['kubectl get pods', ['always: <kubectl> <get> <pods>']],
    ['$ kubectl get pods', ['always: <kubectl> <get> <pods>']],
    ['  ', []],
    ['# only a comment', []],
    ['ls # the rest', ['always: <ls>']],
    ['echo a#b', ['always: <echo> <a#b>']],
    [`echo 'a "b" c'`, ['always: <echo> <a "b" c>']],
    [`echo "a 'b' \\" \\n"`, [`always: <echo> <a 'b' " \\n>`]],
    ['echo a\\ b', ['always: <echo> <a b>']],
    [`-o jsonpath='{.items[*].name}'`, ['always: <-o> <jsonpath={.items[*].name}>']],
    ['a; b && c || d', ['always: <a>', 'always: <b>', 'ok: <c>', 'failed: <d>']],
    ['a | b -n 3 | c', ['always: <a> | <b> <-n> <3> | <c>']],
    ['a \\\n  b', ['always: <a> <b>']],
    ['a\nb', ['always: <a>', 'always: <b>']],
    ['$ a\n$ b', ['always: <a>', 'always: <b>']],
    [`echo ''`, ['always: <echo> <>']],
  ])('%j', (text, expected) => expect(shape(text)).toEqual(expected));

  it.each([
    [`echo 'a`, 'sh: unterminated quoted string'],
    ['| a', 'sh: syntax error: a command is missing'],
    ['a |', 'sh: syntax error: a command is missing'],
    ['&& a', 'sh: syntax error near &&'],
    ['a > file', 'sh: redirection (>) is not simulated; pipes and << work'],
    ['a &', 'sh: background jobs (&) are not simulated'],
  ])('refuses %j', (text, expected) => expect(shape(text)).toBe(expected));

  it('takes a here-document for the first command', () => {
    const parsed = parseLine("kubectl apply -f - <<'EOF' | head\na: 1\n  b: $x\nEOF\nls");
    expect(parsed).toEqual({
      pipelines: [
        { stages: [['kubectl', 'apply', '-f', '-'], ['head']], hereDoc: 'a: 1\n  b: $x\n', when: 'always' },
        { stages: [['ls']], hereDoc: null, when: 'always' },
      ],
    });
  });

  it('gives the words of the last command for completion', () => {
    expect(wordsToComplete('ls; kubectl get po')).toEqual(['kubectl', 'get', 'po']);
    expect(wordsToComplete('kubectl get ')).toEqual(['kubectl', 'get', '']);
    expect(wordsToComplete('')).toEqual(['']);
  });
});
