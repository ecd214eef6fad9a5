import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterFacts, PodView, ViewPatch } from '../sim/view';
import { applyPatch, clearMirror, mirror, rowsOf, tableOf } from './mirror';
import { decodeWorkspace, encodeWorkspace, keepWorkspace, REFUSED_KEY, SAVED_KEY } from './saving';
import { addFiles, bringBack, openWorkspace, removeFile } from './replacing';
import { DEFAULT_WORKSPACE, isDirty, typeText, workspace } from './workspace';

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
});

describe('workspace', () => {
  beforeEach(() =>
    workspace.setState({
      ...DEFAULT_WORKSPACE,
      ...{ applied: null, refused: null, epoch: 0, edited: false, aside: null, unsaved: false },
    }),
  );

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

describe('what is replaced', () => {
  const example = { name: 'Example', files: [{ name: 'e.yaml', text: 'e' }], active: 'e.yaml' };
  const mine = 'kind: Mine';
  beforeEach(() => workspace.setState({ ...DEFAULT_WORKSPACE, edited: false, aside: null }));

  it('is set aside when the visitor had typed in it, through any number of examples', () => {
    typeText('manifests.yaml', mine);
    openWorkspace(example);
    openWorkspace({ ...example, name: 'Another' });
    expect(workspace.getState().aside?.files[0]?.text).toBe(mine);
    bringBack();
    expect(workspace.getState()).toMatchObject({ files: [{ text: mine }], aside: null, edited: true });
  });

  it('is not kept when it was an example as it came', () => {
    openWorkspace(example);
    expect(workspace.getState().aside).toBeNull();
  });

  it('changes places when it is brought back over other work', () => {
    typeText('manifests.yaml', mine);
    openWorkspace(example);
    typeText('e.yaml', 'newer work');
    bringBack();
    expect(workspace.getState().files[0]?.text).toBe(mine);
    expect(workspace.getState().aside?.files[0]?.text).toBe('newer work');
  });

  it('keeps a removed file', () => {
    addFiles([{ name: 'web.yaml', text: mine }]);
    removeFile('web.yaml');
    expect(workspace.getState().aside?.files.map((file) => file.name)).toEqual([
      'manifests.yaml',
      'web.yaml',
    ]);
  });
});

describe('saved workspace', () => {
  const saved = { name: 'Mine', files: [{ name: 'a.yaml', text: 'x: 1' }], active: 'a.yaml' };

  it('comes back with what was applied and what was set aside', () => {
    const whole = { ...saved, applied: [{ name: 'a.yaml', text: 'x: 0' }], aside: { ...saved, name: 'Old' } };
    expect(decodeWorkspace(encodeWorkspace(whole))).toEqual({ saved: whole });
  });

  it.each([
    { applied: 7, aside: 'x' },
    { applied: [{ name: 1 }], aside: { files: [] } },
  ])('reads what is typed although the rest is spoilt: %j', (spoilt) => {
    expect(decodeWorkspace(JSON.stringify({ version: 1, ...saved, ...spoilt }))).toEqual({ saved });
  });

  it('says so when the browser does not keep it, and when it does again', () => {
    vi.useFakeTimers();
    const storage = new MemoryStorage();
    workspace.setState({ ...DEFAULT_WORKSPACE, unsaved: false });
    keepWorkspace(storage);
    typeText('manifests.yaml', 'x'.repeat(5_000_001));
    vi.advanceTimersByTime(6000);
    expect(workspace.getState().unsaved).toBe(true);
    typeText('manifests.yaml', 'short');
    vi.advanceTimersByTime(6000);
    expect(workspace.getState().unsaved).toBe(false);
    expect(storage.getItem(SAVED_KEY)).toContain('short');
    vi.useRealTimers();
  });

  it('gives what is typed the room, before what it would like to keep besides', () => {
    vi.useFakeTimers();
    const storage = new MemoryStorage();
    storage.setItem = (key, value) => {
      if (value.length > 300) throw new Error('QuotaExceededError');
      storage.items.set(key, value);
    };
    workspace.setState({ ...saved, applied: [{ name: 'a.yaml', text: 'y'.repeat(400) }], unsaved: false });
    keepWorkspace(storage);
    typeText('a.yaml', 'typed');
    vi.advanceTimersByTime(400);
    expect(storage.getItem(SAVED_KEY)).toContain('typed');
    expect(workspace.getState().unsaved).toBe(false);
    vi.useRealTimers();
  });

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
    ['{"version":0.5}', 'does not say its version'],
    ['{"version":-1e300}', 'does not say its version'],
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
