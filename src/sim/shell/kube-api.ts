/** Discovery and requests of the simulated API server, in the form in which kubectl asks. */
import { RESOURCES, kindKey, resourceOf } from '../api/kinds/resources';
import type { Resource } from '../api/kinds/resources';
import type { ApiServer } from '../api/server';
import type { KubeApi } from './kubectl/api';

/** A client of that server. */
export function kubeApi(server: ApiServer): KubeApi {
  const { store } = server;
  const key = (resource: Resource) => kindKey(resource.kind, resource.apiVersion);
  return {
    resources: () => [...RESOURCES, ...strangers(server)],
    get: (resource, namespace, name) => store.get(key(resource), resource.namespaced ? namespace : '', name),
    list: (resource, namespace) => store.list(key(resource), resource.namespaced ? namespace : undefined),
    create: (object, options) => server.create(object, options),
    update: (object, options) => server.update(object, options),
    apply: (object, options) => server.apply(object, { ...options, patchWords: true }),
    delete: (resource, namespace, name, options) =>
      server.delete(key(resource), resource.namespaced ? namespace : '', name, options),
  };
}

/** Resources that nobody declared and somebody stored objects of, as if their definitions had been installed. */
function strangers(server: ApiServer): Resource[] {
  const found: Resource[] = [];
  for (const kind of server.store.kinds()) {
    const object = server.store.list(kind)[0];
    const resource = object && resourceOf(object.kind, object.apiVersion);
    if (object === undefined || resource === undefined || RESOURCES.includes(resource)) continue;
    // Whether it has namespaces is told by its objects.
    found.push({ ...resource, namespaced: object.metadata.namespace !== undefined });
  }
  return found;
}
