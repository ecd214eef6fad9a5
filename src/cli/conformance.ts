/**
 * `npm run -s conformance -- DIR [--only TEXT] [--json] [--allow-not-run]`: runs the case files under DIR against the real
 * simulator. The file's name tells the format. A case that cannot be expressed yet is "not run", never passed.
 */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FORMATS } from './conformance/formats';
import type { CaseResult } from './conformance/result';

/** A file that a reader cannot take apart fails as one case; the other files are still run. */
function attempted(run: () => CaseResult[]): CaseResult[] {
  try {
    return run();
  } catch (error) {
    return [{ id: 'the file', status: 'failed', expected: 'no exception', got: String(error) }];
  }
}

const CARRIED = join('src', 'cli', 'cases');

interface FileReport {
  readonly file: string;
  readonly results: readonly CaseResult[];
}

function jsonFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => jsonFiles(join(path, name)))
    .filter((file) => file.endsWith('.json'));
}

function runFile(file: string, only: string | undefined): FileReport {
  const label = join(basename(dirname(file)), basename(file));
  const data: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const format = FORMATS[basename(file)];
  const sibling = (name: string): unknown => readIfThere(join(dirname(file), name));
  const results = format ? attempted(() => format(data, only, sibling, carried)) : notUnderstood(data);
  return { file: label, results: only ? results.filter((result) => result.id.includes(only)) : results };
}

/** The repository's own cases: a file that holds part of a series leans on them for the rest. */
function carried(name: string): unknown {
  if (!existsSync(CARRIED)) return undefined;
  const file = jsonFiles(CARRIED).find((path) => basename(path) === name);
  return file === undefined ? undefined : readIfThere(file);
}

function readIfThere(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Files of unknown names count their cases, so that nothing is silently left out. */
function notUnderstood(data: unknown): CaseResult[] {
  const cases = Array.isArray(data) ? data : ((data as { cases?: unknown[] }).cases ?? []);
  return cases.map((entry, i) => ({
    id: String((entry as { id?: string }).id ?? `#${i}`),
    status: 'not-run',
  }));
}

function count(results: readonly CaseResult[], status: CaseResult['status']): number {
  return results.filter((result) => result.status === status).length;
}

/** How many of the passed ones ran in a world that was read off their answers; see CaseResult.implied. */
function impliedNote(results: readonly CaseResult[]): string {
  const implied = results.filter((result) => result.status === 'passed' && result.implied === true).length;
  return implied === 0 ? '' : ` (${implied} of the passed in a world that their answer implies)`;
}

function print({ file, results }: FileReport): void {
  const line = (['passed', 'failed'] as const)
    .map((status) => `${count(results, status)} ${status}`)
    .join(', ');
  console.log(`${file}: ${line}, ${count(results, 'not-run')} not run${impliedNote(results)}`);
  for (const result of results.filter((entry) => entry.status === 'failed')) {
    console.log(`  ${result.id}`);
    if (result.expected !== undefined) console.log(`    expected: ${indent(result.expected)}`);
    if (result.got !== undefined) console.log(`    got:      ${indent(result.got)}`);
  }
}

function indent(text: string): string {
  const lines = text.split('\n');
  const shown = lines.slice(0, 12).join('\n              ');
  return lines.length > 12 ? `${shown}\n              … ${lines.length - 12} more lines` : shown;
}

function main(args: readonly string[]): number {
  const value = (flag: string): string | undefined => {
    const at = args.indexOf(flag);
    return at < 0 ? undefined : args[at + 1];
  };
  const only = value('--only');
  const summaryFile = value('--summary');
  const dir = args.find(
    (arg, i) => !arg.startsWith('--') && !['--only', '--summary'].includes(args[i - 1] ?? ''),
  );
  if (dir === undefined) {
    console.error('usage: npm run -s conformance -- DIR [--only TEXT] [--json] [--allow-not-run]');
    return 2;
  }
  const reports = jsonFiles(dir).map((file) => runFile(file, only));
  const all = reports.flatMap((report) => report.results);
  const [passed, failed, notRun] = [count(all, 'passed'), count(all, 'failed'), count(all, 'not-run')];
  if (args.includes('--json')) console.log(JSON.stringify(reports, null, 2));
  else reports.forEach(print);
  const totals = `${passed} passed, ${failed} failed, ${notRun} not run${impliedNote(all)}`;
  if (!args.includes('--json')) console.log(totals);
  if (summaryFile) writeFileSync(summaryFile, JSON.stringify({ passed, failed, notRun }));
  return failed > 0 || (notRun > 0 && !args.includes('--allow-not-run')) ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
