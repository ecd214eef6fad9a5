/**
 * Panes in step: the hops of the same packet in several modes, brought into rows by what they mean. Within a pane hops never
 * change their order; a pane that has nothing in a row stays empty there. Pure, so that tables can say what it does.
 */
import type { ComparePacket, ModeRun } from '../worker/compare-protocol';
import { stagesOf, type Stage } from './stage';

/** The packet that one row is about: the n-th of its name in each mode. */
export interface Chapter {
  readonly key: string;
  readonly label: string;
  readonly role: ComparePacket['role'];
  /** The packet in each run; null where there was none. */
  readonly packets: readonly (ComparePacket | null)[];
}

/** One row: for each run the hops (by index) that belong there, in order. */
export interface Row {
  readonly stage: Stage;
  readonly cells: readonly (readonly number[])[];
}

/** What aligning two equal stages is worth: the decision is what one came to compare. */
const WORTH: Readonly<Record<Stage, number>> = {
  leave: 2,
  decide: 5,
  route: 2,
  judge: 1,
  cross: 3,
  arrive: 2,
};

/** Sequences of stages in rows. Neighbours of the same stage share a row. */
export function alignStages(sequences: readonly (readonly Stage[])[]): Row[] {
  let rows: Row[] = [];
  sequences.forEach((sequence, i) => {
    const runs = runsOf(sequence);
    rows = merge(rows, runs, i);
  });
  return rows;
}

interface Run {
  readonly stage: Stage;
  readonly hops: readonly number[];
}

function runsOf(sequence: readonly Stage[]): Run[] {
  const runs: { stage: Stage; hops: number[] }[] = [];
  sequence.forEach((stage, i) => {
    const last = runs.at(-1);
    if (last?.stage === stage) last.hops.push(i);
    else runs.push({ stage, hops: [i] });
  });
  return runs;
}

/** The longest common way by worth, then both walked along it; what only one has gets a row of its own. */
function merge(rows: readonly Row[], runs: readonly Run[], pane: number): Row[] {
  const best = worthTable(rows, runs);
  const out: Row[] = [];
  const empty = Array.from({ length: pane }, (): readonly number[] => []);
  let [i, j] = [0, 0];
  while (i < rows.length || j < runs.length) {
    const [row, run] = [rows[i], runs[j]];
    const paired = row !== undefined && run !== undefined && row.stage === run.stage;
    if (paired && best[i]![j] === WORTH[row.stage] + best[i + 1]![j + 1]!) {
      out.push({ stage: row.stage, cells: [...row.cells, run.hops] });
      i++;
      j++;
    } else if (row !== undefined && !goesFirst(best, run, i, j)) {
      out.push({ stage: row.stage, cells: [...row.cells, []] });
      i++;
    } else {
      out.push({ stage: run!.stage, cells: [...empty, run!.hops] });
      j++;
    }
  }
  return out;
}

/** What only one pane decides comes before what only others go on with: refusals stand where they happen. */
function goesFirst(
  best: readonly (readonly number[])[],
  run: Run | undefined,
  i: number,
  j: number,
): boolean {
  if (run === undefined) return false;
  if (best[i]![j] !== best[i + 1]![j]) return true;
  return run.stage === 'decide' && best[i]![j] === best[i]![j + 1];
}

function worthTable(rows: readonly Row[], runs: readonly Run[]): number[][] {
  const best = Array.from({ length: rows.length + 1 }, () => Array<number>(runs.length + 1).fill(0));
  for (let i = rows.length - 1; i >= 0; i--) {
    for (let j = runs.length - 1; j >= 0; j--) {
      const { stage } = rows[i]!;
      const pair = stage === runs[j]!.stage ? WORTH[stage] + best[i + 1]![j + 1]! : 0;
      best[i]![j] = Math.max(pair, best[i + 1]![j]!, best[i]![j + 1]!);
    }
  }
  return best;
}

/** The packets of all runs, matched by role, name and how often that has been; in the order of the run that has most. */
export function chaptersOf(runs: readonly ModeRun[]): Chapter[] {
  const keyed = runs.map((run) => keyedPackets(run.packets));
  const longest = [...keyed].sort((a, b) => b.size - a.size)[0] ?? new Map<string, ComparePacket>();
  const keys = new Set([...longest.keys(), ...keyed.flatMap((packets) => [...packets.keys()])]);
  return [...keys].map((key) => {
    const packets = keyed.map((one) => one.get(key) ?? null);
    const { label, role } = packets.find((packet) => packet !== null)!;
    return { key, label, role, packets };
  });
}

function keyedPackets(packets: readonly ComparePacket[]): Map<string, ComparePacket> {
  const counts = new Map<string, number>();
  return new Map(
    packets.map((packet) => {
      const name = `${packet.role} ${packet.label}`;
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      return [`${name} ${nth}`, packet];
    }),
  );
}

/** The rows of one chapter. */
export function rowsOf(chapter: Chapter): Row[] {
  return alignStages(chapter.packets.map((packet) => stagesOf((packet?.hops ?? []).map(({ hop }) => hop))));
}
