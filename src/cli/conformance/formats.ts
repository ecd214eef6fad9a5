/** Which reader understands which case file, by the file's name. */
import type { Format } from './result';

export const FORMATS: Readonly<Record<string, Format>> = {};
