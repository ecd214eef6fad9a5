/** Image references and what pulling them gives (distribution reference grammar, pkg/kubelet/images). */

/** The simulator has no registry: a name is pullable unless it says of itself that it is not. */
export type PullOutcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'missing'; readonly message: string };

const REFERENCE =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?)\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-fA-F]{32,})?$/;

/** The full name that the runtime uses: "docker.io/library/nginx:latest". */
export function fullImageName(image: string): string {
  const [name = '', digest] = image.split('@');
  const slash = name.lastIndexOf('/');
  const tagged = name.indexOf(':', slash + 1) >= 0 || digest !== undefined;
  const first = name.split('/')[0]!;
  const hosted = name.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  const path = hosted ? name : name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`;
  return `${path}${tagged ? '' : ':latest'}${digest === undefined ? '' : `@${digest}`}`;
}

/**
 * Whether a pull succeeds. Images that cannot be had: a repository called "doesnotexist", a tag with "notfound" or
 * "doesnotexist", and the registry "invalid" (a name that RFC 2606 keeps from ever resolving).
 */
export function pullOutcome(image: string): PullOutcome {
  if (!REFERENCE.test(image)) {
    return {
      kind: 'invalid',
      message: `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`,
    };
  }
  const full = fullImageName(image);
  const registry = full.split('/')[0]!;
  const failed = `failed to pull and unpack image "${full}": failed to resolve reference "${full}"`;
  if (/(^|\.)invalid(:\d+)?$/.test(registry)) {
    const why = `failed to do request: Head "https://${registry}/v2/": dial tcp: lookup ${registry}: no such host`;
    return { kind: 'missing', message: `rpc error: code = Unknown desc = ${failed}: ${why}` };
  }
  if (/(doesnotexist|does-not-exist|notfound|not-found)/.test(full.slice(registry.length))) {
    return { kind: 'missing', message: `rpc error: code = NotFound desc = ${failed}: ${full}: not found` };
  }
  return { kind: 'ok' };
}

/** imagePullPolicy as the API server defaults it: Always for "latest" or no tag. */
export function pullPolicy(image: string, given: string | undefined): 'Always' | 'IfNotPresent' | 'Never' {
  if (given === 'Always' || given === 'IfNotPresent' || given === 'Never') return given;
  return fullImageName(image).endsWith(':latest') ? 'Always' : 'IfNotPresent';
}

/** A stable size between 2 and about 80 MB, so that the Pulled event reads as in life. */
export function imageBytes(image: string): number {
  let hash = 2166136261;
  for (let i = 0; i < image.length; i++) hash = Math.imul(hash ^ image.charCodeAt(i), 16777619) >>> 0;
  return 2_000_000 + (hash % 78_000_000);
}
