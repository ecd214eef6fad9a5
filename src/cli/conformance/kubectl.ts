/**
 * Conformance of kubectl's tables, describe pages, durations and captured outputs (conformance/api/kubectl.json): objects
 * are put into the real store as given, commands are typed into the real shell.
 */
import { ApiError } from '../../sim/api/errors';
import { ApiServer } from '../../sim/api/server';
import { Store } from '../../sim/api/store';
import type { ApiObject } from '../../sim/api/object';
import { kindKey } from '../../sim/api/kinds/resources';
import { EPOCH_SECONDS } from '../../sim/api/time';
import { Clock, SECOND } from '../../sim/clock/clock';
import { bareShell } from '../../sim/shell/bare-world';
import { humanDuration, parseTime } from '../../sim/shell/kubectl/time';
import type { Output, Ran, RunOptions } from './kubectl-case';
import { runOutputs } from './kubectl-outputs';
import { compareTexts } from './result';
import type { CaseResult, Format } from './result';

interface Row {
  readonly id: string;
  readonly object: ApiObject;
  readonly row: string;
  readonly wide?: string;
}

interface KubectlFile {
  readonly tables: { readonly rows: readonly Row[] };
  readonly duration: { readonly examples: readonly { readonly seconds: number; readonly text: string }[] };
  readonly outputs: readonly Output[];
  readonly generators?: readonly Omit<Output, 'id' | 'category'>[];
}

/** The moment at which the tables of the file were made. */
const TABLE_NOW = '2025-06-01T12:00:00Z';

/** Types a line into a shell whose cluster holds exactly these objects, at a moment in seconds since 1970. */
export function runLine(
  objects: readonly ApiObject[],
  line: string,
  nowSeconds: number,
  options: RunOptions = {},
): Ran {
  const clock = new Clock(1);
  const store = new Store({ clock });
  const server = new ApiServer(store);
  const tables = new Map<string, ApiObject[]>();
  const namespaces = objects.filter((object) => object.kind === 'Namespace');
  store.restore({ version: 1, tables: new Map([['Namespace', namespaces]]), revisions: new Map() });
  for (const object of objects) {
    const key = kindKey(object.kind, object.apiVersion);
    tables.set(key, [...(tables.get(key) ?? []), options.admit ? admitted(server, object) : object]);
  }
  const place = (o: ApiObject) => `${o.metadata.namespace ?? ''}/${o.metadata.name}`;
  for (const rows of tables.values()) rows.sort((a, b) => (place(a) < place(b) ? -1 : 1));
  store.restore({ version: 1, tables, revisions: new Map() });
  const start = (nowSeconds - EPOCH_SECONDS) * SECOND;
  const shell = bareShell(server, clock, {
    nowNs: () => start + clock.nowNs,
    ...(options.files === undefined ? {} : { files: options.files }),
  });
  const id = shell.type(line);
  const limit = (options.limitSeconds ?? 60) * SECOND;
  const later = [...(options.later ?? [])];
  while (shell.sessions.isRunning(id)) {
    const timer = clock.take();
    if (timer === undefined || timer.atNs > limit) break;
    const next = later.shift();
    if (next !== undefined) {
      const key = kindKey(next.kind, next.apiVersion);
      tables.set(key, [...tables.get(key)!.filter((o) => place(o) !== place(next)), next]);
      store.restore({ version: 1, tables, revisions: new Map() });
    }
    shell.sessions.handle(timer.event);
    removeTerminated(store);
  }
  return { ...shell.transcripts.get(id)! };
}

/** An object as it would have been stored, its own metadata and status kept; as given when the server refuses it. */
function admitted(server: ApiServer, object: ApiObject): ApiObject {
  if (object.kind === 'Namespace') return object;
  try {
    const { status: _status, ...stored } = server.create(object, { dryRun: true });
    const status = object['status'];
    return {
      ...(stored as ApiObject),
      metadata: object.metadata,
      ...(status === undefined ? {} : { status }),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return object;
  }
}

/** Stands in for the kubelet: a pod that was told to stop has stopped. */
function removeTerminated(store: Store): void {
  for (const { metadata } of store.list('Pod')) {
    if (metadata.deletionTimestamp !== undefined) {
      store.delete('Pod', metadata.namespace ?? '', metadata.name, { gracePeriodSeconds: 0 });
    }
  }
}

/** The object's line in a table of its own, with the widths of the header or without one. */
function lineOf(row: Row, flags: string): string {
  const { kind, metadata } = row.object;
  const namespace = metadata.namespace === undefined ? '' : ` -n ${metadata.namespace}`;
  const command = `kubectl get ${kind.toLowerCase()} ${metadata.name}${namespace}${flags}`;
  const ran = runLine([row.object], command, parseTime(TABLE_NOW)!);
  return ran.stderr + (ran.stdout.trimEnd() === '' ? '' : ran.stdout.split('\n').slice(-2)[0]!);
}

/** Some rows were captured with a header above them and some without: either layout is right. */
function runRow(row: Row): CaseResult {
  const expected = `${row.row}\n${row.wide ?? row.row}`;
  const layouts = [' --no-headers', ''].map(
    (flags) => `${lineOf(row, flags)}\n${lineOf(row, `${flags} -o wide`)}`,
  );
  return compareTexts(row.id, expected, layouts.find((text) => text === expected) ?? layouts[0]!);
}

function kubectlFile(data: unknown, only = ''): CaseResult[] {
  const file = data as KubectlFile;
  const wanted = (id: string) => id.includes(only);
  const rows = (file.tables?.rows ?? []).filter(({ id }) => wanted(id)).map(runRow);
  const spans = (file.duration?.examples ?? [])
    .map(({ seconds, text }) => ({ id: `duration-${seconds}`, seconds, text }))
    .filter(({ id }) => wanted(id))
    .map(({ id, seconds, text }) => compareTexts(id, text, humanDuration(seconds)));
  const generated = (file.generators ?? []).map((output, i): Output => ({
    ...output,
    id: `generator-${String(i + 1).padStart(3, '0')}`,
    category: 'generator',
  }));
  const outputs = [...(file.outputs ?? []), ...generated].filter(({ id }) => wanted(id));
  const tableObjects = (file.tables?.rows ?? []).map(({ object }) => object);
  return [...rows, ...spans, ...runOutputs(outputs, tableObjects, runLine)];
}

/** The formats that this file knows, by file name. */
export const formats: Readonly<Record<string, Format>> = { 'kubectl.json': kubectlFile };
