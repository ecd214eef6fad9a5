/** The page's end of the line to the clusters that are compared. A newer question makes the answer to an older one moot. */
import type { CompareCommand, CompareReport } from './compare-protocol';

/** The part of a Worker that the client needs. */
export interface CompareMailbox {
  postMessage(message: CompareCommand): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<CompareReport>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export class CompareClient {
  private lastId = 0;

  constructor(
    private readonly box: CompareMailbox,
    listen: (report: CompareReport) => void,
  ) {
    box.onmessage = ({ data }) => {
      if (data.id === this.lastId) listen(data);
    };
    box.onerror = (event) =>
      listen({
        type: 'failed',
        id: this.lastId,
        message: event.message || 'The worker could not be started.',
      });
  }

  compare(question: Omit<CompareCommand, 'type' | 'id'>): void {
    this.box.postMessage({ type: 'compare', id: ++this.lastId, ...question });
  }

  close(): void {
    this.box.terminate();
  }
}

/** The real thing, in a Web Worker of its own, so that the running cluster is not held up. */
export function spawnCompareWorker(): CompareMailbox {
  return new Worker(new URL('./compare-entry.ts', import.meta.url), {
    type: 'module',
    name: 'hopyard comparison',
  });
}
