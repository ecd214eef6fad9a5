/**
 * The older form of the same news: one Endpoints object for every Service with a selector. kube-proxy and DNS do not read
 * it; `kubectl get endpoints` and old clients do. Upstream: pkg/controller/endpoint.
 */
import { sameValue } from '../../api/equal';
import type { Endpoints } from '../../api/kinds/endpointslice';
import type { Pod } from '../../api/kinds/pod';
import type { Service } from '../../api/kinds/service';
import type { Component, WatchEvent } from '../../api/watch';
import { keyOf, splitKey, type ControllerDeps } from '../deps';
import { changedServices } from '../endpointslice/controller';
import { PodsByLabel } from '../endpointslice/pods';
import { subsetsOf } from './subsets';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const CONTROLLER = 'endpoint-controller';
const HEADLESS = 'service.kubernetes.io/headless';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

export class EndpointsController implements Component {
  readonly name = 'controllers/endpoints';
  readonly watches = ['Pod', 'Service', 'Endpoints'];
  private readonly pods = new PodsByLabel();

  constructor(private readonly deps: ControllerDeps) {}

  keysFor(event: WatchEvent): readonly string[] {
    if (event.object.kind === 'Pod') {
      this.pods.hear(event);
      const pod = event.object as Pod;
      const previous = event.previous as Pod | undefined;
      const services = this.deps.store.list('Service', pod.metadata.namespace ?? '');
      const after = event.type === 'DELETED' ? undefined : pod;
      const before = event.type === 'ADDED' ? undefined : (previous ?? pod);
      return changedServices(services, after, before).map(keyOf);
    }
    // Its own writes come back as MODIFIED and need no answer; a deleted object is made again.
    if (event.object.kind === 'Endpoints' && event.type !== 'DELETED') return [];
    return [keyOf(event.object)];
  }

  reconcile(key: string): void {
    const { store } = this.deps;
    const { namespace, name } = splitKey(key);
    const service = store.get('Service', namespace, name);
    const known = store.get('Endpoints', namespace, name);
    if (service === undefined) {
      if (known !== undefined) store.delete('Endpoints', namespace, name);
      return;
    }
    const selector = service.spec.selector ?? {};
    if (service.spec.type === 'ExternalName' || Object.keys(selector).length === 0) return;
    const wanted = this.wanted(service, known, this.pods.select(store, namespace, selector));
    if (known === undefined) store.create(wanted, { prepared: true });
    else if (!sameValue(wanted, known)) store.update(wanted, { prepared: true });
  }

  private wanted(service: Service, known: Endpoints | undefined, pods: readonly Pod[]): Endpoints {
    const { subsets, truncated } = subsetsOf(service, pods);
    const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
    const labels = { ...service.metadata.labels, ...headless, [MANAGED_BY]: CONTROLLER };
    const { [OVER_CAPACITY]: _over, ...others } = known?.metadata.annotations ?? {};
    const annotations = truncated ? { ...others, [OVER_CAPACITY]: 'truncated' } : others;
    const { namespace, name } = service.metadata;
    return {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        ...known?.metadata,
        ...{ name, namespace, labels },
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      },
      ...(subsets.length > 0 ? { subsets } : {}),
    };
  }

  keyframe(): unknown {
    return this.pods.keyframe();
  }

  restore(from: unknown): void {
    this.pods.restore(from as ReturnType<PodsByLabel['keyframe']>);
  }
}
