/** The browser's path, after installing one where that is possible. */
export function ensureBrowser(): string;
