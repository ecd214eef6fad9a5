/**
 * The files that a container sees: its own layer, volumes that it shares with others, what is mounted from ConfigMaps and
 * Secrets, and what the kubelet writes.
 *
 * Not simulated: directories, owners and modes, links, the content of images, and limits of size.
 */
import type { ContainerSpec } from '../node/runtime';

type Files = Readonly<Record<string, string>>;
/** Files by volume. */
export type Volumes = ReadonlyMap<string, Files>;

export interface Layers {
  readonly spec: ContainerSpec;
  readonly files: Files;
}

const SERVICE_ACCOUNT_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** "/a//b/./c" as "/a/b/c"; a slash at the end stays. Relative paths begin at the root, where shells of ours stand. */
export function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `/${parts.join('/')}${parts.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

/** The volume that a path lies in, and the path there; null for the container's own layer. */
export function placeOf(spec: ContainerSpec, path: string): { volume: string; path: string } | null {
  const fitting = (spec.mounts ?? []).filter((row) => path === row.path || path.startsWith(`${row.path}/`));
  const mount = fitting.sort((a, b) => b.path.length - a.path.length)[0];
  if (mount === undefined) return null;
  return { volume: mount.volume, path: mount.inner + path.slice(mount.path.length) };
}

/** A file's text, null when there is none. */
export function readIn({ spec, files }: Layers, volumes: Volumes, given: string): string | null {
  const path = given.startsWith('/etc/') ? given : plainPath(given);
  const written = files[path];
  if (written !== undefined) return written;
  if (path === '/dev/null') return '';
  if (path === '/etc/resolv.conf') return spec.resolvConf;
  if (path === '/etc/hosts') return spec.hosts;
  if (path === '/etc/hostname') return `${spec.hostname}\n`;
  // Not simulated: the token and the certificate beside it.
  if (path === SERVICE_ACCOUNT_NAMESPACE) return spec.namespace;
  const mounted = spec.files?.[path];
  if (mounted !== undefined) return mounted;
  const place = placeOf(spec, path);
  return place === null ? null : (volumes.get(place.volume)?.[place.path] ?? null);
}

const KUBELET_FILES = ['/etc/hostname', '/etc/hosts', '/etc/resolv.conf', SERVICE_ACCOUNT_NAMESPACE];

/** Paths of all files that a container sees, sorted. */
export function pathsIn({ spec, files }: Layers, volumes: Volumes): string[] {
  const shared = (spec.mounts ?? []).flatMap((mount) =>
    Object.keys(volumes.get(mount.volume) ?? {})
      .filter((path) => path.startsWith(`${mount.inner}/`) || path === mount.inner)
      .map((path) => mount.path + path.slice(mount.inner.length)),
  );
  const all = [...KUBELET_FILES, ...Object.keys(spec.files ?? {}), ...Object.keys(files)];
  return [...new Set([...all, ...shared])].sort();
}

/** A table of files with one of them written, or taken away. */
export function withFile(files: Files, path: string, text: string | null): Files {
  const { [path]: _old, ...others } = files;
  return text === null ? others : { ...others, [path]: text };
}
