/** The browser's path; null when there is none yet. */
export function findBrowser(): string | null;
/** The browser's path, after installing one where that is possible. */
export function ensureBrowser(): string;
