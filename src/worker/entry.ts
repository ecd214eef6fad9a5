/** The worker: a cluster, a clock tick and a mailbox. */
import { remember } from '../sim/manifests/parse';
import { firstExample } from './first-example';
import { Host } from './host';
import type { Command, Report } from './protocol';

const TICK_MS = 16;

remember(firstExample);
const host = new Host({
  post: (report: Report) => postMessage(report),
  nowMs: () => performance.now(),
  later: () => import('./later'),
});

addEventListener('message', (message: MessageEvent<Command>) => host.receive(message.data));
setInterval(() => host.tick(), TICK_MS);
