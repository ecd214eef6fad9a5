import { describe, expect, it } from 'vitest';
import type { Hop, Origin } from '../sim/trace/hop';
import { markedBy, originOf } from './hop-detail';

const slice: Origin = { ref: 'EndpointSlice/default/backend-x' };
const service: Origin = { ref: 'Service/default/backend', path: 'spec.ports[0]' };
const route: Origin = { ref: 'Node//node-2' };
const hop = (own: Origin | undefined, rules: readonly Origin[]): Hop =>
  ({
    ...(own === undefined ? {} : { origin: own }),
    rules: rules.map((origin) => ({ table: 'nat', chain: 'A', rule: '-A A', number: 1, passed: 1, origin })),
  }) as unknown as Hop;

describe('what a hop comes from', () => {
  it.each([
    ['its own cause', hop(route, []), route],
    ['the Service rather than the slice made from it', hop(slice, [service, slice]), service],
    ['the last rule', hop(undefined, [route, service]), service],
    ['a slice when there is nothing else', hop(slice, [slice]), slice],
    ['nothing', hop(undefined, []), null],
  ] as const)('%s', (_, one, expected) => expect(originOf(one)).toEqual(expected));
});

describe('why a packet is masqueraded', () => {
  const at = (machine: string, action: string, chain: string, rule: string, origin?: Origin): Hop =>
    ({
      place: { machine, netns: 'host' },
      action,
      rules: [{ table: 'nat', chain, rule, number: 1, passed: 1, ...(origin ? { origin } : {}) }],
    }) as unknown as Hop;
  const marking = at('node-1', 'dnat', 'KUBE-EXT-X', '-A KUBE-EXT-X -j KUBE-MARK-MASQ', service);
  const masquerade = at('node-1', 'masquerade', 'KUBE-POSTROUTING', '-A KUBE-POSTROUTING -j MASQUERADE');

  it('is the rule that had it marked on the same machine', () => {
    expect(markedBy([marking, masquerade], 1)).toBe(marking.rules![0]);
    const elsewhere = { ...marking, place: { machine: 'node-2', netns: 'host' } };
    expect(markedBy([elsewhere, masquerade], 1)).toBeNull();
    expect(markedBy([marking, marking], 1)).toBeNull();
  });

  it('is no mark where the network plugin masquerades by itself', () => {
    const flannel = at('node-1', 'masquerade', 'FLANNEL-POSTRTG', '-A FLANNEL-POSTRTG -j MASQUERADE');
    expect(markedBy([marking, flannel], 1)).toBeNull();
  });
});
