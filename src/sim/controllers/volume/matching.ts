/** Which volume a claim takes, and what a claim looks like when it has one. Upstream: pkg/controller/volume/persistentvolume. */
import type { ApiObject } from '../../api/object';
import { quantityValue } from '../../api/quantity';
import type { LabelSelector } from '../../api/kinds/meta';
import { matchesSelector } from '../selector';

export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

export interface Claim extends ApiObject {
  readonly spec: {
    readonly accessModes?: readonly string[];
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly selector?: LabelSelector;
  };
  readonly status?: { readonly phase?: string };
}

export interface Volume extends ApiObject {
  readonly spec: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly accessModes?: readonly string[];
    readonly storageClassName?: string;
    readonly persistentVolumeReclaimPolicy?: string;
    readonly volumeMode?: string;
    readonly claimRef?: {
      readonly apiVersion?: string;
      readonly kind?: string;
      readonly namespace?: string;
      readonly name?: string;
      readonly uid?: string;
    };
    readonly [field: string]: unknown;
  };
  readonly status?: { readonly phase?: string };
}

export interface StorageClass extends ApiObject {
  readonly provisioner?: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
}

/** Bytes that a claim asks for, or a volume has. */
function bytes(quantity: string | undefined): number {
  return quantityValue(quantity ?? '0') ?? 0;
}

/** Whether a volume is reserved for a claim: its claimRef names it, with its uid or before the claim was there. */
export function isReservedFor(volume: Volume, claim: Claim): boolean {
  const ref = volume.spec.claimRef;
  const { namespace, name, uid } = claim.metadata;
  return ref?.name === name && ref.namespace === namespace && (ref.uid ?? uid) === uid;
}

/** The smallest free volume that is enough for a claim; one that is reserved for it comes first. */
export function fittingVolume(claim: Claim, volumes: readonly Volume[]): Volume | undefined {
  const { spec } = claim;
  const fits = (volume: Volume) =>
    (volume.spec.storageClassName ?? '') === (spec.storageClassName ?? '') &&
    (volume.spec.volumeMode ?? 'Filesystem') === (spec.volumeMode ?? 'Filesystem') &&
    (spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode)) &&
    bytes(volume.spec.capacity?.storage) >= bytes(spec.resources?.requests?.storage) &&
    (spec.selector === undefined || matchesSelector(spec.selector, volume.metadata.labels ?? {}));
  const usable = volumes.filter((volume) => volume.metadata.deletionTimestamp === undefined);
  const named = usable.find((volume) => volume.metadata.name === spec.volumeName);
  const reserved = named ?? usable.find((volume) => isReservedFor(volume, claim));
  if (reserved !== undefined || spec.volumeName)
    return reserved !== undefined && (reserved.spec.claimRef === undefined || isReservedFor(reserved, claim))
      ? reserved
      : undefined;
  return usable
    .filter((volume) => volume.spec.claimRef === undefined && fits(volume))
    .sort((a, b) => bytes(a.spec.capacity?.storage) - bytes(b.spec.capacity?.storage))[0];
}

/** The volume that a provisioner makes for a claim. */
export function provisioned(claim: Claim, storage: StorageClass, node: string): Volume {
  const { uid = '', namespace = '', name } = claim.metadata;
  const volume = `pvc-${uid}`;
  const path = `/opt/local-path-provisioner/${volume}_${namespace}_${name}`;
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volume,
      annotations: { 'pv.kubernetes.io/provisioned-by': storage.provisioner ?? '' },
    },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.storage ?? '0' },
      accessModes: claim.spec.accessModes ?? [],
      persistentVolumeReclaimPolicy: storage.reclaimPolicy ?? 'Delete',
      storageClassName: storage.metadata.name,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      ...(storage.provisioner === LOCAL_PATH
        ? {
            hostPath: { path, type: 'DirectoryOrCreate' },
            nodeAffinity: { required: { nodeSelectorTerms: terms } },
          }
        : { csi: { driver: storage.provisioner, volumeHandle: volume } }),
    },
  };
}

/** What kind's and k3s' clusters make volumes with. */
export const LOCAL_PATH = 'rancher.io/local-path';
