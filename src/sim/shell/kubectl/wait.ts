/** `kubectl wait` (kubectl pkg/cmd/wait). */
import { ApiError } from '../../api/errors';
import type { Resource } from '../../api/kinds/resources';
import type { ApiObject } from '../../api/object';
import { SECOND } from '../../clock/clock';
import { WATCH_EVERY_NS } from '../shell';
import type { Step } from '../shell';
import { UsageError } from './api';
import type { Kubectl, Verb } from './context';
import { DONE } from './context';
import { JsonPathError, relaxedPath, valueText, walk } from './jsonpath';
import { list, str } from './read';
import { fetchAll, parseTargets, printedName } from './targets';
import { NO_RESOURCES, printErrors } from './write';

type Condition =
  | { readonly kind: 'delete' | 'create' }
  | { readonly kind: 'condition'; readonly type: string; readonly status: string }
  | { readonly kind: 'jsonpath'; readonly path: string; readonly value: string | null };

function parseCondition(text: string): Condition {
  const lower = text.toLowerCase();
  if (lower === 'delete' || lower === 'create') return { kind: lower };
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(text);
  if (condition !== null) return { kind: 'condition', type: condition[1]!, status: condition[2] ?? 'true' };
  const path = /^jsonpath=(.*)$/s.exec(text);
  if (path !== null) {
    const m = /^['"]?(\{.*?\}|[^=]+)['"]?(?:=(.*))?$/s.exec(path[1]!);
    if (m?.[2] === '') {
      throw new UsageError(
        "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
      );
    }
    if (m === null || m[1] === '') throw new UsageError('jsonpath expression cannot be empty');
    return { kind: 'jsonpath', path: m[1]!, value: m[2] ?? null };
  }
  throw new UsageError(`unrecognized condition: ${JSON.stringify(text)}`);
}

function met(object: ApiObject, condition: Condition): boolean {
  if (condition.kind === 'create') return true;
  if (condition.kind === 'condition') {
    const found = list(object, 'status.conditions').find(
      (c) => str(c, 'type').toLowerCase() === condition.type.toLowerCase(),
    );
    return found !== undefined && str(found, 'status').toLowerCase() === condition.status.toLowerCase();
  }
  if (condition.kind !== 'jsonpath') return false;
  try {
    const values = walk(relaxedPath(condition.path), [object]);
    return condition.value === null
      ? values.length > 0
      : values.some((value) => valueText(value) === condition.value);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new UsageError(error.message);
  }
}

interface Waiting {
  readonly left: readonly {
    readonly resource: Resource;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  }[];
  readonly condition: Condition;
  readonly untilNs: number;
}

const WEEK_MS = 7 * 24 * 3_600_000;

function run(k: Kubectl): Step {
  const condition = parseCondition(k.flags.text('for'));
  if (k.args.length === 0 && !k.flags.has('filename')) throw new UsageError(NO_RESOURCES);
  const { targets } = parseTargets(k, k.args, { all: k.flags.bool('all') });
  const given = k.flags.duration('timeout');
  const timeoutMs = given < 0 ? WEEK_MS : given;
  const untilNs = k.world.nowNs + (timeoutMs / 1000) * SECOND;
  const fetched = fetchAll(k, targets);
  const awaited = condition.kind === 'create' || condition.kind === 'delete';
  const fault = fetched.errors.find(
    (error) => !(awaited && error instanceof ApiError && error.reason === 'NotFound'),
  );
  if (fault !== undefined) throw fault;
  if (fetched.found.length === 0 && fetched.errors.length === 0) {
    if (condition.kind === 'delete') return DONE;
    throw new UsageError('no matching resources found');
  }
  const named =
    condition.kind === 'create'
      ? targets.flatMap((t) =>
          t.name === null
            ? []
            : [{ resource: t.resource, namespace: t.namespace ?? '', name: t.name, uid: '' }],
        )
      : fetched.found.map(({ resource, object }) => ({
          resource,
          namespace: object.metadata.namespace ?? '',
          name: object.metadata.name,
          uid: object.metadata.uid ?? '',
        }));
  return look(k, { left: named, condition, untilNs });
}

function look(k: Kubectl, state: Waiting): Step {
  const left: Waiting['left'][number][] = [];
  for (const one of state.left) {
    const object = k.api.get(one.resource, one.namespace, one.name);
    const gone = object === undefined || (one.uid !== '' && (object.metadata.uid ?? '') !== one.uid);
    const done =
      state.condition.kind === 'delete'
        ? gone
        : object !== undefined && !gone && met(object, state.condition);
    if (done) k.io.out(`${printedName(one.resource, one.name)} condition met\n`);
    else if (gone && state.condition.kind !== 'create' && state.condition.kind !== 'delete') {
      throw new ApiError('NotFound', 404, `${one.resource.plural} "${one.name}" not found`);
    } else left.push(one);
  }
  if (left.length === 0) return DONE;
  if (k.world.nowNs >= state.untilNs) {
    const late = left.map(
      ({ resource, name }) =>
        new UsageError(`timed out waiting for the condition on ${resource.plural}/${name}`),
    );
    return printErrors(k, late);
  }
  return { state: { ...state, left }, afterNs: WATCH_EVERY_NS };
}

export const waitVerb: Verb = { path: 'wait', run, resume: (k, state) => look(k, state as Waiting) };
