import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterFacts, PodView, ViewPatch } from '../sim/view';
import { applyPatch, clearMirror, mirror, nowAt, rowsOf, tableOf } from './mirror';
import { decodeWorkspace, encodeWorkspace, keepWorkspace, REFUSED_KEY, SAVED_KEY } from './saving';
import { addFiles, DEFAULT_WORKSPACE, isDirty, removeFile, typeText, workspace } from './workspace';

const facts = { version: '1.35', seed: 1 } as ClusterFacts;
const pod = (name: string, look: PodView['look']): [string, PodView] => [
  `Pod/default/${name}`,
  { name, look } as PodView,
];
const patch = (part: Partial<ViewPatch>): ViewPatch => ({ nowNs: 0, settled: true, facts, ...part });

class MemoryStorage implements Storage {
  readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  clear = (): void => this.items.clear();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  key = (): null => null;
  removeItem = (key: string): void => void this.items.delete(key);
  setItem = (key: string, value: string): void => void this.items.set(key, value);
}

describe('mirror', () => {
  beforeEach(clearMirror);

  it('sets and removes records and counts only the tables that changed', () => {
    const before = mirror.getState().revs;
    applyPatch(patch({ nowNs: 5, pods: { set: [pod('a', 'ready'), pod('b', 'pending')], gone: [] } }), 10, 0);
    expect(mirror.getState().revs.pods).toBe(before.pods + 1);
    expect(mirror.getState().revs.nodes).toBe(before.nodes);
    const rows = rowsOf('pods');
    expect(rows.map((row) => row.name)).toEqual(['a', 'b']);
    expect(rowsOf('pods')).toBe(rows);
    applyPatch(patch({ pods: { set: [pod('b', 'ready')], gone: ['Pod/default/a'] } }), 10, 0);
    expect(rowsOf('pods').map((row) => `${row.name} ${row.look}`)).toEqual(['b ready']);
    expect(tableOf('pods').has('Pod/default/a')).toBe(false);
  });

  it('keeps the facts object while they stay the same', () => {
    applyPatch(patch({}), 0, 0);
    const first = mirror.getState().facts;
    applyPatch(patch({ facts: { ...facts } }), 0, 0);
    expect(mirror.getState().facts).toBe(first);
  });

  it('runs time on between patches, but never more than a quarter of a second', () => {
    applyPatch(patch({ nowNs: 1000 }), 2000, 100);
    expect(nowAt(200)).toBe(1200);
    expect(nowAt(9999)).toBe(1500);
  });
});

describe('workspace', () => {
  beforeEach(() => workspace.setState({ ...DEFAULT_WORKSPACE, applied: null, refused: null, epoch: 0 }));

  it('is dirty until what is typed is what was applied', () => {
    expect(isDirty(workspace.getState())).toBe(true);
    workspace.setState({ applied: workspace.getState().files });
    expect(isDirty(workspace.getState())).toBe(false);
    typeText('manifests.yaml', 'kind: Pod\n');
    expect(isDirty(workspace.getState())).toBe(true);
  });

  it('adds dropped files and replaces those of the same name', () => {
    addFiles([{ name: 'web.yaml', text: 'a' }]);
    addFiles([{ name: 'web.yaml', text: 'b' }]);
    const { files, active } = workspace.getState();
    expect(files.map((file) => file.name)).toEqual(['manifests.yaml', 'web.yaml']);
    expect([files[1]?.text, active]).toEqual(['b', 'web.yaml']);
    removeFile('web.yaml');
    removeFile('manifests.yaml');
    expect(workspace.getState().files).toEqual([{ name: 'manifests.yaml', text: '' }]);
  });
});

describe('saved workspace', () => {
  const saved = { name: 'Mine', files: [{ name: 'a.yaml', text: 'x: 1' }], active: 'a.yaml' };

  it('comes back as it was saved', () => {
    expect(decodeWorkspace(encodeWorkspace(saved))).toEqual({ saved });
  });

  it('migrates version 0, a bare text', () => {
    expect(decodeWorkspace('{"text":"kind: Pod"}')).toMatchObject({
      saved: { files: [{ name: 'manifests.yaml', text: 'kind: Pod' }] },
    });
  });

  it.each([
    ['{"version":', 'not readable JSON'],
    ['7', 'not an object'],
    ['{"version":99,"files":[]}', 'newer than this page'],
    ['{"version":"x"}', 'does not say its version'],
    ['{"version":1,"files":[]}', 'no readable files'],
    ['{"version":1,"files":[{"name":"a"}]}', 'no readable files'],
  ])('refuses %s and keeps the bytes', (bytes, reason) => {
    const result = decodeWorkspace(bytes);
    expect(result).toMatchObject({ refused: { bytes } });
    expect('refused' in result && result.refused.reason).toContain(reason);
  });

  it('moves unreadable bytes aside before anything is saved over them', () => {
    const storage = new MemoryStorage();
    storage.setItem(SAVED_KEY, '{"version":99}');
    workspace.setState({ ...DEFAULT_WORKSPACE });
    keepWorkspace(storage);
    expect(storage.getItem(REFUSED_KEY)).toBe('{"version":99}');
    expect(workspace.getState().refused?.bytes).toBe('{"version":99}');
    expect(workspace.getState().files).toEqual(DEFAULT_WORKSPACE.files);
  });
});
