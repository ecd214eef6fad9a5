/** What came out of the same question in each mode, fact by fact, and which of the facts are not the same. */
import { describePayload, innermost, sourceOf } from '../sim/trace/describe';
import { explainEnd } from '../sim/trace/explain';
import { formatSpan } from '../ui/format';
import type { ComparePacket, ModeRun } from '../worker/compare-protocol';
import { namesOf } from './words';

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
    aspect(runs, 'Source that the server saw', sourceSeen),
    aspect(runs, 'How the first packet ended', ending),
    aspect(runs, 'First that came back', cameBack),
    aspect(runs, 'Rules passed where it was decided', (run) =>
      String(firstPacket(run)?.there.rulesPassed ?? 0),
    ),
    aspect(runs, 'First packet in hooks there', (run) => formatSpan(firstPacket(run)?.there.hooksNs ?? 0)),
  ];
}

function aspect(
  runs: readonly ModeRun[],
  name: string,
  read: (run: ModeRun) => string,
  chance: string | null = null,
): Aspect {
  const values = runs.map(read);
  return { name, values, differs: new Set(values).size > 1, chance };
}

/** "200 OK from backend-…" is a result and who gave it; how long a failure took is told elsewhere. */
function splitResult({ request }: ModeRun): { result: string; by: string } {
  const text = request?.outcome?.text ?? (request === null ? 'Nothing was asked' : 'No outcome yet');
  const [, result = text, by = 'nobody'] = /^(.*) from (\S+)$/.exec(text) ?? [];
  return { result: result.replace(/ after \d+ ms/, ''), by };
}

/** The source address on the first packet that a program on the other side received. */
function sourceSeen(run: ModeRun): string {
  const arrived = run.packets
    .filter(({ role }) => role === 'request')
    .flatMap(({ hops }) => hops)
    .find(({ hop }) => hop.station === 'socket' && hop.action === 'deliver');
  const ip = arrived && innermost(arrived.hop.after).ip?.src;
  if (ip === undefined) return 'no server saw it';
  const name = namesOf(run).long(ip);
  return name === null ? ip : `${ip} (${name})`;
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
