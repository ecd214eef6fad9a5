/** Label and field selectors as `-l` and `--field-selector` take them (apimachinery pkg/labels, pkg/fields). */
import { ApiError } from '../../api/errors';
import type { Resource } from '../../api/kinds/resources';
import type { ApiObject } from '../../api/object';
import { str } from './read';

/** One requirement of a label selector; all must hold. */
interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

class ParseError extends Error {}

function lex(text: string): string[] {
  return text.match(/!=|==|=|[!,()<>]|[^\s!=,()<>]+/g) ?? [];
}

function parseValues(tokens: string[]): string[] {
  const values: string[] = [];
  if (tokens.shift() !== '(') throw new ParseError("found '', expected: '('");
  for (let token = tokens.shift(); token !== ')'; token = tokens.shift()) {
    if (token === undefined) throw new ParseError("found '', expected: ',', or ')'");
    if (token !== ',') values.push(token);
  }
  return values;
}

function parseRequirement(tokens: string[]): Requirement {
  const negated = tokens[0] === '!';
  if (negated) tokens.shift();
  const key = tokens.shift();
  if (key === undefined || /^[=,()<>]/.test(key))
    throw new ParseError(`found '${key ?? ''}', expected: !, identifier`);
  if (negated) return { key, operator: 'absent', values: [] };
  const operator = tokens[0];
  if (operator === undefined || operator === ',') return { key, operator: 'exists', values: [] };
  tokens.shift();
  if (operator === '=' || operator === '==' || operator === '!=') {
    const value = tokens[0] === undefined || tokens[0] === ',' ? '' : tokens.shift()!;
    return { key, operator: operator === '!=' ? 'notin' : 'in', values: [value] };
  }
  if (operator !== 'in' && operator !== 'notin') {
    throw new ParseError(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  }
  return { key, operator, values: parseValues(tokens) };
}

function parse(text: string): Requirement[] {
  const tokens = lex(text);
  const all: Requirement[] = [];
  while (tokens.length > 0) {
    all.push(parseRequirement(tokens));
    const next = tokens.shift();
    if (next !== undefined && next !== ',')
      throw new ParseError(`found '${next}', expected: ',' or 'end of string'`);
  }
  return all;
}

function holds(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[requirement.key];
  switch (requirement.operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
  }
}

function refuse(resource: Resource, labels: string, fields: string, why: string): ApiError {
  const groupVersion = `${resource.group}/${resource.version}`;
  return new ApiError(
    'BadRequest',
    400,
    `Unable to find "${groupVersion}, Resource=${resource.plural}" that match label selector "${labels}", ` +
      `field selector "${fields}": ${why}`,
  );
}

const COMMON_FIELDS = ['metadata.name', 'metadata.namespace'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
  Node: ['spec.unschedulable'],
  Service: ['spec.clusterIP', 'spec.type'],
  Namespace: ['status.phase'],
  Secret: ['type'],
  ReplicaSet: ['status.replicas'],
  ReplicationController: ['status.replicas'],
  Job: ['status.successful'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

function fieldValue(object: ApiObject, name: string): string {
  if (name === 'source') return str(object, 'source.component') || str(object, 'reportingComponent');
  if (name === 'status.successful') return str(object, 'status.succeeded') || '0';
  if (name === 'spec.hostNetwork' || name === 'spec.unschedulable') return str(object, name) || 'false';
  if (name === 'status.podIPs') return str(object, 'status.podIP');
  return str(object, name);
}

/** A test for objects of that resource. Throws ApiError (BadRequest) for what the server does not understand. */
export function selectorTest(
  resource: Resource,
  labels: string,
  fields: string,
): (object: ApiObject) => boolean {
  let requirements: Requirement[];
  try {
    requirements = parse(labels);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw refuse(resource, labels, fields, `unable to parse requirement: ${error.message}`);
  }
  const known = [...COMMON_FIELDS, ...(FIELDS[resource.kind] ?? [])];
  const terms = fields
    .split(',')
    .filter((term) => term.trim() !== '')
    .map((term) => {
      const m = /^\s*(.+?)\s*(!=|==?)\s*(.*?)\s*$/.exec(term);
      if (m === null)
        throw refuse(resource, labels, fields, `invalid selector: '${term}'; can't understand '${term}'`);
      if (!known.includes(m[1]!)) {
        throw refuse(resource, labels, fields, `field label not supported: ${m[1]}`);
      }
      return { name: m[1]!, equal: m[2] !== '!=', value: m[3]! };
    });
  return (object) =>
    requirements.every((requirement) => holds(requirement, object.metadata.labels ?? {})) &&
    terms.every((term) => (fieldValue(object, term.name) === term.value) === term.equal);
}
