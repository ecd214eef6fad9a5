import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CompareHost, COMPARE_MODES } from '../worker/compare';
import type { Ask, CompareReport } from '../worker/compare-protocol';
import { aspectsOf } from './differ';

const text = readFileSync('src/scenarios/frontend-calls-backend/manifests.yaml', 'utf8');
const files = [{ name: 'manifests.yaml', text }];
let heard: CompareReport | null = null;
const host = new CompareHost((report) => (heard = report));

/** Name of the fact, whether it differs, and what each mode says. */
function facts(ask: Partial<Ask>): Record<string, { differs: boolean; values: Record<string, string> }> {
  host.receive({ type: 'compare', id: 1, seed: 1, files, modes: COMPARE_MODES, ask });
  if (heard?.type !== 'compared') throw new Error('not compared');
  const { runs } = heard;
  return Object.fromEntries(
    aspectsOf(runs).map(({ name, differs, values }) => [
      name,
      { differs, values: Object.fromEntries(runs.map(({ mode }, i) => [mode, values[i]!])) },
    ]),
  );
}

describe('aspectsOf', () => {
  it('finds the same outcome and the same source for a call that works', () => {
    const found = facts({});
    expect(found['Result']).toMatchObject({ differs: false, values: { ipvs: '200 OK' } });
    expect(found['Source that the server saw']?.differs).toBe(false);
    expect(found['Rules passed where it was decided']?.differs).toBe(true);
  });

  it('tells how a wrong port fails in each mode', () => {
    const found = facts({ target: 'http://backend:81' });
    expect(found['Result']?.values['nftables']).not.toMatch(/after \d+ ms/);
    const back = found['First that came back']!;
    expect(back.differs).toBe(true);
    expect(back.values['nftables']).toMatch(/^ICMP port unreachable from 10\.244\./);
    expect(back.values['iptables']).toMatch(/^ICMP net unreachable from|^ICMP host unreachable from/);
    expect(found['How the first packet ended']?.values['iptables']).toBe('No route leads there (outside)');
    expect(found['Source that the server saw']?.values['ipvs']).toBe('no server saw it');
  });
});
