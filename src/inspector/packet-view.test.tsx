// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/preact';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Hop, PacketTrace } from '../sim/trace/hop';
import type { Packet } from '../sim/trace/packet';
import type { ClusterFacts, ViewPatch } from '../sim/view';
import { applyPatch, clearMirror } from '../state/mirror';
import { session } from '../state/session';
import { startCluster } from '../state/wire';
import type { Mailbox } from '../worker/client';
import { Inspector, warmInspector } from './inspector';

const syn: Packet = {
  ip: { version: 4, src: '10.244.1.2', dst: '10.96.0.42', ttl: 64, protocol: 'tcp', df: true },
  l4: { kind: 'tcp', srcPort: 4000, dstPort: 80, seq: 1, ack: 0, flags: ['SYN'] },
};
const dnat: Packet = { ...syn, ip: { ...syn.ip!, dst: '10.244.2.3' } };
const hop = (atNs: number, part: Partial<Hop>): Hop => ({
  atNs,
  durationNs: 10,
  place: { machine: 'node-1', netns: 'host' },
  station: 'hook',
  name: 'FORWARD',
  action: 'pass',
  before: dnat,
  after: dnat,
  ...part,
});
const trace: PacketTrace = {
  id: 7,
  requestId: 0,
  role: 'request',
  label: 'SYN',
  bornNs: 100,
  hops: [
    hop(100, { station: 'socket', name: 'curl', action: 'send', before: syn, after: syn }),
    hop(110, {
      station: 'chain',
      name: 'KUBE-SERVICES',
      action: 'dnat',
      before: syn,
      after: dnat,
      rulesPassed: 5,
      rules: [
        {
          table: 'nat',
          chain: 'KUBE-SERVICES',
          rule: '-A KUBE-SERVICES -j KUBE-SVC-A',
          number: 1,
          passed: 1,
        },
        { table: 'nat', chain: 'KUBE-SEP-B', rule: '-A KUBE-SEP-B -p tcp -j DNAT', number: 2, passed: 2 },
      ],
    }),
    hop(120, {}),
  ],
  end: { atNs: 130, kind: 'dropped', reason: 'no-route', place: { machine: 'node-1', netns: 'host' } },
};

const silent = (): Mailbox => ({
  postMessage: () => undefined,
  terminate: () => undefined,
  onmessage: null,
  onerror: null,
});

function patch(part: Partial<ViewPatch>): void {
  applyPatch({ nowNs: 115, settled: true, facts: {} as ClusterFacts, ...part }, 0, 0);
}

describe('the inspector with a packet open', () => {
  beforeAll(warmInspector);
  beforeEach(() => {
    Element.prototype.scrollIntoView = () => undefined;
    startCluster(silent);
    clearMirror();
    session.setState({ selection: { kind: 'packet', id: 7 }, hop: null });
  });
  afterEach(cleanup);

  it('stands on the hop that the clock has reached, and sets the future apart', () => {
    patch({ packets: { set: [['7', trace]], gone: [] } });
    render(<Inspector />);
    const hops = within(screen.getByRole('list', { name: 'Hops' })).getAllByRole('button', {
      expanded: true,
    });
    expect(hops.map((one) => one.textContent)).toEqual([expect.stringMatching(/^2node-1 rules/)]);
    expect(screen.getByText('Ahead, as things stand now')).toBeDefined();
    expect(screen.getByText('On its way.')).toBeDefined();
  });

  it('shows what the rules changed, and by which rule', () => {
    patch({ packets: { set: [['7', trace]], gone: [] } });
    render(<Inspector />);
    const row = screen.getByRole('row', { name: /IP destination/ });
    expect(row.textContent).toContain('10.96.0.42');
    expect(row.querySelector('.new')?.textContent).toBe('10.244.2.3');
    expect(screen.getByText('KUBE-SEP-B', { selector: 'b' })).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'All 2 that matched' }));
    expect(document.querySelectorAll('.rule')).toHaveLength(2);
  });

  it('goes back to an earlier hop when it is pressed', () => {
    patch({ packets: { set: [['7', trace]], gone: [] } });
    render(<Inspector />);
    fireEvent.click(screen.getAllByRole('button', { expanded: false })[0]!);
    expect(session.getState().hop).toBe(0);
  });

  it('explains the end once the clock has reached it', () => {
    patch({ nowNs: 200, packets: { set: [['7', trace]], gone: [] } });
    render(<Inspector />);
    expect(screen.getByText('node-1: dropped')).toBeDefined();
    expect(screen.getByText('No route leads there.')).toBeDefined();
  });

  it('says so when the recorder has let the packet go', () => {
    patch({});
    render(<Inspector />);
    expect(screen.getByText(/no longer keeps this packet/)).toBeDefined();
  });
});
