import { describe, expect, it } from 'vitest';
import { DEFAULT_WORKSPACE } from '../state/workspace';
import { documentAt, outline } from './outline';

describe('outline', () => {
  it('reads the default workspace', () => {
    const found = outline(DEFAULT_WORKSPACE.files[0]!.text);
    expect(found.map((one) => `${one.ref} ${one.replicas?.count ?? '-'}`)).toEqual([
      'Deployment/default/backend 3',
      'Service/default/backend -',
      'Deployment/default/frontend 1',
    ]);
  });

  it.each([
    ['kind: Pod\nmetadata: { name: a, namespace: "shop" }\n', ['Pod/shop/a']],
    ['kind: \'Pod\' # a comment\nmetadata:\n    namespace: shop\n    name: "a"\n', ['Pod/shop/a']],
    ['kind: Namespace\nmetadata:\n  name: shop\n', ['Namespace//shop']],
    ['kind: Pod\nmetadata:\n  labels:\n    name: wrong\n  name: right\n', ['Pod/default/right']],
    ['---\n---\nkind: Pod\n---\nmetadata:\n  name: x\n', []],
    ['', []],
  ])('%j holds %j', (text, refs) => {
    expect(outline(text).map((one) => one.ref)).toEqual(refs);
  });

  it('takes replicas only from the object itself', () => {
    const text = 'kind: X\nmetadata:\n  name: x\nspec:\n  template:\n    replicas: 9\n  replicas: 2 # two\n';
    expect(outline(text)[0]?.replicas).toEqual({ line: 7, count: 2 });
  });

  it('knows the lines of a document, without separators and blank edges', () => {
    const text = '\nkind: A\nmetadata: {name: a}\n\n---\nkind: B\nmetadata: {name: b}';
    const found = outline(text);
    expect(found.map((one) => [one.line, one.endLine])).toEqual([
      [2, 3],
      [6, 7],
    ]);
    expect(documentAt(found, 7)?.name).toBe('b');
    expect(documentAt(found, 5)).toBeNull();
  });
});
