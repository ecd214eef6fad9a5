/**
 * What the documents of the first example say. The browser's build writes here what the parser makes of them
 * (.ci/late-parts.mjs), so that the first load holds no parser. Anywhere else nothing is known ahead of time.
 */
import type { Chunk } from '../sim/manifests/parse';

export const firstExample: readonly Chunk[] = [];
