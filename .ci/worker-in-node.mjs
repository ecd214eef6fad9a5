// The cluster's worker without a browser: its mailbox and its clock, driven by hand. Everything happens in one go, so
// nothing that is imported dynamically can arrive in between.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const EXAMPLE = join(import.meta.dirname, '../src/scenarios/frontend-calls-backend/manifests.yaml');
const TICKS = 1000;

/** What the page opens with. */
export const firstExample = () => readFileSync(EXAMPLE, 'utf8');

/** Starts the worker of a script in this process; one per process. */
export async function workerOf(path) {
  const reports = [];
  let now = 0;
  let tick = () => undefined;
  let send = () => undefined;
  globalThis.postMessage = (report) => reports.push(report);
  globalThis.addEventListener = (_type, listener) => (send = (data) => listener({ data }));
  globalThis.setInterval = (work) => (tick = work);
  let clock = () => now;
  performance.now = () => clock();
  await import(pathToFileURL(path).href);
  return {
    reports,
    send,
    ticks(count) {
      for (let i = 0; i < count; i++) {
        now += 16;
        tick();
      }
    },
    /** One tick in which the simulator comes to something that is not loaded. */
    missSomething() {
      clock = () => {
        throw Object.assign(new Error('missing'), { name: 'PartMissing' });
      };
      tick();
      clock = () => now;
    },
    /** Waits until the worker has found out that it cannot load the rest. */
    async failure() {
      for (let i = 0; !reports.some((report) => report.type === 'crashed'); i++) {
        if (i > 2000) throw new Error('the worker does not say that it cannot load the rest');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

/** A visitor's first seconds: the first example comes up and runs. Returns what was reported while it ran. */
export function firstRun(worker, seed, auto) {
  const { reports, send, ticks } = worker;
  const from = reports.length;
  send({ type: 'boot', seed, files: [{ name: 'manifests.yaml', text: firstExample() }] });
  const pace = auto
    ? { paused: false, nsPerSecond: 200_000, auto: true, watchedPacket: 1, watchedRequest: 1 }
    : { paused: false, nsPerSecond: 3e9, auto: false, watchedPacket: null };
  send({ type: 'pace', pace });
  const isReady = reports.slice(from).some((report) => report.type === 'ready');
  const start = reports.length;
  ticks(TICKS);
  const ran = reports.slice(start);
  const patches = ran.filter((report) => report.type === 'patch');
  return {
    isReady,
    patches: patches.length,
    packets: patches.reduce((sum, { patch }) => sum + (patch.packets?.set?.length ?? 0), 0),
    crash: reports.find((report) => report.type === 'crashed'),
    isWhole: isReady && patches.length === TICKS,
  };
}
