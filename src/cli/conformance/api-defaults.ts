/**
 * conformance/api/defaults.json against the API server: the object right after defaulting as a whole, and what strategies,
 * admission plugins and allocators add when it is created.
 */
import { canonicalJson } from '../../lib/plain';
import { inPrefix } from '../../lib/ip';
import { Clock } from '../../sim/clock/clock';
import { ApiError } from '../../sim/api/errors';
import { decode } from '../../sim/api/decode';
import { rulesOf } from '../../sim/api/kinds/registry';
import { resourceOf } from '../../sim/api/kinds/resources';
import type { ApiObject } from '../../sim/api/object';
import type { Draft } from '../../sim/api/rules';
import { ApiServer } from '../../sim/api/server';
import { Store } from '../../sim/api/store';
import { compareTexts, type CaseResult, type Format } from './result';

interface DefaultsCase {
  readonly id: string;
  readonly input: ApiObject;
  readonly defaulted: unknown;
  readonly set: readonly { readonly path: string; readonly value: unknown; readonly by: string }[];
}

/** Dot path with [i] and ["key"]. */
function at(object: unknown, path: string): unknown {
  let value = object;
  for (const [, name, quoted, index] of path.matchAll(/([^.[\]"]+)(?=[.[]|$)|\["([^"]+)"\]|\[(\d+)\]/g)) {
    const key = index ?? quoted ?? name ?? '';
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  return value;
}

function defaulted(input: ApiObject): ApiObject {
  const { object } = decode(input);
  rulesOf(input.kind, input.apiVersion).default?.(object as Draft<ApiObject>);
  return object;
}

function created(input: ApiObject): ApiObject {
  const store = new Store({ clock: new Clock(1) });
  const server = new ApiServer(store);
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  store.create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'the-default', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'example.com/c' },
  });
  const namespaced = resourceOf(input.kind, input.apiVersion).namespaced;
  const metadata = namespaced ? { namespace: 'default', ...input.metadata } : input.metadata;
  return server.create({ ...input, metadata });
}

/** Values that chance decides are put back to the placeholders of the cases when they are of the right kind. */
function settled(wanted: unknown, got: unknown): unknown {
  if (wanted === '$nodePort') return typeof got === 'number' && got >= 30_086 && got <= 32_767 ? wanted : got;
  if (wanted === '$clusterIP') return typeof got === 'string' && inPrefix(got, '10.96.0.0/16') ? wanted : got;
  if (wanted === '$defaultClass') return got === 'the-default' ? wanted : got;
  const text = canonicalJson(got ?? null);
  return JSON.parse(
    text.replace(/kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}/g, 'kube-api-access-$suffix5'),
  );
}

function run(one: DefaultsCase): CaseResult {
  const whole = compareTexts(one.id, canonicalJson(one.defaulted), canonicalJson(defaulted(one.input)));
  const later = one.set.filter(({ by }) => by !== 'defaulting');
  if (whole.status === 'failed' || later.length === 0) return whole;
  const object = created(one.input);
  const lines = (value: (entry: DefaultsCase['set'][number]) => unknown) =>
    later.map((entry) => `${entry.path}: ${canonicalJson(value(entry) ?? null)}`).join('\n');
  return compareTexts(
    one.id,
    lines((entry) => entry.value),
    lines((entry) => settled(entry.value, at(object, entry.path))),
  );
}

const defaults: Format = (data, only) =>
  (data as { readonly cases: readonly DefaultsCase[] }).cases
    .filter((one) => only === undefined || one.id.includes(only))
    .map((one) => {
      try {
        return run(one);
      } catch (error) {
        const got = error instanceof ApiError ? error.message : String(error);
        return { id: one.id, status: 'failed', expected: 'the object is admitted', got };
      }
    });

export const formats: Readonly<Record<string, Format>> = { 'defaults.json': defaults };
