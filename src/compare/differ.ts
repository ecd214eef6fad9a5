/** What came out of the same question in each mode, fact by fact, and which of the facts are not the same. */
import type { Ns } from '../sim/clock/clock';
import { describePayload, innermost, sourceOf } from '../sim/trace/describe';
import { explainEnd } from '../sim/trace/explain';
import type { ComparePacket, ModeRun } from '../worker/compare-protocol';
import { nameIn } from './words';

export interface Aspect {
  readonly name: string;
  /** One for each run. */
  readonly values: readonly string[];
  readonly differs: boolean;
  /** Why a difference here says nothing about the modes; null when it does. */
  readonly chance: string | null;
}

/** The first packet that is no lookup: what the whole comparison is about. */
export function firstPacket(run: ModeRun): ComparePacket | null {
  return run.packets.find(({ role }) => role === 'request') ?? null;
}

export function aspectsOf(runs: readonly ModeRun[]): Aspect[] {
  return [
    aspect(runs, 'Result', (run) => splitResult(run).result),
    aspect(
      runs,
      'Answered by',
      (run) => splitResult(run).by,
      'each mode draws or takes turns in its own way',
    ),
    aspect(runs, 'Source that the server saw', sourceSeen, null, sourceKept),
    aspect(runs, 'How the first packet ended', ending),
    aspect(runs, 'First that came back', cameBack),
    aspect(runs, 'Rules passed where it was decided', (run) =>
      String(firstPacket(run)?.there.rulesPassed ?? 0),
    ),
    aspect(runs, 'First packet in hooks there', (run) => fineSpan(firstPacket(run)?.there.hooksNs ?? 0)),
  ];
}

function aspect(
  runs: readonly ModeRun[],
  name: string,
  read: (run: ModeRun) => string,
  chance: string | null = null,
  /** What of it is compared, where the words tell more. */
  key: (run: ModeRun) => unknown = read,
): Aspect {
  return { name, values: runs.map(read), differs: new Set(runs.map(key)).size > 1, chance };
}

/** "200 OK from backend-…" is a result and who gave it; how long a failure took is told elsewhere. */
function splitResult({ request }: ModeRun): { result: string; by: string } {
  const text = request?.outcome?.text ?? (request === null ? 'Nothing was asked' : 'No outcome yet');
  const [, result = text, by = 'nobody'] = /^(.*) from (\S+)$/.exec(text) ?? [];
  return { result: result.replace(/ after \d+ ms/, ''), by };
}

/** Source addresses of the first request that a program received: as it was sent, and as it arrived. */
function sources(run: ModeRun): { readonly sent: string | undefined; readonly seen: string } | null {
  for (const { role, hops } of run.packets) {
    const arrived = hops.find(({ hop }) => hop.station === 'socket' && hop.action === 'deliver');
    const seen = arrived && innermost(arrived.hop.after).ip?.src;
    if (role === 'request' && seen !== undefined)
      return { sent: hops[0] && innermost(hops[0].hop.before).ip?.src, seen };
  }
  return null;
}

function sourceSeen(run: ModeRun): string {
  const found = sources(run);
  if (found === null) return 'no server saw it';
  const { sent, seen } = found;
  const byNode = sent !== seen || run.request?.from.startsWith('Node/') === true;
  const name = nameIn(run)(seen) ?? (byNode ? `an address of ${run.node}` : null);
  return name === null ? seen : `${seen} (${name})`;
}

/** Which of a node's addresses stands for the caller depends on the way; that one does is what counts. */
function sourceKept(run: ModeRun): boolean | null {
  const found = sources(run);
  return found === null ? null : found.sent === found.seen;
}

function ending(run: ModeRun): string {
  const end = firstPacket(run)?.end;
  if (end == null) return 'still on its way';
  return end.kind === 'delivered' ? explainEnd(end) : `${explainEnd(end)} (${end.place.machine})`;
}

function cameBack(run: ModeRun): string {
  const back = run.packets.find(({ role }) => role === 'reply' || role === 'error');
  const last = back?.hops.at(-1)?.hop;
  if (last === undefined) return 'nothing';
  const packet = innermost(last.after);
  return `${describePayload(packet)} from ${sourceOf(packet)}`;
}

/** Fine enough to tell a few rules apart: "24.28 µs". */
export function fineSpan(ns: Ns): string {
  return `${(ns / 1000).toFixed(2)} µs`;
}
