/**
 * `npm run -s sim -- FILE.yaml… -c 'COMMAND'`: a whole cluster without a page. Boots it, applies the files, lets it come to
 * rest, types the commands and prints what a terminal would; with --trace also the way of every packet they caused.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster } from '../sim/cluster';
import type { WorkspaceFile } from '../sim/cluster-records';
import { SECOND } from '../sim/clock/clock';
import type { ApplyResult, Diagnostic } from '../sim/view';
import { parseOptions, USAGE } from './sim-options';
import type { Options } from './sim-options';
import { namesOf, tracedRequests, traceText } from './sim-trace';

interface CommandRun {
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Null when it had not ended within --limit. */
  readonly exit: number | null;
  /** Virtual seconds it took. */
  readonly seconds: number;
  readonly requests?: ReturnType<typeof tracedRequests>;
}

const YAML = /\.ya?ml$/;

/** One file, all YAML files below a folder, or standard input for "-". */
function readPath(path: string): WorkspaceFile[] {
  if (path === '-') return [{ name: 'stdin.yaml', text: readFileSync(0, 'utf8') }];
  if (!statSync(path).isDirectory()) return [{ name: path, text: readFileSync(path, 'utf8') }];
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((full) => statSync(full).isDirectory() || YAML.test(full))
    .flatMap(readPath);
}

function position({ range }: Diagnostic): string {
  return `${range.file}:${range.line}:${range.column}`;
}

function reportApply(result: ApplyResult, options: Options): boolean {
  for (const diagnostic of result.diagnostics) {
    if (diagnostic.severity === 'info' && !options.verbose) continue;
    process.stderr.write(`${position(diagnostic)}: ${diagnostic.severity}: ${diagnostic.message}\n`);
  }
  if (options.verbose) for (const row of result.rows) process.stderr.write(`${row.name} ${row.result}\n`);
  return !result.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** Types one line and runs until it has ended. */
function runCommand(cluster: Cluster, id: number, command: string, options: Options): CommandRun {
  const from = cluster.clock.nowNs;
  const known = new Set(cluster.trace.requests.keys());
  cluster.takeOutput();
  cluster.exec(String(id), command);
  let exit = cluster.runUntilExit(String(id), options.limitSeconds * SECOND);
  if (exit === null) cluster.interrupt(String(id));
  let stdout = '';
  let stderr = '';
  for (const output of cluster.takeOutput()) {
    if (output.type === 'exit') {
      if (output.id === id && exit !== null) exit = output.code;
      continue;
    }
    if (output.id !== id) continue;
    if (!options.json) process[output.stream].write(output.text);
    if (output.stream === 'stdout') stdout += output.text;
    else stderr += output.text;
  }
  const seconds = (cluster.clock.nowNs - from) / SECOND;
  if (!options.trace) return { command, stdout, stderr, exit, seconds };
  // Replies and the closing of connections are still on their way when a program ends.
  cluster.runUntil(cluster.clock.nowNs + SECOND / 10);
  return {
    command,
    stdout,
    stderr,
    exit,
    seconds,
    requests: tracedRequests(cluster.trace, known, namesOf(cluster.store)),
  };
}

function main(args: readonly string[]): number {
  const parsed = parseOptions(args);
  if ('error' in parsed) {
    process.stderr.write(`${parsed.error}\n\n${USAGE}`);
    return 2;
  }
  const { options } = parsed;
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  let files: WorkspaceFile[];
  try {
    files = options.paths.flatMap(readPath);
  } catch (error) {
    process.stderr.write(`sim: ${(error as Error).message}\n`);
    return 2;
  }
  return runAll(files, options);
}

function runAll(files: readonly WorkspaceFile[], options: Options): number {
  const cluster = Cluster.create({
    seed: options.seed,
    nodeCount: options.nodes,
    ipFamilies: options.ipFamilies,
    settings: { loadBalancer: options.loadBalancer, routeExternalIps: options.routeExternalIps },
  });
  const applied = cluster.apply(files);
  const valid = options.json
    ? !applied.diagnostics.some((d) => d.severity === 'error')
    : reportApply(applied, options);
  const settled = cluster.runUntilSettled(options.settleSeconds * SECOND);
  if (!settled && !options.json)
    process.stderr.write(`sim: not at rest after ${options.settleSeconds} s of virtual time\n`);
  const runs: CommandRun[] = [];
  let status = valid ? 0 : 1;
  options.commands.forEach((command, i) => {
    if (options.echo && !options.json) process.stdout.write(`$ ${command}\n`);
    const run = runCommand(cluster, i + 1, command, options);
    runs.push(run);
    if (run.exit !== 0) status = run.exit ?? 124;
    if (run.exit === null)
      process.stderr.write(`sim: stopped after ${options.limitSeconds} s of virtual time\n`);
    if (run.requests !== undefined && !options.json) process.stdout.write(traceText(run.requests));
    if (options.settle) cluster.runUntilSettled(options.settleSeconds * SECOND);
  });
  if (options.json) {
    const { seed } = options;
    process.stdout.write(
      `${JSON.stringify({ seed, settled, nowNs: cluster.clock.nowNs, apply: applied, commands: runs }, null, 2)}\n`,
    );
  }
  return status;
}

process.exitCode = main(process.argv.slice(2));
