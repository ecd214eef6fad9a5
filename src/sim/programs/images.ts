/**
 * From a container's image, command and args to the program that runs: the simulator has no images, so it keeps a table
 * of how well-known ones behave. Unknown images are servers that listen on the ports their container declares.
 * Command and args override ENTRYPOINT and CMD as in Kubernetes.
 */
import type { ContainerSpec } from '../node/runtime';
import type { ImageFacts, ToolSet } from './image-table';
import { COMMAND_PROGRAMS, IMAGES, TOOLS, UNKNOWN_IMAGE } from './image-table';
import type { Program } from './program';

/** What an image brings for one container. */
export interface ImageBehaviour {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly libc: 'glibc' | 'musl';
  readonly tools: ToolSet;
  /** Names of the image's own programs. */
  readonly binaries: readonly string[];
  /** True when commands that are not in our table are taken for somebody's own server. */
  readonly ownBinaries: boolean;
  /** True for images that are not in our table. */
  readonly isUnknown: boolean;
}

/** "docker.io/library/nginx:1.27-alpine" as name "nginx" and tag "1.27-alpine". */
export function parseImage(image: string): { name: string; tag: string } {
  const [withoutDigest = ''] = image.split('@');
  const match = /^(.*?)(?::([^:/]+))?$/.exec(withoutDigest)!;
  const parts = match[1]!.split('/');
  const hasHost = parts.length > 1 && /[.:]|^localhost$/.test(parts[0]!);
  const path = (hasHost ? parts.slice(1) : parts).join('/').replace(/^library\//, '');
  return { name: path, tag: match[2] ?? 'latest' };
}

function factsOf(image: string): ImageFacts {
  const { name, tag } = parseImage(image);
  const known = IMAGES.find((entry) =>
    entry.names.some((text) => name === text || name.endsWith(`/${text}`)),
  );
  const facts = known ?? UNKNOWN_IMAGE;
  if (known?.tools === 'busybox' && /g?libc/.test(tag)) return { ...facts, libc: 'glibc' };
  // Most images have an Alpine variant by tag: musl and busybox tools instead of Debian's.
  if (!/alpine/.test(tag) || facts.tools === 'none' || facts.tools === 'busybox') return facts;
  return { ...facts, libc: 'musl', tools: facts.tools === 'debian-curl' ? 'busybox-curl' : 'busybox' };
}

/** How a container of this spec behaves. */
export function behaviourOf(spec: Pick<ContainerSpec, 'image' | 'command' | 'args'>): ImageBehaviour {
  const facts = factsOf(spec.image);
  const hasCommand = spec.command !== undefined && spec.command.length > 0;
  const entrypoint = hasCommand ? spec.command! : facts.entrypoint;
  const args = spec.args !== undefined && spec.args.length > 0 ? spec.args : hasCommand ? [] : facts.cmd;
  return {
    argv: [...entrypoint, ...args],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    libc: facts.libc,
    tools: facts.tools,
    binaries: [facts.entrypoint[0], facts.cmd[0], ...(facts.brings ?? [])].map(
      (path) => path?.split('/').pop() ?? '',
    ),
    ownBinaries: facts === UNKNOWN_IMAGE || facts.ownBinaries === true,
    isUnknown: facts === UNKNOWN_IMAGE,
  };
}

/** Whether the tools of a process' image are busybox' or the full ones (bind, iputils), which print differently. */
export function toolFlavour(container: Pick<ContainerSpec, 'image'> | undefined): 'busybox' | 'full' {
  if (container === undefined) return 'full';
  const tools = factsOf(container.image).tools;
  return tools === 'busybox' || tools === 'busybox-curl' ? 'busybox' : 'full';
}

/**
 * The program behind a command's name (a path's last part counts) in an image, or null when the image has no such file.
 * Without an image every command of ours is there, as on a well-equipped host.
 */
export function findCommand(
  image: ImageBehaviour | null,
  command: string,
  programs: ReadonlyMap<string, Program>,
): Program | null {
  const base = command.split('/').pop() ?? '';
  const name = COMMAND_PROGRAMS[base] ?? base;
  const isTool = (TOOLS.all ?? []).includes(base);
  if (image === null) return isTool ? (programs.get(name) ?? null) : null;
  const isMain = image.argv[0]?.split('/').pop() === base;
  if (isTool && (TOOLS[image.tools] ?? []).includes(base)) return programs.get(name) ?? null;
  if (!isTool && (image.binaries.includes(base) || image.ownBinaries) && programs.has(name))
    return programs.get(name)!;
  return isMain && image.ownBinaries && base !== '' ? (programs.get('server') ?? null) : null;
}
