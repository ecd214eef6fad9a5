/** Label and field selectors as `-l` and `--field-selector` take them (apimachinery pkg/labels, pkg/fields). */
import { ApiError } from '../../api/errors';
import type { Resource } from '../../api/kinds/resources';
import type { ApiObject } from '../../api/object';
import { SelectorError, holds, parseSelector } from './label-selector';
import type { Requirement } from './label-selector';
import { str } from './read';

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
  let requirements: readonly Requirement[];
  try {
    requirements = parseSelector(labels);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw refuse(resource, labels, fields, error.message);
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
