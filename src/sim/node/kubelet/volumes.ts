/**
 * What a container's mounts hold: the files of ConfigMaps, Secrets and the downward API, and where volumes that are written to
 * are kept, so that containers share them. Upstream: pkg/volume.
 *
 * Not simulated: updates of mounted ConfigMaps while a container runs (a restart sees them), subPathExpr, CSI and network
 * volumes, and read-only mounts.
 */
import { decodeBase64 } from '../../../lib/bytes';
import type { Container, Volume } from '../../api/kinds/container';
import type { Pod } from '../../api/kinds/pod';
import type { Store } from '../../api/store';
import type { ContainerSpec } from '../runtime';
import { fieldValue, type PodFacts } from './env';

type Files = Readonly<Record<string, string>>;

/** The sources of a volume or of one part of a projected one. */
interface Source {
  readonly configMap?: {
    readonly name?: string;
    readonly optional?: boolean;
    readonly items?: readonly Item[];
  };
  readonly secret?: {
    readonly name?: string;
    readonly secretName?: string;
    readonly optional?: boolean;
    readonly items?: readonly Item[];
  };
  readonly downwardAPI?: {
    readonly items?: readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } }[];
  };
}

interface Item {
  readonly key: string;
  readonly path: string;
}

function sourcesOf(volume: Volume): readonly Source[] {
  const projected = volume.projected as { readonly sources?: readonly Source[] } | undefined;
  return projected?.sources ?? [volume as Source];
}

/** Path to text of what a container mounts from ConfigMaps, Secrets and the downward API. */
export function mountedFiles(store: Store, container: Container, facts: PodFacts): Record<string, string> {
  const files: Record<string, string> = {};
  for (const mount of container.volumeMounts ?? []) {
    const volume = facts.pod.spec.volumes?.find((row) => row.name === mount.name);
    if (volume === undefined) continue;
    const root = mount.mountPath.replace(/\/$/, '');
    const { subPath = '' } = mount;
    for (const source of sourcesOf(volume))
      for (const [path, text] of Object.entries(filesOf(store, source, facts)))
        if (subPath === '') files[`${root}/${path}`] = text;
        else if (subPath === path) files[root] = text;
        else if (path.startsWith(`${subPath}/`)) files[root + path.slice(subPath.length)] = text;
  }
  return files;
}

function filesOf(store: Store, source: Source, facts: PodFacts): Files {
  const namespace = facts.pod.metadata.namespace ?? '';
  const { configMap, secret, downwardAPI } = source;
  if (configMap !== undefined)
    return chosen(store.get('ConfigMap', namespace, configMap.name ?? '')?.data, configMap.items);
  if (secret !== undefined) {
    const name = secret.secretName ?? secret.name ?? '';
    const data = Object.entries(store.get('Secret', namespace, name)?.data ?? {});
    return chosen(Object.fromEntries(data.map(([key, text]) => [key, decodeBase64(text)])), secret.items);
  }
  const rows = (downwardAPI?.items ?? []).map((item) => {
    const { fieldPath = '' } = item.fieldRef ?? {};
    return [item.path, downward(fieldPath, facts)] as const;
  });
  return Object.fromEntries(rows);
}

/** All keys, or the listed ones under the paths that they are given. */
function chosen(data: Files = {}, items?: readonly Item[]): Files {
  if (items === undefined) return data;
  const rows = items.map(({ key, path }) => [path, data[key]] as const);
  return Object.fromEntries(rows.filter((row): row is [string, string] => row[1] !== undefined));
}

/** As fieldRef of a variable, and all labels or annotations at once, a line each. */
function downward(path: string, facts: PodFacts): string {
  if (path !== 'metadata.labels' && path !== 'metadata.annotations') return fieldValue(path, facts);
  const rows = Object.entries(
    facts.pod.metadata[path === 'metadata.labels' ? 'labels' : 'annotations'] ?? {},
  );
  return rows.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n');
}

/** Where a container's mounts are kept that can be written to. */
export function sharedMounts(pod: Pod, container: Container, nodeName: string): ContainerSpec['mounts'] {
  return (container.volumeMounts ?? []).flatMap((mount) => {
    const volume = pod.spec.volumes?.find((row) => row.name === mount.name);
    const place = volume && placeOf(pod, volume, nodeName);
    if (place === undefined) return [];
    const inner = `${place.inner}/${mount.subPath ?? ''}`.replace(/\/+/g, '/').replace(/\/$/, '');
    return [{ path: mount.mountPath.replace(/\/$/, ''), volume: place.volume, inner }];
  });
}

function placeOf(pod: Pod, volume: Volume, nodeName: string) {
  const { namespace = '', uid = '' } = pod.metadata;
  const claim = volume.persistentVolumeClaim as { readonly claimName?: string } | undefined;
  const host = volume.hostPath as { readonly path?: string } | undefined;
  if (claim !== undefined) return { volume: `claim/${namespace}/${claim.claimName ?? ''}`, inner: '' };
  if (host !== undefined) return { volume: `host/${nodeName}`, inner: host.path ?? '' };
  const isOwn = volume.emptyDir !== undefined || volume.ephemeral !== undefined;
  return isOwn ? { volume: `pod/${uid}/${volume.name}`, inner: '' } : undefined;
}

/** Why a pod's volumes cannot be mounted, in the kubelet's words; null when they can. */
export function mountError(store: Store, pod: Pod): string | null {
  const namespace = pod.metadata.namespace ?? '';
  for (const volume of pod.spec.volumes ?? []) {
    for (const { configMap, secret } of sourcesOf(volume)) {
      const secretName = secret?.secretName ?? secret?.name ?? '';
      const missing =
        configMap !== undefined &&
        configMap.optional !== true &&
        !store.get('ConfigMap', namespace, configMap.name ?? '')
          ? `configmap "${configMap.name ?? ''}" not found`
          : secret !== undefined && secret.optional !== true && !store.get('Secret', namespace, secretName)
            ? `secret "${secretName}" not found`
            : null;
      // Not simulated: kube-root-ca.crt, which every namespace has.
      if (missing !== null && configMap?.name !== 'kube-root-ca.crt')
        return `MountVolume.SetUp failed for volume "${volume.name}" : ${missing}`;
    }
  }
  return null;
}
