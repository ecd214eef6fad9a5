/** The clusters that are compared, for as long as the view is open: asks the worker, and keeps its last answer. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { mirror } from '../state/mirror';
import { workspace } from '../state/workspace';
import { CompareClient, spawnCompareWorker } from '../worker/compare-client';
import type { Ask, CompareMode, CompareReport } from '../worker/compare-protocol';

export type Compared = Extract<CompareReport, { type: 'compared' }>;

export interface Comparison {
  /** The last answer; stays while the next is awaited. */
  readonly answer: Compared | null;
  readonly busy: boolean;
  readonly failure: string | null;
  ask(modes: readonly CompareMode[], ask: Partial<Ask>): void;
}

/** Seed and files are those of the live cluster at the moment of each question. */
export function useCompare(spawn = spawnCompareWorker): Comparison {
  const client = useRef<CompareClient | null>(null);
  const [answer, setAnswer] = useState<Compared | null>(null);
  const [busy, setBusy] = useState(true);
  const [failure, setFailure] = useState<string | null>(null);
  const ask = useCallback((modes: readonly CompareMode[], question: Partial<Ask>): void => {
    const { files, applied } = workspace.getState();
    const { facts } = mirror.getState();
    const { seed = 1, loadBalancer, routeExternalIps } = facts ?? {};
    const settings = { ...(loadBalancer && { loadBalancer }), ...(routeExternalIps && { routeExternalIps }) };
    setBusy(true);
    client.current?.compare({ seed, files: applied ?? files, settings, modes, ask: question });
  }, []);
  useEffect(() => {
    const line = new CompareClient(spawn(), (report) => {
      setBusy(false);
      setFailure(report.type === 'failed' ? report.message : null);
      if (report.type === 'compared') setAnswer(report);
    });
    client.current = line;
    return () => {
      line.close();
      client.current = null;
    };
  }, [spawn]);
  return { answer, busy, failure, ask };
}
