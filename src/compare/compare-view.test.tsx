// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompareHost } from '../worker/compare';
import type { CompareMailbox } from '../worker/compare-client';
import type { CompareReport } from '../worker/compare-protocol';
import { session } from '../state/session';
import { CompareView } from './compare-view';

/** The worker's side in the same thread; answers come a moment later, as they would. */
function spawn(): CompareMailbox {
  const box: CompareMailbox = {
    onmessage: null,
    onerror: null,
    terminate: () => undefined,
    postMessage: (command) => setTimeout(() => host.receive(command), 0),
  };
  const host = new CompareHost((data: CompareReport) => box.onmessage?.({ data } as MessageEvent));
  return box;
}

const open = async (): Promise<void> => {
  render(<CompareView spawn={spawn} />);
  await waitFor(() => expect(screen.getAllByRole('heading', { level: 3 })).toHaveLength(5), {
    timeout: 20_000,
  });
  // Listeners come a frame after the picture, and frames are slow where nothing is drawn.
  await new Promise((resolve) => setTimeout(resolve, 150));
};
const where = (): string => document.querySelector('.cmp-where')?.textContent ?? '';

beforeEach(() => session.setState({ dialog: 'compare', reducedMotion: false }));
afterEach(cleanup);

describe('the modes side by side', () => {
  it('opens on the decision, with the count of rules under each mode', async () => {
    await open();
    expect(where()).toMatch(/^SYN: decided step 2 of \d+$/);
    const counts = ['iptables', 'nftables', 'IPVS', 'eBPF'].map((name) => {
      const pane = screen.getByRole('region', { name });
      return Number(/(\d+) rules passed on node-\d/.exec(pane.textContent ?? '')?.[1]);
    });
    expect(counts.every((count) => count > 0)).toBe(true);
    expect(Math.min(...counts)).toBe(counts[3]);
  }, 30_000);

  it('steps all panes by arrow keys, not from a field, and leaves modes out down to two', async () => {
    await open();
    fireEvent.keyDown(document.body, { key: 'ArrowRight' });
    await waitFor(() => expect(where()).toMatch(/step 3 of/));
    fireEvent.keyDown(screen.getByLabelText('To'), { key: 'ArrowLeft' });
    expect(where()).toMatch(/step 3 of/);
    const modes = within(screen.getByRole('group', { name: 'Modes to compare' }));
    for (const name of ['eBPF', 'IPVS', 'nftables']) fireEvent.click(modes.getByRole('button', { name }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'IPVS' })).toBeNull(), {
      timeout: 20_000,
    });
    expect(screen.getByRole('region', { name: 'nftables' })).toBeTruthy();
  }, 30_000);

  it('plays by itself only where motion is welcome', async () => {
    session.setState({ reducedMotion: true });
    await open();
    expect(screen.queryByRole('button', { name: 'Play' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Next step' })).toBeTruthy();
  }, 30_000);
});
