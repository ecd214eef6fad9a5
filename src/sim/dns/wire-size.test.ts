import { describe, expect, it } from 'vitest';
import { queryMessage, replyTo, summarize } from './message';
import { messageBytes, truncate } from './wire-size';

describe('sizes', () => {
  it('are those of the wire', () => {
    const query = queryMessage(1, 'kubernetes.default.svc.cluster.local', 'A', 1232);
    expect(messageBytes(query)).toBe(65);
    const record = { name: query.question.name, type: 'A', ttl: 30, data: '10.96.0.1' };
    const reply = replyTo(query, 'NOERROR', { answers: [record] });
    expect(messageBytes(reply)).toBe(117);
    expect(messageBytes({ ...reply, cookie: '0123456789abcdef' })).toBe(129);
    expect(messageBytes({ ...reply, compressed: true })).toBe(81);
  });
  it('truncate only what does not fit when compressed', () => {
    const query = queryMessage(1, 'db.shop.svc.cluster.local', 'A');
    const many = (count: number) =>
      replyTo(query, 'NOERROR', {
        answers: Array.from({ length: count }, (_, i) => ({
          name: query.question.name,
          type: 'A',
          ttl: 30,
          data: `10.0.0.${i}`,
        })),
      });
    expect(truncate(many(20), 512)).toMatchObject({ tc: false, compressed: true });
    const cut = truncate(many(60), 512);
    expect(cut.tc).toBe(true);
    expect(messageBytes(cut)).toBeLessThanOrEqual(512);
    expect(summarize(cut)).toBe('truncated');
  });
});
