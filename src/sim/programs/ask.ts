/** One DNS question to one server, as dig and nslookup put it themselves, without the C library. */
import type { Ns } from '../clock/clock';
import { dnsFromPayload, dnsPayload } from '../dns/payload';
import type { DnsMessage } from '../dns/message';
import { queryMessage } from '../dns/message';
import type { Os, ProcessEvent } from './program';

export interface Question {
  readonly server: string;
  readonly port: number;
  readonly name: string;
  readonly type: string;
  readonly requestId: number;
  readonly overTcp: boolean;
  readonly ednsBytes?: number;
  readonly cookie?: string;
  readonly tries: number;
  readonly timeoutNs: Ns;
}

/** A question under way; plain data. */
export interface Asking {
  readonly question: Question;
  readonly message: DnsMessage;
  readonly socket: number | null;
  readonly timer: number;
  readonly tried: number;
  readonly startNs: Ns;
  readonly endNs?: Ns;
  /** The answer; or nothing came, or nobody listens there. */
  readonly result?: DnsMessage | 'timeout' | 'refused';
}

const TIMER = 'ask';

/** Puts the question. */
export function beginAsk(os: Os, question: Question): Asking {
  const id = Math.floor(os.random(`ask/${os.process.owner}`) * 65536);
  const plain = queryMessage(id, question.name, question.type, question.ednsBytes);
  const message = question.cookie === undefined ? plain : { ...plain, cookie: question.cookie };
  return send(os, { question, message, socket: null, timer: 0, tried: 0, startNs: os.nowNs });
}

/** Takes an event; null when it is not about this question. */
export function askEvent(os: Os, asking: Asking, event: ProcessEvent): Asking | null {
  if (asking.result !== undefined) return null;
  if (event.type === 'timer') {
    const isOurs = event.name === TIMER && (event.data as { id: number }).id === asking.message.id;
    if (!isOurs) return null;
    if (asking.tried < asking.question.tries) return send(os, closed(os, asking));
    return end(os, asking, 'timeout');
  }
  if (event.type !== 'socket' || event.event.kind === 'accepted') return null;
  const news = event.event;
  if (news.socket !== asking.socket) return null;
  if (news.kind === 'connected' && asking.question.overTcp) {
    os.machine.send(news.socket, dnsPayload(asking.message, true));
  } else if (news.kind === 'datagram' || news.kind === 'data') {
    const reply = dnsFromPayload(news.payload);
    if (reply !== null && reply.response && reply.id === asking.message.id) return end(os, asking, reply);
  } else if (news.kind === 'error') {
    if (news.errno !== 'ECONNREFUSED') return asking;
    // That nobody listens is learned at once, and tried again at once.
    if (asking.question.overTcp || asking.tried >= asking.question.tries) return end(os, asking, 'refused');
    os.cancelTimer(asking.timer);
    return send(os, closed(os, asking));
  }
  return asking;
}

function send(os: Os, asking: Asking): Asking {
  const { question, message } = asking;
  const { server: ip, port, requestId, overTcp } = question;
  const { netns } = os.process;
  const opened = overTcp
    ? os.machine.connect(netns, 'tcp', { ip, port }, os.owner, requestId)
    : os.machine.openUdp(netns, os.owner, requestId);
  const timer = os.setTimer(TIMER, question.timeoutNs, { id: message.id });
  const next = { ...asking, timer, tried: asking.tried + 1 };
  if (typeof opened !== 'number') return { ...next, socket: null };
  if (!overTcp) os.machine.sendTo(opened, { ip, port }, dnsPayload(message), { requestId });
  return { ...next, socket: opened };
}

function closed(os: Os, asking: Asking): Asking {
  if (asking.socket !== null) os.machine.close(asking.socket);
  return { ...asking, socket: null };
}

function end(os: Os, asking: Asking, result: Asking['result']): Asking {
  os.cancelTimer(asking.timer);
  return { ...closed(os, asking), result: result!, endNs: os.nowNs };
}
