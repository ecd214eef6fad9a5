import { describe, expect, it } from 'vitest';
import { parseFlags } from './flags';
import { flagsOf } from './flag-table';
import { renderGoTemplate } from './go-template';
import { JsonPathError, relaxedPath, renderTemplate, walk } from './jsonpath';
import { quantityText, quantityValue, sumQuantities } from './quantity';
import { didYouMean } from './suggest';
import { age, goDuration, humanDuration, parseDurationMs, parseTime, rfc1123, rfc3339 } from './time';
import { toJson, toYaml } from './yaml-print';

const POD = {
  metadata: { name: 'web', labels: { app: 'web', 'app.kubernetes.io/name': 'shop' } },
  spec: {
    containers: [
      { name: 'a', image: 'nginx', ports: [{ containerPort: 80 }] },
      { name: 'b', image: 'envoy' },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Initialized', status: 'False' },
    ],
  },
};

describe('jsonpath', () => {
  it.each([
    ['{.metadata.name}', 'web'],
    ['{.spec.containers[*].name}', 'a b'],
    ['{.spec.containers[0].image}', 'nginx'],
    ['{.spec.containers[-1:].image}', 'envoy'],
    ['{.spec.containers[-1].image}', 'envoy'],
    ['{.spec.containers[0:1].name}', 'a'],
    [`{.metadata.labels['app\\.kubernetes\\.io/name']}`, 'shop'],
    ['{.metadata.labels.app\\.kubernetes\\.io/name}', 'shop'],
    ['{.status.conditions[?(@.type=="Ready")].status}', 'True'],
    ['{range .spec.containers[*]}{.name}{"\\t"}{.image}{"\\n"}{end}', 'a\tnginx\nb\tenvoy\n'],
    ['name: {.metadata.name}!', 'name: web!'],
    ['{..containerPort}', '80'],
    ['{.metadata.labels.app}{.nope}', 'web'],
    ['{.spec.containers[0].ports}', '[{"containerPort":80}]'],
  ])('%s', (template, expected) => expect(renderTemplate(template, POD)).toBe(expected));

  it('names what it cannot read', () => {
    expect(() => renderTemplate('{.spec', POD)).toThrow(new JsonPathError('unclosed action'));
    expect(() => renderTemplate('{range .x}', POD)).toThrow(JsonPathError);
  });

  it('takes paths without braces and dots', () => {
    expect(walk(relaxedPath('metadata.name'), [POD])).toEqual(['web']);
    expect(walk(relaxedPath('{.metadata.name}'), [POD])).toEqual(['web']);
  });
});

describe('go-template', () => {
  it.each([
    ['{{.metadata.name}}{{"\\n"}}', 'web\n'],
    ['{{range .spec.containers}}{{.name}} {{end}}', 'a b '],
    ['{{if .nope}}x{{else}}y{{end}}', 'y'],
    ['{{.nope}}', '<no value>'],
    ['{{index .metadata.labels "app.kubernetes.io/name"}}', 'shop'],
  ])('%s', (template, expected) => expect(renderGoTemplate(template, POD)).toBe(expected));
});

describe('yaml and json', () => {
  it('sorts keys, keeps lists at their key and quotes what would be read as something else', () => {
    const value = {
      b: ['x', { z: 1, a: 'two' }],
      a: {
        empty: {},
        none: [],
        text: 'plain',
        number: '80',
        bool: 'true',
        time: '2026-01-01T00:00:00Z',
        null: null,
      },
      c: 'line one\nline two\n',
      d: 'no newline\nat the end',
      e: '*/5 * * * *',
      f: 'a: b',
      g: '',
      h: "it's",
    };
    expect(toYaml(value)).toBe(`a:
  bool: "true"
  empty: {}
  none: []
  "null": null
  number: "80"
  text: plain
  time: "2026-01-01T00:00:00Z"
b:
- x
- a: two
  z: 1
c: |
  line one
  line two
d: |-
  no newline
  at the end
e: '*/5 * * * *'
f: 'a: b'
g: ""
h: it's
`);
  });

  it('indents JSON by four and escapes what Go escapes', () => {
    expect(toJson({ b: [], a: '<x>' })).toBe('{\n    "a": "\\u003cx\\u003e",\n    "b": []\n}\n');
  });
});

describe('flags', () => {
  it.each([
    [['-oyaml', 'x'], 'output=yaml args=x'],
    [['-o=yaml'], 'output=yaml args='],
    [['-o', 'yaml'], 'output=yaml args='],
    [['--output=yaml', '--', '-n'], 'output=yaml args=-n'],
    [['-Aw', 'pods'], 'output= args=pods'],
  ])('%j', (argv, expected) => {
    const flags = parseFlags(argv, flagsOf('get'), 'get');
    expect(`output=${flags.text('output')} args=${flags.args.join(' ')}`).toBe(expected);
  });

  it.each([
    [['-z'], "unknown shorthand flag: 'z' in -z"],
    [['--zzz'], 'unknown flag: --zzz'],
    [['-o'], "flag needs an argument: 'o' in -o"],
    [['--output'], 'flag needs an argument: --output'],
    [
      ['-A=x'],
      'invalid argument "x" for "-A, --all-namespaces" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ],
  ])('refuses %j', (argv, message) => {
    expect(() => parseFlags(argv, flagsOf('get'), 'get')).toThrow(message);
  });
});

describe('times and amounts', () => {
  it.each([
    [-3, '<invalid>'],
    [-0.5, '0s'],
    [119.9, '119s'],
    [125, '2m5s'],
    [659, '10m'],
    [10_860, '3h1m'],
    [30_000, '8h'],
    [176_400, '2d1h'],
    [63_158_400, '2y1d'],
  ])('%d s', (seconds, text) => expect(humanDuration(seconds)).toBe(text));

  it('reads and writes dates without a calendar of its own', () => {
    expect(rfc3339(parseTime('2024-02-29T23:59:59Z')!)).toBe('2024-02-29T23:59:59Z');
    expect(rfc1123('2026-11-20T04:21:26Z')).toBe('Fri, 20 Nov 2026 04:21:26 +0000');
    expect(parseTime('2026-01-01T02:00:00+02:00')).toBe(parseTime('2026-01-01T00:00:00Z'));
    expect(age(undefined, 0)).toBe('<unknown>');
  });

  it('reads Go durations', () => {
    expect(['1m30s', '500ms', '0', '5', 'x'].map(parseDurationMs)).toEqual([90_000, 500, 0, null, null]);
    expect([0, 500, 90_000].map(goDuration)).toEqual(['0s', '500ms', '1m30s']);
  });

  it('sums quantities in the style of the first', () => {
    expect(sumQuantities(['100m', '250m'])).toBe('350m');
    expect(sumQuantities(['64Mi', '1Gi'])).toBe('1088Mi');
    expect(sumQuantities([])).toBe('0');
    expect(quantityText(quantityValue('2000m'), '1')).toBe('2');
  });
});

it('suggests commands that are near', () => {
  expect(didYouMean('gt')).toBe('\n\nDid you mean this?\n\tset\n\tget\n\tcp');
  expect(didYouMean('list')).toBe('\n\nDid you mean this?\n\tget\n\twait');
  expect(didYouMean('quite-different')).toBe('');
});
