/**
 * How the workspace outlives the page: one versioned JSON text in local storage. Older versions are migrated; newer or
 * broken ones are refused with a reason and their bytes are moved aside, so that nothing is overwritten.
 */
import type { SourceFile } from '../worker/protocol';
import { readSettings } from './settings';
import { workspace, type Refusal, type WorkspaceState } from './workspace';

export const SAVED_KEY = 'hopyard.workspace';
export const REFUSED_KEY = 'hopyard.workspace.refused';
const VERSION = 1;

type Saved = Pick<WorkspaceState, 'name' | 'files' | 'active'> & Partial<Pick<WorkspaceState, 'settings'>>;
export type ReadResult = { readonly saved: Saved } | { readonly refused: Refusal };

/** One migration a version: index n turns version n into n + 1. Version 0 was a bare text. */
const MIGRATIONS: readonly ((from: unknown) => unknown)[] = [
  (from) => {
    const text = (from as { text?: unknown }).text;
    return {
      version: 1,
      name: 'Workspace',
      files: [{ name: 'manifests.yaml', text }],
      active: 'manifests.yaml',
    };
  },
];

/** The text that is kept. */
export function encodeWorkspace(state: Saved): string {
  const { name, files, active, settings = {} } = state;
  const chosen = Object.keys(settings).length > 0 ? { settings } : {};
  return JSON.stringify({ version: VERSION, name, files, active, ...chosen });
}

/** Reads what was kept, of this version or an older one. */
export function decodeWorkspace(bytes: string): ReadResult {
  const refuse = (reason: string): ReadResult => ({ refused: { reason, bytes } });
  let value: unknown;
  try {
    value = JSON.parse(bytes);
  } catch {
    return refuse('The saved workspace is not readable JSON.');
  }
  if (typeof value !== 'object' || value === null) return refuse('The saved workspace is not an object.');
  let version = (value as { version?: unknown }).version ?? 0;
  if (typeof version !== 'number') return refuse('The saved workspace does not say its version.');
  if (version > VERSION)
    return refuse(`The saved workspace is of version ${version}, newer than this page (${VERSION}).`);
  for (; (version as number) < VERSION; version = (version as number) + 1) {
    value = MIGRATIONS[version as number]?.(value);
  }
  const saved = value as Partial<Saved> | undefined;
  const files = saved?.files;
  if (!Array.isArray(files) || files.length === 0 || !files.every(isFile))
    return refuse('The saved workspace has no readable files.');
  const name = typeof saved?.name === 'string' ? saved.name : 'Workspace';
  const active = files.some((file) => file.name === saved?.active) ? saved!.active! : files[0]!.name;
  const settings = readSettings(saved?.settings);
  const chosen = Object.keys(settings).length > 0 ? { settings } : {};
  return { saved: { name, files: files.map(({ name, text }) => ({ name, text })), active, ...chosen } };
}

function isFile(value: unknown): value is SourceFile {
  const file = value as Partial<SourceFile> | null;
  return typeof file?.name === 'string' && typeof file.text === 'string';
}

/** Reads the saved workspace into the store and saves every change from now on, at most every 300 ms. */
export function keepWorkspace(storage: Storage): void {
  const bytes = readItem(storage, SAVED_KEY);
  if (bytes !== null) {
    const result = decodeWorkspace(bytes);
    if ('saved' in result) workspace.setState({ ...result.saved });
    else {
      writeItem(storage, REFUSED_KEY, bytes);
      workspace.setState({ refused: result.refused });
    }
  }
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = bytes;
  const save = (): void => {
    timer = null;
    const next = encodeWorkspace(workspace.getState());
    if (next !== last && writeItem(storage, SAVED_KEY, next)) last = next;
  };
  workspace.subscribe((state, before) => {
    const same = state.name === before.name && state.active === before.active;
    if (same && state.files === before.files && state.settings === before.settings) return;
    timer ??= setTimeout(save, 300);
  });
  globalThis.addEventListener?.('pagehide', () => {
    if (timer !== null) save();
  });
}

function readItem(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null; // Storage can be forbidden; the page works without it.
  }
}

function writeItem(storage: Storage, key: string, value: string): boolean {
  try {
    storage.setItem(key, value);
    return true;
  } catch {
    return false; // Full or forbidden: the text is still on the page.
  }
}
