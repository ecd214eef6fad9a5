import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Tuple } from './conntrack-tuple';
import { TupleIndex } from './tuple-index';

const port = fc.constantFrom(0, 1, 80, 65_535);
const ip = fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1');
const tuple: fc.Arbitrary<Tuple> = fc.record({
  protocol: fc.constantFrom('tcp', 'udp', 'sctp', 'icmp', 'ipip'),
  src: ip,
  dst: ip,
  srcPort: port,
  dstPort: port,
});
const step = fc.record({
  op: fc.constantFrom('set', 'delete', 'copy'),
  tuple,
  id: fc.integer({ min: 1, max: 3 }),
});

it('holds what a map of texts would hold, also in a copy', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let index = new TupleIndex();
      const model = new Map<string, number>();
      const asked = new Map(steps.map((one) => [JSON.stringify(one.tuple), one.tuple]));
      for (const { op, tuple: one, id } of steps) {
        const key = JSON.stringify(one);
        if (op === 'set') {
          index.set(one, id);
          model.set(key, id);
        } else if (op === 'delete') {
          index.delete(one, id);
          if (model.get(key) === id) model.delete(key);
        } else {
          const before = index;
          index = index.copy();
          before.set(one, 99);
        }
      }
      for (const [key, one] of asked) expect(index.get(one)).toBe(model.get(key));
      expect(index.isEmpty).toBe(model.size === 0);
    }),
  );
});
