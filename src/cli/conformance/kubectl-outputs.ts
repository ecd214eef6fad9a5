/** Captured kubectl outputs: the cluster that a capture shows or implies, the line typed, and releases made alike. */
import type { ApiObject } from '../../sim/api/object';
import { CONTEXT_NAME } from '../../sim/shell/kubectl/context';
import { parseTime } from '../../sim/shell/kubectl/time';
import type { Output, Ran, RunOptions } from './kubectl-case';
import { rolloutStates } from './kubectl-rollout';
import { sceneOf, wordsOf } from './kubectl-scene';
import type { CaseResult } from './result';
import { inImpliedWorld } from './result';

type Run = (objects: readonly ApiObject[], line: string, nowSeconds: number, options?: RunOptions) => Ran;

const TABLE_NOW = parseTime('2025-06-01T12:00:00Z')!;

/** All times in an object, seconds since 1970. */
function timesIn(value: unknown): number[] {
  if (typeof value === 'string') {
    const time = parseTime(value);
    return time === null ? [] : [time];
  }
  if (Array.isArray(value)) return value.flatMap(timesIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(timesIn) : [];
}

/** A capture of kubectl 1.32 as 1.35 prints the same (versionNotes of the file). */
function asTarget(text: string, command: string): string {
  const words = wordsOf(command);
  const at = words.lastIndexOf('-n');
  const namespace = at < 0 ? 'default' : words[at + 1];
  return text
    .replace(/kubectl\.1\.32/g, 'kubectl')
    .replace(/^ *creationTimestamp: null\n/gm, '')
    .replace(/^metadata:\n(?=\S)/gm, 'metadata: {}\n')
    .replace(/^( +)metadata:\n(?=\1\S)/gm, '$1metadata: {}\n')
    .replace(
      /^([a-z]+)(\S*) "(\S+)" ((?:force )?deleted(?: \(.*\))?)$/gm,
      (line, kind: string, _group, _name, _done) =>
        ['namespace', 'node', 'persistentvolume'].includes(kind)
          ? line
          : `${line} from ${namespace} namespace`,
    )
    .replace(/\[\]string\{(.*?)\}/g, '[$1]');
}

/** What depends on chance, the clock or the name of the installation. */
function neutral(text: string): string {
  return text
    .replace(/^[WIE]\d{4} [\d:.]+ +\d+ /gm, '[klog] ')
    .replaceAll(CONTEXT_NAME, 'sim')
    .replace(/v\d+\.\d+\.\d+/g, 'vX')
    .replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/gm, '-XXXXX')
    .replace(/^CURRENT +NAME +CLUSTER +AUTHINFO +NAMESPACE$/gm, 'CURRENT NAME CLUSTER AUTHINFO NAMESPACE')
    .replace(/^\* +sim +\S+ +\S+ */gm, '* sim CLUSTER USER ')
    .replace(/^( *(?:creationTimestamp|resourceVersion|uid): ).*$/gm, '$1X');
}

function textOf(ran: { stdout: string; stderr: string; code: number | null }): string {
  return `${ran.stdout}--- stderr\n${ran.stderr}--- exit ${ran.code ?? 'none'}\n`;
}

function expectedOf(output: Output): string {
  const { command } = output;
  return textOf({
    stdout: asTarget(output.stdout, command),
    stderr: asTarget(output.stderr, command),
    code: output.exit,
  });
}

/** Objects are given: the moment of the capture is not, so the seconds after the times in them are tried. */
function runGiven(output: Output, run: Run): CaseResult {
  const objects = output.objects!;
  const expected = expectedOf(output);
  const newest = Math.max(0, ...timesIn(objects));
  const oldest = Math.min(newest, ...timesIn(objects));
  const namespaces = ['default', 'empty'].map((name): ApiObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
    status: { phase: 'Active' },
  }));
  const given = new Set(objects.filter((o) => o.kind === 'Namespace').map((o) => o.metadata.name));
  const all = [...namespaces.filter((ns) => !given.has(ns.metadata.name)), ...objects];
  let got = '';
  for (const start of newest - oldest > 3600 ? [newest] : [newest, oldest, oldest + 300]) {
    for (let seconds = 0; seconds <= 120; seconds++) {
      const text = textOf(run(all, output.command, start + seconds + 0.5));
      const hasAges = /\d[smhd]\b/.test(text);
      if (text === expected) {
        const passed = { id: output.id, status: 'passed' } as const;
        return hasAges ? inImpliedWorld(passed) : passed;
      }
      if (got === '') got = text;
      if (!hasAges) break;
    }
  }
  return { id: output.id, status: 'failed', expected, got };
}

