import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { podTemplateHash, safeEncode, statefulSetRevisionHash } from './hash';
import { canonicalQuantity } from './quantity';

const facts = JSON.parse(readFileSync('/work/shared/conformance/api/pod-template-hash.json', 'utf8'));
for (const c of facts.podTemplateHash.cases)
  for (const [v, h] of Object.entries(c.hash))
    it(c.id + v, () => expect(podTemplateHash(c.defaultedTemplate, undefined, Number(v.slice(2)))).toBe(h));
for (const c of facts.podTemplateHash.collisionCases)
  it('coll' + c.collisionCount, () =>
    expect(podTemplateHash(facts.podTemplateHash.cases[0].defaultedTemplate, c.collisionCount, 32)).toBe(
      c.hash,
    ),
  );
for (const c of facts.statefulSetRevision.cases)
  it('sts' + c.hash, () => {
    expect(statefulSetRevisionHash(c.template)).toBe(c.hash);
    expect(statefulSetRevisionHash(c.template, 0, false)).toBe(c.withoutCreationTimestamp);
  });
describe('q', () => {
  it('c', () => {
    expect(canonicalQuantity('0.5')).toBe('500m');
    expect(canonicalQuantity('1024Mi')).toBe('1Gi');
    expect(canonicalQuantity('1.5Gi')).toBe('1536Mi');
    expect(canonicalQuantity('1000m')).toBe('1');
    expect(safeEncode('0123456789')).toBe('456789bcdf');
  });
});
