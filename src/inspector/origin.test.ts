import { describe, expect, it } from 'vitest';
import type { Hop, Origin } from '../sim/trace/hop';
import { originOf } from './hop-detail';

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
