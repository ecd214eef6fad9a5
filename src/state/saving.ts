/**
 * How the workspace outlives the page: one versioned JSON text in local storage. Older versions are migrated; newer or
 * broken ones are refused with a reason and their bytes are moved aside, so that nothing is overwritten.
 */
import type { SourceFile } from '../worker/protocol';
import { readSettings } from './settings';
import { isDirty, workspace, type Opened, type Refusal, type WorkspaceState } from './workspace';

/** Where the workspace lies, and where bytes lie that could not be read. */
export const SAVED_KEY = 'hopyard.workspace';
export const REFUSED_KEY = 'hopyard.workspace.refused';
const VERSION = 1;

/** A browser gives a page about five million characters; more is not tried, since only trying costs a second. */
const MOST_CHARS = 5_000_000;
/** Time between two savings, ms: from this for short texts to that for long ones. */
const SAVE_EVERY_MS = [300, 2000] as const;

/** `applied` is kept only while it differs from what is typed: the cluster comes back as it ran. */
type Saved = Opened & Partial<Pick<WorkspaceState, 'settings' | 'edited' | 'aside' | 'applied'>>;
/** What was read, or why it was not. */
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
  const { name, files, active, settings = {}, edited, aside, applied } = state;
  return JSON.stringify({
    version: VERSION,
    name,
    files,
    active,
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
    ...(edited === false ? { edited } : {}),
    ...(aside ? { aside } : {}),
    ...(applied ? { applied } : {}),
  });
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
  const version = (value as { version?: unknown }).version ?? 0;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0)
    return refuse('The saved workspace does not say its version.');
  if (version > VERSION)
    return refuse(`The saved workspace is of version ${version}, newer than this page (${VERSION}).`);
  for (const migrate of MIGRATIONS.slice(version)) value = migrate(value);
  const saved = value as Partial<Saved> | undefined;
  const opened = readOpened(saved);
  if (opened === null) return refuse('The saved workspace has no readable files.');
  const settings = readSettings(saved?.settings);
  const aside = readOpened(saved?.aside);
  const applied = readFiles(saved?.applied);
  return {
    saved: {
      ...opened,
      ...(Object.keys(settings).length > 0 ? { settings } : {}),
      ...(saved?.edited === false ? { edited: false } : {}),
      ...(aside === null ? {} : { aside }),
      ...(applied === null ? {} : { applied }),
    },
  };
}

function readOpened(value: Partial<Opened> | null | undefined): Opened | null {
  const files = readFiles(value?.files);
  const first = files?.[0];
  if (files === null || first === undefined) return null;
  const name = typeof value?.name === 'string' ? value.name : 'Workspace';
  return { name, files, active: files.find((file) => file.name === value?.active)?.name ?? first.name };
}

function readFiles(value: unknown): readonly SourceFile[] | null {
  if (!Array.isArray(value) || !value.every(isFile)) return null;
  return value.map(({ name, text }) => ({ name, text }));
}

function isFile(value: unknown): value is SourceFile {
  const file = value as Partial<SourceFile> | null;
  return typeof file?.name === 'string' && typeof file.text === 'string';
}

/** Reads the saved workspace into the store and saves every change from now on. */
export function keepWorkspace(storage: Storage): void {
  const bytes = readItem(storage, SAVED_KEY);
  if (bytes !== null) {
    const result = decodeWorkspace(bytes);
    if ('saved' in result) workspace.setState({ edited: true, ...result.saved });
    else {
      writeItem(storage, REFUSED_KEY, bytes);
      workspace.setState({ refused: result.refused });
    }
  }
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = bytes;
  const save = (): void => {
    timer = null;
    const saved = saveNow(storage, last);
    if (saved !== null) last = saved;
    const unsaved = saved === null;
    if (workspace.getState().unsaved !== unsaved) workspace.setState({ unsaved });
  };
  workspace.subscribe((state, before) => {
    if (!KEPT.some((key) => state[key] !== before[key])) return;
    const [least, most] = SAVE_EVERY_MS;
    timer ??= setTimeout(save, Math.min(most, Math.max(least, charsOf(state) / 1000)));
  });
  const saveAtOnce = (): void => {
    if (timer === null) return;
    clearTimeout(timer);
    save();
  };
  globalThis.addEventListener?.('pagehide', saveAtOnce);
  // A phone takes a page away without another word.
  globalThis.document?.addEventListener('visibilitychange', saveAtOnce);
}

const KEPT = ['name', 'files', 'active', 'settings', 'applied', 'aside'] as const;

function charsOf({ files }: Opened): number {
  return files.reduce((sum, file) => sum + file.text.length, 0);
}

/** Saves what differs from `last`. Where not everything has room, what is typed goes first. Null when nothing could be. */
function saveNow(storage: Storage, last: string | null): string | null {
  const state = workspace.getState();
  if (charsOf(state) > MOST_CHARS) return null;
  const { aside, ...whole } = { ...state, applied: isDirty(state) ? state.applied : null };
  for (const attempt of [{ ...whole, aside }, whole, { ...whole, applied: null }]) {
    const next = encodeWorkspace(attempt);
    if (next === last || writeItem(storage, SAVED_KEY, next)) return next;
  }
  return null;
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
