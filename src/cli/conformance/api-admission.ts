/** Whether the API server takes an object: for the admission parts of ingress.json, gateway.json and edge.json. */
import { Clock } from '../../sim/clock/clock';
import { ApiError } from '../../sim/api/errors';
import { resourceOf } from '../../sim/api/kinds/resources';
import type { ApiObject } from '../../sim/api/object';
import { ApiServer } from '../../sim/api/server';
import { Store } from '../../sim/api/store';

/** Null when the object is stored by a server that has its namespace, else the server's message. */
export function refusalOf(object: ApiObject): string | null {
  const store = new Store({ clock: new Clock(1) });
  const server = new ApiServer(store);
  const namespace = object.metadata.namespace ?? 'default';
  store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const { namespaced } = resourceOf(object.kind, object.apiVersion);
  const metadata = namespaced ? { ...object.metadata, namespace } : object.metadata;
  try {
    server.create({ ...object, metadata });
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}
