import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_FILE_CHARS, isRemembered, parseFile, readAhead, remember } from './parse';

const parse = (text: string) => parseFile({ name: 'x.yaml', text });
const at = (range: { line: number; column: number; endLine: number; endColumn: number }) =>
  `${range.line}:${range.column}-${range.endLine}:${range.endColumn}`;

const WEB = `apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    example.com/a.b: "1"
spec:
  selector: { app: web }
  ports:
    - name: http
      port: 80
      targetPort: 8080
    - port: 443
`;

describe('documents', () => {
  it('are split at --- lines, empty ones and comments are nothing', () => {
    const { objects, diagnostics } = parse(
      `# head\n---\n${WEB}--- # next\n${WEB.replace('name: web', 'name: api')}---\n`,
    );
    expect(objects.map((o) => o.ref)).toEqual(['Service/default/web', 'Service/default/api']);
    expect(diagnostics).toEqual([]);
  });

  it('of kind List are taken apart', () => {
    const { objects } = parse(`apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}
- apiVersion: v1
  kind: Namespace
  metadata: {name: b, namespace: odd}
`);
    expect(objects.map((o) => o.ref)).toEqual(['ConfigMap/default/a', 'Namespace//b']);
    expect(at(objects[0]!.rangeOf('metadata.name'))).toBe('6:20-6:21');
  });

  it('with an error spoil no other', () => {
    const { objects, diagnostics, broken } = parse(
      `${WEB}---\nkind: Service\nmetadata:\n  name: "web\n---\n${WEB.replace('name: web', 'name: api')}`,
    );
    expect(objects.map((o) => o.ref)).toEqual(['Service/default/web', 'Service/default/api']);
    expect(broken).toBe(true);
    expect(diagnostics.map((d) => `${at(d.range)} ${d.message}`)).toEqual([
      '18:1-18:2 found unexpected end of stream (missing closing "quote)',
    ]);
  });
});

describe('ranges', () => {
  const file = parse(`${WEB}---\n${WEB}`);
  it.each([
    ['spec.ports[0].targetPort', '12:19-12:23'],
    ['spec.ports[0].nodePort', '10:13-10:17'],
    ['spec.ports[1]', '13:13-13:16'],
    ['spec.ports', '9:3-9:8'],
    ['spec.type', '7:1-7:5'],
    ['spec.selector.app', '8:20-8:23'],
    ['metadata.annotations.example.com/a.b', '6:22-6:25'],
    ['metadata.annotations[example.com/a.b]', '6:22-6:25'],
    ['metadata.labels', '3:1-3:9'],
    ['', '1:13-1:15'],
  ])('of %s', (path, range) => expect(at(file.objects[0]!.rangeOf(path))).toBe(range));

  it('of a key, and in the second document', () => {
    expect(at(file.objects[1]!.rangeOf('spec.ports[0].port', 'key'))).toBe('25:7-25:11');
  });
});

describe('scalars as kubectl reads them', () => {
  const data = (text: string) =>
    parse(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: ${text}\n`).objects[0]?.object
      .data;
  it.each<[string, unknown]>([
    ['on', true],
    ['N', false],
    ['0755', 493],
    ['08', 8],
    ['1_000', 1000],
    ['0b11', 3],
    ['12:30', '12:30'],
    ['2001-12-14', '2001-12-14'],
    ['~', null],
    ['"on"', 'on'],
    ['1e3', 1000],
  ])('%s', (text, value) => expect(data(text)).toEqual({ k: value }));

  it('turns keys into text, merges <<, and says that a key is there twice', () => {
    const { objects, diagnostics } = parse(`apiVersion: v1
kind: ConfigMap
metadata: {name: a}
base: &b {x: 1, k: 0}
data:
  <<: *b
  k: 2
  1: one
  on: a
  y: b
`);
    expect(objects[0]!.object.data).toEqual({ x: 1, k: 2, 1: 'one', true: 'b' });
    expect(diagnostics.map((d) => `${d.severity} ${at(d.range)} ${d.message}`)).toEqual([
      'warning 10:3-10:4 key "true" is given twice in this map; the last one wins',
    ]);
  });
});

describe('what kubectl refuses by itself', () => {
  it.each([
    ['hello\n', 'invalid object to validate'],
    ['- a\n', 'invalid object to validate'],
    ['kind: Service\n', 'apiVersion not set'],
    ['apiVersion: v1\nkind: Service\nspec: {}\n', 'resource name may not be empty'],
    [
      'apiVersion: v1\nkind: Service\nmetadata: web\n',
      'json: cannot unmarshal string into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta',
    ],
    [
      'apiVersion: v1\nkind: Service\nmetadata: {name: 12}\n',
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
    ],
    ['apiVersion: v1\nkind: Service\nmetadata: {name: *x}\n', "yaml: unknown anchor 'x' referenced"],
    ['a: .inf\n', 'json: unsupported value: +Inf'],
    ['a: &a [*a]\n', "yaml: anchor 'a' value contains itself"],
  ])('%j', (text, message) => {
    const { objects, diagnostics, broken } = parse(text);
    expect([objects.length, broken, diagnostics[0]?.message]).toEqual([0, true, message]);
  });
});

describe('bounds', () => {
  it('stops alias bombs, deep nesting and huge files', () => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 9; i++)
      bomb += `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`;
    expect(parse(bomb).diagnostics[0]?.message).toBe('yaml: document contains excessive aliasing');
    expect(parse(`a: ${'['.repeat(3000)}`).broken).toBe(true);
    expect(parse('#'.repeat(MAX_FILE_CHARS + 1)).broken).toBe(true);
  });

  it('reads a map of 5,000 keys in good time and keeps __proto__ a plain key', () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => `  key${i}: "v"`).join('\n');
    const started = performance.now();
    const { objects } = parse(
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${rows}\n  __proto__: {x: 1}\n`,
    );
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(Object.keys(objects[0]!.object.data as object).length).toBe(5_001);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

describe('documents that were read ahead', () => {
  const text = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');
  const stored = JSON.stringify(readAhead(text));

  it('are what a live parse gives, as JSON too', () => {
    expect(readAhead(text)).toEqual(JSON.parse(stored));
    const live = parse(text);
    remember(JSON.parse(stored) as ReturnType<typeof readAhead>);
    expect(isRemembered(text)).toBe(true);
    const known = parse(text);
    expect(known.objects.map((one) => one.object)).toEqual(live.objects.map((one) => one.object));
    expect(known.objects.map((one) => one.rangeOf('metadata.name'))).toEqual(
      live.objects.map((one) => one.rangeOf('metadata.name')),
    );
  });

  it('are found by their exact text: a changed one is read anew', () => {
    remember(readAhead(text).map((chunk) => ({ ...chunk, objects: [] })));
    expect(parse(text).objects).toEqual([]);
    const changed = text.replace('replicas: 3', 'replicas: 7');
    expect(isRemembered(changed)).toBe(false);
    const seven = expect.objectContaining({ spec: expect.objectContaining({ replicas: 7 }) as unknown });
    expect(parse(changed).objects.map(({ object }) => object)).toContainEqual(seven);
  });
});
