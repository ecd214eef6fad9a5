/** Runs the machines of a pod's resolver (src/sim/dns) against servers that a case describes. */
import type { DnsMessage } from '../../sim/dns/message';
import type { SendAction, SendNews } from '../../sim/dns/resolver-send';

/** A query as it leaves, and when. */
export type Sent = SendAction & { readonly do: 'send'; readonly atMs: number };

/** What a machine answers to a start or to news. */
interface Step<S> {
  readonly state: S;
  readonly actions: readonly SendAction[];
}

/** What a server says, and how long it takes; null when it says nothing. */
type Server = (query: Sent) => { readonly message: DnsMessage; readonly afterMs: number } | null;

/** Runs a machine until it is over or nothing is due any more; time is a list of what is due. */
export function simulate<S>(
  start: Step<S>,
  take: (state: S, news: SendNews) => Step<S>,
  isOver: (state: S) => boolean,
  ask: Server,
): { readonly state: S; readonly atMs: number; readonly sends: readonly Sent[] } {
  const due: { atMs: number; order: number; news: SendNews }[] = [];
  const sends: Sent[] = [];
  let { state } = start;
  let nowMs = 0;
  let order = 0;
  const expect = (delayMs: number, news: SendNews) =>
    due.push({ atMs: nowMs + delayMs, order: order++, news });
  const perform = (actions: readonly SendAction[]) => {
    for (const action of actions) {
      if (action.do === 'timer') {
        expect(action.delayMs, { type: 'timer', token: action.token });
        continue;
      }
      const sent = { ...action, atMs: nowMs };
      sends.push(sent);
      const reply = ask(sent);
      if (reply !== null)
        expect(reply.afterMs, { type: 'reply', server: action.server, message: reply.message });
    }
  };
  perform(start.actions);
  while (!isOver(state) && due.length > 0) {
    due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const next = due.shift()!;
    nowMs = next.atMs;
    const step = take(state, next.news);
    state = step.state;
    perform(step.actions);
  }
  return { state, atMs: nowMs, sends };
}
