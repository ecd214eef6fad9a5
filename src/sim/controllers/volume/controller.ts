/**
 * Binds claims to volumes, and makes volumes where a StorageClass says who does it. Upstream:
 * pkg/controller/volume/persistentvolume, and the provisioner that kind's clusters bring. As there, the class "standard" is
 * the default one; it comes to be with the first claim or volume.
 *
 * Not simulated: pods that wait for their claims (they run at once, and find what was written there before), protection of
 * claims in use, growing, snapshots, and drivers: whatever a StorageClass names is taken to work.
 */
import { sameValue } from '../../api/equal';
import { EventRecorder } from '../../api/events';
import type { ApiObject } from '../../api/object';
import type { Pod } from '../../api/kinds/pod';
import type { Component, WatchEvent } from '../../api/watch';
import { keyOf, splitKey, type ControllerDeps } from '../deps';
import * as match from './matching';
import type { Claim, StorageClass, Volume } from './matching';

export class VolumeController implements Component {
  readonly name = 'controllers/volume';
  readonly watches = ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'Pod'];
  private readonly events: EventRecorder;
  private readonly provisioner: EventRecorder;

  constructor(private readonly deps: ControllerDeps) {
    this.events = new EventRecorder(deps, { component: 'persistentvolume-controller' });
    this.provisioner = new EventRecorder(deps, { component: match.LOCAL_PATH });
  }

  keysFor({ object, type }: WatchEvent): readonly string[] {
    const { namespace = '' } = object.metadata;
    if (object.kind === 'Pod') return claimsOf(object as Pod).map((name) => `${namespace}/${name}`);
    if (object.kind === 'PersistentVolumeClaim') {
      const { volumeName } = (object as Claim).spec;
      return type === 'DELETED' && volumeName ? [`/${volumeName}`] : [keyOf(object)];
    }
    // Another volume or class may be what a claim waits for.
    const waiting = this.claims().filter((claim) => claim.status?.phase !== 'Bound');
    return [...(object.kind === 'PersistentVolume' ? [keyOf(object)] : []), ...waiting.map(keyOf)];
  }

  reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    this.ensureClass();
    if (namespace === '') this.syncVolume(name);
    else this.syncClaim(namespace, name);
  }

  private claims(): readonly Claim[] {
    return this.deps.store.list('PersistentVolumeClaim') as readonly ApiObject[] as readonly Claim[];
  }

  private classes(): readonly StorageClass[] {
    return this.deps.store.list('StorageClass') as readonly ApiObject[] as readonly StorageClass[];
  }

  private ensureClass(): void {
    if (this.classes().some((one) => one.metadata.annotations?.[match.DEFAULT_CLASS] === 'true')) return;
    if (this.deps.store.get('StorageClass', '', 'standard') !== undefined) return;
    const standard: StorageClass = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'standard', annotations: { [match.DEFAULT_CLASS]: 'true' } },
      provisioner: match.LOCAL_PATH,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    this.deps.store.create(standard);
  }

  private syncClaim(namespace: string, name: string): void {
    const { store } = this.deps;
    const found = store.get('PersistentVolumeClaim', namespace, name) as Claim | undefined;
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
    if (found.status?.phase === 'Bound') return;
    const claim = this.withClass(found);
    const volumes = store.list('PersistentVolume') as readonly ApiObject[] as readonly Volume[];
    const volume = match.fittingVolume(claim, volumes);
    if (volume !== undefined) return this.bind(claim, volume);
    const wanted = claim.spec.storageClassName ?? '';
    const storage = this.classes().find((one) => one.metadata.name === wanted);
    if (
      storage === undefined ||
      storage.provisioner === 'kubernetes.io/no-provisioner' ||
      claim.spec.volumeName
    )
      return this.refuse(claim, storage);
    const pods = store.list('Pod', namespace).filter((pod) => claimsOf(pod).includes(name));
    const pod = pods.find((one) => one.spec.nodeName !== undefined);
    if (pod === undefined && storage.volumeBindingMode === 'WaitForFirstConsumer') return this.waits(claim);
    this.provision(claim, storage, pod?.spec.nodeName ?? store.list('Node')[0]?.metadata.name ?? '');
  }

  /** A claim without a class gets the default one, also when it was there before the class. */
  private withClass(claim: Claim): Claim {
    const standard = this.classes().find((one) => one.metadata.annotations?.[match.DEFAULT_CLASS] === 'true');
    if (claim.spec.storageClassName !== undefined || standard === undefined) return claim;
    const spec = { ...claim.spec, storageClassName: standard.metadata.name };
    return this.deps.store.update({ ...claim, spec });
  }

  private waits(claim: Claim): void {
    const text = 'waiting for first consumer to be created before binding';
    this.events.record(claim, 'Normal', 'WaitForFirstConsumer', text);
  }

  private refuse(claim: Claim, storage: StorageClass | undefined): void {
    const wanted = claim.spec.storageClassName ?? '';
    if (storage === undefined && wanted !== '')
      this.events.record(
        claim,
        'Warning',
        'ProvisioningFailed',
        `storageclass.storage.k8s.io "${wanted}" not found`,
      );
    else {
      const text = 'no persistent volumes available for this claim and no storage class is set';
      this.events.record(claim, 'Normal', 'FailedBinding', text);
    }
  }

  /** The provisioner's part, in one moment: it says that it begins, and has a volume. */
  private provision(claim: Claim, storage: StorageClass, node: string): void {
    const { namespace = '', name } = claim.metadata;
    const by = storage.provisioner ?? '';
    const waits = `Waiting for a volume to be created either by the external provisioner '${by}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    this.events.record(claim, 'Normal', 'ExternalProvisioning', waits);
    const whose = `External provisioner is provisioning volume for claim "${namespace}/${name}"`;
    this.provisioner.record(claim, 'Normal', 'Provisioning', whose);
    const volume = this.deps.store.create(match.provisioned(claim, storage, node));
    const done = `Successfully provisioned volume ${volume.metadata.name}`;
    this.provisioner.record(claim, 'Normal', 'ProvisioningSucceeded', done);
    this.bind(claim, volume);
  }

  private bind(claim: Claim, volume: Volume): void {
    const { store } = this.deps;
    const { namespace = '', name, uid } = claim.metadata;
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
    const taken = store.update({ ...volume, spec: { ...volume.spec, claimRef } });
    this.setStatus(taken, { phase: 'Bound' });
    const annotations = { ...claim.metadata.annotations, 'pv.kubernetes.io/bind-completed': 'yes' };
    const metadata = { ...claim.metadata, annotations };
    const bound = store.update({
      ...claim,
      metadata,
      spec: { ...claim.spec, volumeName: volume.metadata.name },
    });
    const { accessModes, capacity } = volume.spec;
    this.setStatus(bound, { phase: 'Bound', accessModes, capacity });
  }

  private setStatus(object: ApiObject, status: object): void {
    if (!sameValue(status, object.status)) this.deps.store.updateStatus({ ...object, status });
  }

  /** A volume is free, taken, or left behind by its claim; then its policy says whether it goes. */
  private syncVolume(name: string): void {
    const { store } = this.deps;
    const volume = store.get('PersistentVolume', '', name) as Volume | undefined;
    if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return;
    const ref = volume.spec.claimRef;
    const claim = ref && store.get('PersistentVolumeClaim', ref.namespace ?? '', ref.name ?? '');
    if (ref?.uid === undefined) return this.setStatus(volume, { phase: 'Available' });
    if (claim?.metadata.uid === ref.uid) return;
    if (volume.spec.persistentVolumeReclaimPolicy === 'Delete') store.delete('PersistentVolume', '', name);
    else this.setStatus(volume, { phase: 'Released' });
  }
}

/** Names of the claims that a pod mounts. */
function claimsOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const source = volume.persistentVolumeClaim as { readonly claimName?: string } | undefined;
    return source?.claimName === undefined ? [] : [source.claimName];
  });
}
