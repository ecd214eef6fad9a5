/**
 * conformance/api/validation.json against the API server: the manifest is parsed and admitted as the page would do it, and
 * every field error must be there, word for word, in the form of a 1.34 or newer server. Cases of kubectl's own mistakes
 * are compared where the parser makes them.
 */
import { parse } from 'yaml';
import { Clock } from '../../sim/clock/clock';
import { ApiError } from '../../sim/api/errors';
import { kindKey } from '../../sim/api/kinds/resources';
import type { ApiObject } from '../../sim/api/object';
import { ApiServer } from '../../sim/api/server';
import { Store } from '../../sim/api/store';
import { EPOCH_SECONDS } from '../../sim/api/time';
import { parseFile } from '../../sim/manifests/parse';
import { runLine } from './kubectl';
import { compareTexts, inImpliedWorld, type CaseResult, type Format } from './result';

interface FieldErrorCase {
  readonly field: string;
  readonly type: string;
  readonly message: string;
  readonly message_1_34?: string;
}

interface Outcome {
  readonly valid: boolean;
  readonly errors?: readonly FieldErrorCase[];
  readonly server_message?: string;
}

interface ValidationCase extends Outcome {
  readonly id: string;
  readonly manifest: string;
  readonly op?: 'update';
  readonly before?: string;
  readonly context?: {
    readonly usedNodePorts?: readonly number[];
    readonly usedClusterIPs?: readonly string[];
  };
  readonly phase?: 'decode' | 'client';
  readonly http?: { readonly code: number; readonly reason: string };
  readonly kubectl?: {
    readonly command?: string;
    readonly stdout?: string;
    readonly stderr?: string;
    readonly exit?: number;
  };
  readonly v1_34?: Outcome;
}

/** A server with the namespaces that the cases live in, and what the context says is taken. */
function world(one: ValidationCase): ApiServer {
  const store = new Store({ clock: new Clock(1) });
  const server = new ApiServer(store);
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  for (const [i, nodePort] of (one.context?.usedNodePorts ?? []).entries())
    server.create(taken(`taken-port-${i}`, { type: 'NodePort', ports: [{ port: 1, nodePort }] }));
  for (const [i, clusterIP] of (one.context?.usedClusterIPs ?? []).entries())
    server.create(taken(`taken-ip-${i}`, { clusterIP, ports: [{ port: 1 }] }));
  return server;
}

function taken(name: string, spec: object): ApiObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
}

/**
 * The object of a server-side case. These were written for a YAML 1.2 reader, in which `image: y` is a text and not the
 * boolean that kubectl makes of it; what kubectl makes of texts is the subject of the cases that have a phase.
 */
function firstObject(text: string, phase: ValidationCase['phase']): ApiObject | null {
  if (phase !== undefined) return parseFile({ name: 'x.yaml', text }).objects[0]?.object ?? null;
  const asJson = JSON.stringify(parse(text));
  return parseFile({ name: 'x.yaml', text: asJson }).objects[0]?.object ?? null;
}

function errorLines(errors: readonly { field: string; message: string }[]): string {
  return errors.map((error) => `${error.field}: ${error.message}`).join('\n');
}

/** What the server says: "valid", or its field errors one a line, or its message when there are none. */
function serverSays(one: ValidationCase): string {
  const server = world(one);
  const object = firstObject(one.manifest, one.phase);
  if (object === null) return `not parsed: ${parseFile({ name: 'x.yaml', text: one.manifest }).kubectlError}`;
  try {
    if (one.op === 'update') update(server, object, one.before ?? '');
    else server.create(object);
    return 'valid';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const causes = error.details.causes ?? [];
    return causes.length > 0 ? errorLines(causes) : error.message;
  }
}

/** The old object is stored as given, then replaced by a PUT. */
function update(server: ApiServer, object: ApiObject, before: string): void {
  const old = firstObject(before, undefined);
  if (old === null) throw new Error('the case has no object to update');
  server.store.create(old);
  const key = kindKey(object.kind, object.apiVersion);
  if (server.store.get(key, object.metadata.namespace ?? '', object.metadata.name) === undefined)
    throw new Error('the case updates another object');
  server.update(object);
}

function expected(one: ValidationCase): string {
  const outcome = one.v1_34 ?? one;
  if (outcome.valid) return 'valid';
  const errors = outcome.errors ?? [];
  if (one.phase === 'decode') return outcome.server_message ?? errorLines(errors);
  return errorLines(
    errors.map((error) => ({ field: error.field, message: error.message_1_34 ?? error.message })),
  );
}

/**
 * Mistakes that kubectl finds by itself: the command is typed into the simulator's terminal. What has to be there already
 * follows from the answer: an object that "already exists" or is "configured" was made before, without apply.
 */
function clientCase(one: ValidationCase): CaseResult {
  const { command = '', stdout = '', stderr = '', exit = 0 } = one.kubectl ?? {};
  const namespace: ApiObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } };
  const parsed = parseFile({ name: 'x.yaml', text: one.manifest });
  const before = /already exists| configured/.test(stdout + stderr)
    ? parsed.objects.map(({ object }) => object)
    : [];
  const ran = runLine([namespace, ...before], command, EPOCH_SECONDS, {
    files: [{ name: 'x.yaml', text: one.manifest }],
    admit: true,
  });
  const shown = (out: string, err: string, code: number | null) => `${out}${withoutKlog(err)}exit ${code}`;
  const result = compareTexts(one.id, shown(stdout, stderr, exit), shown(ran.stdout, ran.stderr, ran.code));
  return before.length > 0 ? inImpliedWorld(result) : result;
}

/** Time, process and source line of a klog line differ from run to run. */
function withoutKlog(text: string): string {
  return text.replace(/^([IWEF])\d{4} [\d:.]+ +\d+ /gm, '$1 ');
}

const validation: Format = (data, only) =>
  (data as readonly ValidationCase[])
    .filter((one) => only === undefined || one.id.includes(only))
    .map((one) => {
      try {
        if (one.phase === 'client') return clientCase(one);
        return compareTexts(one.id, expected(one), serverSays(one));
      } catch (error) {
        return { id: one.id, status: 'failed', expected: expected(one), got: String(error) };
      }
    });

export const formats: Readonly<Record<string, Format>> = { 'validation.json': validation };
