import { describe, expect, it } from 'vitest';
import { HostLocalIpam } from './ipam';

describe('host-local', () => {
  it('hands out in order from .2, and does not reuse at once', () => {
    const ipam = new HostLocalIpam('10.244.1.0/24');
    expect(ipam.gateway).toBe('10.244.1.1');
    expect(['a', 'b', 'c'].map((owner) => ipam.allocate(owner))).toEqual([
      '10.244.1.2',
      '10.244.1.3',
      '10.244.1.4',
    ]);
    ipam.release('b');
    expect(ipam.allocate('d')).toBe('10.244.1.5');
    expect(ipam.allocate('a')).toBe('10.244.1.2');
  });

  it('wraps when the end is reached, and runs out when all are held', () => {
    const ipam = new HostLocalIpam('10.244.1.0/29');
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((owner) => ipam.allocate(owner))).toEqual([
      '10.244.1.2',
      '10.244.1.3',
      '10.244.1.4',
      '10.244.1.5',
      '10.244.1.6',
      null,
    ]);
    ipam.release('b');
    expect(ipam.allocate('g')).toBe('10.244.1.3');
  });

  it('comes back from a keyframe as it was', () => {
    const ipam = new HostLocalIpam('10.244.1.0/24');
    ipam.allocate('a');
    const frame = ipam.keyframe();
    ipam.allocate('b');
    ipam.restore(frame);
    expect(ipam.allocate('c')).toBe('10.244.1.3');
  });
});
