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
function facts(
  ask: Partial<Ask>,
  modes = COMPARE_MODES,
): Record<string, { differs: boolean; values: Record<string, string> }> {
  host.receive({ type: 'compare', id: 1, seed: 1, files, modes, ask });
  if (heard?.type !== 'compared') throw new Error('not compared');
  const { runs } = heard;
  return Object.fromEntries(
    aspectsOf(runs).map(({ name, differs, values }) => [
      name,
      { differs, values: Object.fromEntries(runs.map(({ mode }, i) => [mode, values[i]!])) },
    ]),
  );
}

/** The Service's address, as the answer before told it. */
function vip(): string {
  facts({});
  const names = heard?.type === 'compared' ? (heard.runs[0]?.names ?? []) : [];
  return names.find(([, name]) => name === 'Service default/backend')![0];
}

describe('aspectsOf', () => {
  it('finds the same outcome and the same source for a call that works', () => {
    const found = facts({});
    expect(found['Result']).toMatchObject({ differs: false, values: { ipvs: '200 OK' } });
    expect(found['Source that the server saw']?.differs).toBe(false);
    expect(found['Rules passed where it was decided']?.differs).toBe(true);
  });

  it('compares whether the source was kept, not which address of a node stands for it', () => {
    const target = `http://${vip()}`;
    const found = facts({ from: 'Node//node-1', target })['Source that the server saw']!;
    for (const value of Object.values(found.values)) expect(value).toMatch(/ \((an address of )?node-1\)$/);
    // A socket that is led to a pod at once never needs the masquerade that rules do to a node's own calls.
    expect(found.differs).toBe(true);
    const rules = facts({ from: 'Node//node-1', target }, ['iptables', 'nftables', 'ipvs']);
    expect(rules['Source that the server saw']?.differs).toBe(false);
  });

  it('tells how a wrong port fails in each mode', () => {
    const found = facts({ target: 'http://backend:81' });
    expect(found['Result']?.values['nftables']).not.toMatch(/after \d+ ms/);
    const back = found['First that came back']!;
    expect(back.differs).toBe(true);
    expect(back.values['nftables']).toMatch(/^ICMP port unreachable from 10\.244\./);
    // Nothing matches, so it goes on to the router, which loses it without a word.
    expect(back.values['iptables']).toBe('nothing');
    expect(found['Result']?.values['iptables']).toMatch(/Timeout was reached$/);
    expect(found['How the first packet ended']?.values['iptables']).toBe('No route leads there (outside)');
    expect(found['Source that the server saw']?.values['ipvs']).toBe('no server saw it');
  });
});
