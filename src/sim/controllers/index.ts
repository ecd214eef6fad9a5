/** The controllers of kube-controller-manager and the scheduler, in the order in which they are started. */
import type { Component } from '../api/watch';
import { CronJobController } from './cronjob/controller';
import { DaemonSetController } from './daemonset/controller';
import type { ControllerDeps } from './deps';
import { DeploymentController } from './deployment/controller';
import { EndpointsController } from './endpoints/controller';
import { EndpointSliceMirroring } from './endpoints/mirroring';
import { EndpointSliceController } from './endpointslice/controller';
import { EventTtl } from './event-ttl';
import { GarbageCollector } from './garbage-collector';
import { JobController } from './job/controller';
import { LoadBalancerController, type LoadBalancerDeps } from './load-balancer/controller';
import { NamespaceController } from './namespace';
import { NodeLifecycleController } from './node-lifecycle/controller';
import { OnDemand } from './on-demand';
import { ReplicaSetController } from './replicaset/controller';
import { Scheduler } from './scheduler/controller';
import { StatefulSetController } from './statefulset/controller';
import { VolumeController } from './volume/controller';

/** One of each; the caller runs each in a loop (api/loop.ts) under its own name. */
export function createControllers(deps: ControllerDeps & Partial<LoadBalancerDeps>): Component[] {
  const { cloud, provider, store } = deps;
  return [
    new DeploymentController(deps),
    new ReplicaSetController(deps),
    new OnDemand(
      'controllers/statefulset',
      'StatefulSet',
      ['StatefulSet', 'Pod'],
      store,
      () => new StatefulSetController(deps),
    ),
    new OnDemand(
      'controllers/daemonset',
      'DaemonSet',
      ['DaemonSet', 'Pod', 'Node'],
      store,
      () => new DaemonSetController(deps),
    ),
    new Scheduler(deps),
    new EndpointSliceController(deps),
    new NamespaceController(deps),
    new GarbageCollector(deps),
    new NodeLifecycleController(deps),
    new EndpointsController(deps),
    new EndpointSliceMirroring(deps),
    new OnDemand('controllers/job', 'Job', ['Job', 'Pod'], store, () => new JobController(deps)),
    new OnDemand(
      'controllers/cronjob',
      'CronJob',
      ['CronJob', 'Job'],
      store,
      () => new CronJobController(deps),
    ),
    new OnDemand(
      'controllers/volume',
      'PersistentVolumeClaim PersistentVolume',
      ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'Pod'],
      store,
      () => new VolumeController(deps),
    ),
    ...(cloud && provider ? [new LoadBalancerController({ ...deps, cloud, provider })] : []),
    new EventTtl(deps),
  ];
}
