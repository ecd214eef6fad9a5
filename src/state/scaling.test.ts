import { describe, expect, it } from 'vitest';
import { replicasAfter } from './scaling';

describe('plus and minus', () => {
  it('counts presses that the cluster has not answered yet', () => {
    const ref = 'Deployment/default/backend';
    expect(replicasAfter(ref, 3, 1, 0)).toBe(4);
    expect(replicasAfter(ref, 3, 1, 10)).toBe(5);
    // The first has been answered, the second has not.
    expect(replicasAfter(ref, 4, 1, 20)).toBe(6);
    expect(replicasAfter(ref, 6, -1, 30)).toBe(5);
  });

  it('counts from what is shown when the last press is long ago, and never below none', () => {
    const ref = 'Deployment/default/frontend';
    expect(replicasAfter(ref, 1, -1, 0)).toBe(0);
    expect(replicasAfter(ref, 1, -1, 10)).toBe(0);
    expect(replicasAfter(ref, 7, 1, 60_000)).toBe(8);
  });
});
