/**
 * The revision hashes of workloads: pod-template-hash of Deployments, controller-revision-hash of DaemonSets (both FNV-1a
 * over a dump of the template, pkg/controller ComputeHash) and of StatefulSets (FNV-1 over a JSON patch, pkg/controller/history).
 */
import { canonicalJson } from '../../../lib/plain';
import { dumpTyped } from './dump';

/** Letters and digits of generated names: no vowels and no look-alikes, so that no words arise. */
export const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
/** Minor release whose types are hashed. */
export const TARGET_MINOR = 35;

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a over the UTF-8 bytes of a text, 32 bit. */
export function fnv1a(text: string, more: readonly number[] = []): number {
  let hash = OFFSET;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, PRIME);
  for (const byte of more) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

/** FNV-1 (multiply, then xor) over the UTF-8 bytes of a text, 32 bit. */
export function fnv1(text: string): number {
  let hash = OFFSET;
  for (const byte of utf8(text)) hash = Math.imul(hash, PRIME) ^ byte;
  return hash >>> 0;
}

function utf8(text: string): number[] {
  const out: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const tail = (shift: number): number => 0x80 | ((code >> shift) & 63);
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), tail(0));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), tail(6), tail(0));
    else out.push(0xf0 | (code >> 18), tail(12), tail(6), tail(0));
  }
  return out;
}

/** Replaces every character by a safe letter, as apimachinery's rand.SafeEncodeString does. */
export function safeEncode(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) out += SAFE_ALPHABET[text.charCodeAt(i) % SAFE_ALPHABET.length];
  return out;
}

/** Text of the dump that the hash covers. `template` is the defaulted v1 PodTemplateSpec. */
export function templateDump(template: object, minor = TARGET_MINOR): string {
  return dumpTyped('core.PodTemplateSpec', template, minor);
}

/** pod-template-hash of a defaulted template; a collision count changes it (status.collisionCount). */
export function podTemplateHash(template: object, collisionCount?: number, minor = TARGET_MINOR): string {
  const more =
    collisionCount === undefined
      ? []
      : [0, 8, 16, 24].map((shift) => (collisionCount >>> shift) & 255).concat([0, 0, 0, 0]);
  return safeEncode(String(fnv1a(templateDump(template, minor), more)));
}

/** controller-revision-hash of a StatefulSet's template. Since 1.34.2 the JSON again holds a null creation time. */
export function statefulSetRevisionHash(
  template: Readonly<Record<string, unknown>>,
  collisionCount = 0,
  withCreationTimestamp = true,
): string {
  const metadata = (template.metadata ?? {}) as Readonly<Record<string, unknown>>;
  const { creationTimestamp: _time, ...rest } = metadata;
  const patched = {
    $patch: 'replace',
    ...template,
    metadata: withCreationTimestamp ? { ...rest, creationTimestamp: null } : rest,
  };
  const json = canonicalJson({ spec: { template: patched } }).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return safeEncode(String(fnv1(json + String(collisionCount))));
}
