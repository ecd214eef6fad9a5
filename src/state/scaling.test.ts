import { describe, expect, it } from 'vitest';
import { heardReplicas, replicasAfter } from './scaling';

const REF = 'Deployment/default/backend';

describe('plus and minus', () => {
  it('counts presses that the cluster has not answered yet', () => {
    expect(replicasAfter(REF, 3, 1, 0)).toBe(4);
    expect(replicasAfter(REF, 3, 1, 10)).toBe(5);
    // The first has been answered, the second has not.
    heardReplicas(REF, 4);
    expect(replicasAfter(REF, 4, 1, 20)).toBe(6);
    heardReplicas(REF, 6);
    expect(replicasAfter(REF, 6, -1, 30)).toBe(5);
    heardReplicas(REF, 5);
  });

  it('counts from what is shown when the answer is long overdue, and never below none', () => {
    expect(replicasAfter(REF, 1, -1, 0)).toBe(0);
    expect(replicasAfter(REF, 1, -1, 10)).toBe(0);
    expect(replicasAfter(REF, 7, 1, 60_000)).toBe(8);
  });
});
