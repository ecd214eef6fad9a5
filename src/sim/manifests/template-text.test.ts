import { expect, it } from 'vitest';
import { parseFile } from './parse';

function said(text: string): string[] {
  const { diagnostics } = parseFile({ name: 'a.yaml', text });
  return diagnostics.map(
    ({ severity, range, message }) => `${range.line}:${range.column} ${severity} ${message.slice(0, 48)}`,
  );
}

const HEAD = 'apiVersion: v1\nkind: Service\nmetadata:\n';

it.each([
  [
    'a template that is no YAML',
    `${HEAD}  name: {{ .Release.Name }}-x\n`,
    '4:9 error {{ .Release.Name }} is left over from a template',
  ],
  [
    'a block of one',
    `{{- if .Values.on }}\n${HEAD}  name: x\n{{- end }}\n`,
    '1:1 error {{- if .Values.on }} is left over from a templat',
  ],
  [
    'one that reads as YAML',
    `${HEAD}  name: x\nspec:\n  ports:\n  - port: {{ .Values.port }}\n`,
    '7:11 warning {{ .Values.port }} is left over from a template:',
  ],
  [
    'one in quotes',
    `${HEAD}  name: "{{ .Release.Name }}"\n`,
    '4:10 warning {{ .Release.Name }} is left over from a template',
  ],
])('tells %s', (_what, text, expected) => {
  expect(said(text)[0]).toBe(expected);
});

it('leaves alone what is for somebody else', () => {
  expect(
    said('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {t: "{{ $labels.pod }} is down"}\n'),
  ).toEqual([]);
  expect(said(`# {{ .Values.x }}\n${HEAD}  name: x\n`)).toEqual([]);
});

it('reads what stands in the fences of Markdown, where it stands', () => {
  const text = '```yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n```\n';
  const { objects, diagnostics } = parseFile({ name: 'a.yaml', text });
  expect(diagnostics).toEqual([]);
  expect(objects.map(({ ref, rangeOf }) => `${ref} ${rangeOf('kind').line}`)).toEqual([
    'ConfigMap/default/a 3',
  ]);
  const block =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  readme: |\n    ```sh\n    ls\n    ```\n';
  const [map] = parseFile({ name: 'a.yaml', text: block }).objects;
  expect(map?.object.data).toEqual({ readme: '```sh\nls\n```\n' });
});
