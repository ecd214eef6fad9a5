/** Kind name to its type, so that `store.get('Pod', …)` gives a Pod. Kinds that are only stored are plain ApiObjects. */
import type { ApiObject } from '../object';
import type { ConfigMap, Event, Lease, Namespace, Node, Secret } from './cluster';
import type { Endpoints, EndpointSlice } from './endpointslice';
import type { Ingress, IngressClass, NetworkPolicy } from './networking';
import type { Pod } from './pod';
import type { Service } from './service';
import type { DaemonSet, Deployment, Job, ReplicaSet, StatefulSet } from './workload';

export interface Kinds {
  readonly ConfigMap: ConfigMap;
  readonly DaemonSet: DaemonSet;
  readonly Deployment: Deployment;
  readonly Endpoints: Endpoints;
  readonly EndpointSlice: EndpointSlice;
  readonly Event: Event;
  readonly Ingress: Ingress;
  readonly IngressClass: IngressClass;
  readonly Job: Job;
  readonly Lease: Lease;
  readonly Namespace: Namespace;
  readonly NetworkPolicy: NetworkPolicy;
  readonly Node: Node;
  readonly Pod: Pod;
  readonly ReplicaSet: ReplicaSet;
  readonly Secret: Secret;
  readonly Service: Service;
  readonly StatefulSet: StatefulSet;
}

/** The type of a kind's objects, as far as this model gives it one. */
export type KindOf<K extends string> = K extends keyof Kinds ? Kinds[K] : ApiObject;
