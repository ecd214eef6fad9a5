import { beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '../api/kinds/cluster';
import { ApiServer } from '../api/server';
import { Store } from '../api/store';
import { Clock } from '../clock/clock';
import { applyFiles, checkFiles } from './apply';

let store: Store;
let server: ApiServer;

beforeEach(() => {
  store = new Store({ clock: new Clock(3) });
  server = new ApiServer(store);
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
});

const files = (text: string) => [{ name: 'x.yaml', text }];
const config = (name: string, value: string, namespace = '') =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${namespace && `  namespace: ${namespace}\n`}data:\n  k: "${value}"\n`;
const rows = (result: { rows: readonly { name: string; result: string }[] }) =>
  result.rows.map((row) => `${row.name} ${row.result}`);

describe('apply', () => {
  it('creates, configures, leaves alone, prunes', () => {
    const first = applyFiles(server, files(config('a', '1') + config('b', '1') + config('c', '1')));
    expect(rows(first)).toEqual(['configmap/a created', 'configmap/b created', 'configmap/c created']);
    const second = applyFiles(server, files(config('a', '2') + config('b', '1')), first.applied);
    expect(rows(second)).toEqual(['configmap/a configured', 'configmap/b unchanged', 'configmap/c deleted']);
    expect(store.get('ConfigMap', 'default', 'a')?.data).toEqual({ k: '2' });
    expect(rows(applyFiles(server, files(''), second.applied))).toEqual([
      'configmap/a deleted',
      'configmap/b deleted',
    ]);
  });

  it('removes fields that are no longer written and keeps what others wrote', () => {
    applyFiles(server, files(config('a', '1').replace('  k:', '  gone: x\n  k:')));
    store.patch('ConfigMap', 'default', 'a', (c: ConfigMap) => ({ ...c, data: { ...c.data, other: 'y' } }));
    applyFiles(server, files(config('a', '1')));
    expect(store.get('ConfigMap', 'default', 'a')?.data).toEqual({ k: '1', other: 'y' });
  });

  it('makes namespaces first, wherever they stand, and refuses unknown ones', () => {
    const ns = '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
    const text = config('a', '1', 'shop') + ns + config('b', '1', 'nowhere');
    const checked = checkFiles(server, files(text));
    expect(rows(checked)).toEqual(['namespace/shop created', 'configmap/a created', 'configmap/b invalid']);
    expect(store.list('ConfigMap')).toEqual([]);
    const result = applyFiles(server, files(text));
    expect(rows(result)).toEqual(rows(checked));
    expect(result.diagnostics.map((d) => `${d.range.line} ${d.message}`)).toEqual([
      '18 namespaces "nowhere" not found',
    ]);
  });

  it('never prunes while a document cannot be read, and remembers for later', () => {
    const first = applyFiles(server, files(config('a', '1') + config('b', '1')));
    const broken = applyFiles(server, files(config('a', '1') + '---\nkind: [oops\n'), first.applied);
    expect(rows(broken)).toEqual(['configmap/a unchanged', 'configmap/b unchanged']);
    expect(broken.rows[1]?.message).toContain('kept');
    expect(store.list('ConfigMap').length).toBe(2);
    expect(rows(applyFiles(server, files(config('a', '1')), broken.applied))).toEqual([
      'configmap/a unchanged',
      'configmap/b deleted',
    ]);
  });

  it('never prunes while an object is refused: a bad new name does not cost the old object', () => {
    const first = applyFiles(server, files(config('a', '1') + config('b', '1')));
    const refused = applyFiles(server, files(config('a', '2') + config('B_', '1')), first.applied);
    expect(rows(refused)).toEqual([
      'configmap/a configured',
      'configmap/B_ invalid',
      'configmap/b unchanged',
    ]);
    expect(checkFiles(server, files(config('B_', '1')), first.applied).rows.map((row) => row.result)).toEqual(
      ['invalid', 'unchanged', 'unchanged'],
    );
    expect(rows(applyFiles(server, files(config('a', '2')), refused.applied))).toEqual([
      'configmap/a unchanged',
      'configmap/b deleted',
    ]);
  });

  it('keeps the last good state of an object that is refused, and says where', () => {
    const first = applyFiles(server, files(config('a', '1')));
    const bad = applyFiles(
      server,
      files(config('a', '1').replace('"1"', '8080').replace('\ndata:', '\ndada: 1\ndata:')),
      first.applied,
    );
    expect(bad.rows[0]).toMatchObject({
      result: 'invalid',
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    });
    expect(bad.diagnostics.map((d) => `${d.range.line}:${d.range.column} ${d.message}`)).toEqual([
      '6:1 strict decoding error: unknown field "dada"',
      '8:6 json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ]);
    expect(store.get('ConfigMap', 'default', 'a')?.data).toEqual({ k: '1' });
    expect(rows(applyFiles(server, files(''), bad.applied))).toEqual(['configmap/a deleted']);
  });

  it('never deletes what it was refused to change', () => {
    store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'default' } });
    const refused = applyFiles(server, files(config('theirs', '1').replace('"1"', '1')));
    expect(rows(refused)).toEqual(['configmap/theirs invalid']);
    expect(rows(applyFiles(server, files(''), refused.applied))).toEqual([]);
    expect(store.list('ConfigMap').length).toBe(1);
  });

  it('applies what is written twice once, as the last one says', () => {
    const result = applyFiles(server, files(config('a', '1') + config('a', '2')));
    expect(rows(result)).toEqual(['configmap/a created']);
    expect(result.diagnostics.map((d) => `${d.severity} ${d.range.line}`)).toEqual(['warning 5']);
    expect(store.get('ConfigMap', 'default', 'a')?.data).toEqual({ k: '2' });
  });

  it('stores any kind and says that nothing acts on it', () => {
    const result = applyFiles(
      server,
      files('apiVersion: x.io/v1\nkind: Widget\nmetadata: {name: w}\nspec: {a: 1}\n'),
    );
    expect(rows(result)).toEqual(['widget.x.io/w created']);
    expect(result.diagnostics[0]).toMatchObject({ severity: 'info', range: { line: 2, column: 7 } });
    expect(store.get('Widget', 'default', 'w')).toMatchObject({ spec: { a: 1 } });
  });

  it('checks without drawing from chance, so that a check changes no later run', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: x}]}\n';
    const web =
      '---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80}]}\n';
    const before = store.clock.keyframe().random;
    const revision = store.keyframe().version;
    expect(rows(checkFiles(server, files(pod + web)))).toEqual(['pod/p created', 'service/web created']);
    expect(store.clock.keyframe().random).toEqual(before);
    expect(store.keyframe().version).toBe(revision);
  });

  it('knows where everything stands', () => {
    const { sources } = applyFiles(server, files(config('a', '1')));
    expect(sources.locate('ConfigMap/default/a', 'data.k')).toMatchObject({
      file: 'x.yaml',
      line: 7,
      column: 6,
    });
    expect(sources.locate('ConfigMap/default/zzz')).toBeNull();
  });

  it('takes back what `kubectl get -o yaml` printed', () => {
    applyFiles(server, files(config('a', '1')));
    const live = store.get('ConfigMap', 'default', 'a')!;
    const again = applyFiles(server, files(JSON.stringify(live)));
    expect(rows(again)).toEqual(['configmap/a unchanged']);
  });
});