/** Commands that the simulator leaves out, and captures that need a server with users, or none at all. */
const LEFT_OUT: readonly RegExp[] = [
  /^kubectl (edit|plugin|attach|cp|debug|proxy|certificate|completion|kustomize) ?/,
  /^kubectl config (view|use-context$)/,
  /^kubectl -s /,
  /--raw/,
];
const NEEDS_MORE: readonly RegExp[] = [/Forbidden/, /has been forbidden/];

function isLeftOut(output: Output): boolean {
  // What programs print, and forwarded ports: the capture does not say what runs in its containers.
  const streams =
    /^kubectl (logs|exec|port-forward) /.test(output.command) && output.exit === 0 && output.stdout !== '';
  // Captured with a server that has metrics, and with texts of a schema that the file does not hold.
  const foreign = /^kubectl (top|explain) /.test(output.command) && output.exit === 0;
  const watches = / -w( |$)/.test(output.command);
  return (
    streams ||
    foreign ||
    watches ||
    LEFT_OUT.some((pattern) => pattern.test(output.command)) ||
    NEEDS_MORE.some((pattern) => pattern.test(output.stderr))
  );
}

/** Cells of a table's lines, for a list of which not all objects are known here. */
function cellsByName(text: string): Map<string, string> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [
        line.split(/\s+/)[0]!,
        line
          .trim()
          .split(/\s{2,}/)
          .join(' | '),
      ]),
  );
}

/** True when every line that was printed stands in the capture: a list of objects of which the file gives only some. */
function isPartOf(got: Ran, output: Output): boolean {
  if (got.code !== output.exit || got.stdout.split('\n').length < 3) return false;
  const wanted = cellsByName(output.stdout);
  return [...cellsByName(got.stdout)].every(([name, cells]) => wanted.get(name) === cells);
}

function runImplied(output: Output, tableObjects: readonly ApiObject[], run: Run): CaseResult {
  const { id } = output;
  if (isLeftOut(output)) return { id, status: 'not-run' };
  const scene = sceneOf(output);
  if (scene === null) return { id, status: 'not-run' };
  const expected = neutral(expectedOf(output));
  const options = { files: scene.files, limitSeconds: 120, admit: true };
  // The capture's installation has a name of its own.
  const command = output.command.replace(/(?<=^kubectl config .*)\bsim\b/, CONTEXT_NAME);
  const line = / -f -(?: |$)/.test(command)
    ? `${command} <<EOF\n${scene.files[0]?.text ?? ''}\nEOF`
    : command;
  const [first, ...later] = rolloutStates(output);
  const objects =
    first === undefined
      ? scene.objects
      : [
          ...scene.objects.filter((o) => o.kind !== first.kind || o.metadata.name !== first.metadata.name),
          first,
        ];
  const alone = run(
    objects,
    line,
    TABLE_NOW,
    first === undefined ? options : { ...options, later, admit: false },
  );
  const got = withoutForeign(neutral(textOf(alone)), expected);
  if (got === expected) return { id, status: 'passed' };
  if (!/^kubectl get /.test(output.command) || output.exit !== 0)
    return { id, status: 'failed', expected, got };
  const given = new Set(tableObjects.filter((o) => o.kind === 'Namespace').map((o) => o.metadata.name));
  const namespaces = scene.objects.filter((o) => o.kind === 'Namespace' && !given.has(o.metadata.name));
  const listed = run([...tableObjects, ...namespaces], output.command, TABLE_NOW);
  if (neutral(textOf(listed)) === expected || isPartOf(listed, output)) return { id, status: 'passed' };
  // A list of objects that the file does not hold says nothing about the printer.
  return knowsAll(output, tableObjects) ? { id, status: 'failed', expected, got } : { id, status: 'not-run' };
}

/** The captured server had not installed the Gateway API everywhere. */
function withoutForeign(got: string, expected: string): string {
  if (expected.includes('gateway.networking')) return got;
  return got
    .split('\n')
    .filter((line) => !line.includes('gateway.networking'))
    .join('\n');
}

/** True when every object in a captured list is among the file's own. */
function knowsAll(output: Output, tableObjects: readonly ApiObject[]): boolean {
  const names = new Set(tableObjects.map((object) => object.metadata.name));
  return [...cellsByName(output.stdout).keys()].every(
    (name) => /^[A-Z]+$/.test(name) || names.has(name.slice(name.lastIndexOf('/') + 1)),
  );
}

/** Runs captured outputs: those that name their objects exactly, the others, marked so, in the scene that they imply. */
export function runOutputs(
  outputs: readonly Output[],
  tableObjects: readonly ApiObject[],
  run: Run,
): CaseResult[] {
  return outputs.map((output) =>
    output.objects === undefined
      ? inImpliedWorld(runImplied(output, tableObjects, run))
      : runGiven(output, run),
  );
}
