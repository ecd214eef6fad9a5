/** The second worker: clusters to compare, and a mailbox. It has no clock of its own; each question is run to its end. */
import { CompareHost } from './compare';
import type { CompareCommand, CompareReport } from './compare-protocol';

const host = new CompareHost((report: CompareReport) => postMessage(report));

addEventListener('message', (message: MessageEvent<CompareCommand>) => host.receive(message.data));
