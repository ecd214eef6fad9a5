import { describe, expect, it } from 'vitest';
import type { RequestTrace } from '../sim/trace/hop';
import { countLately } from './summary';

const request = (startNs: number, ok: boolean | null, kind: RequestTrace['kind'] = 'http'): RequestTrace => ({
  id: startNs,
  from: 'Pod/default/a',
  what: 'GET http://backend/',
  kind,
  startNs,
  endNs: ok === null ? null : startNs + 1e6,
  outcome: ok === null ? null : { ok, text: '' },
});

describe('the last ten seconds', () => {
  it('counts what began in them, by outcome, without probes and the future', () => {
    const now = 20e9;
    const all = [
      request(9e9, true),
      request(11e9, true),
      request(12e9, false),
      request(13e9, null),
      request(14e9, true, 'probe'),
      request(21e9, true),
    ];
    const { asked, answered, failed } = countLately(all, now);
    expect([asked, answered, failed.map((one) => one.startNs)]).toEqual([3, 1, [12e9]]);
  });

  it('takes an answer as given only once it has come', () => {
    expect(countLately([request(20e9, true)], 20e9).answered).toBe(0);
  });
});
