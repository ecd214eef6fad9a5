/**
 * The workspace: what the user owns. Files as typed, files as last applied, and a name. It is kept in the browser's
 * local storage with a version; what cannot be read is set aside with its bytes, never thrown away. Undo is Monaco's.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import defaultManifests from '../scenarios/frontend-calls-backend/manifests.yaml?raw';
import type { BootSettings, SourceFile } from '../worker/protocol';

export interface WorkspaceState {
  readonly name: string;
  /** As typed. */
  readonly files: readonly SourceFile[];
  /** As the cluster last took them; null before the first time. */
  readonly applied: readonly SourceFile[] | null;
  /** Name of the file in front. */
  readonly active: string;
  /** What was chosen about the cluster itself. */
  readonly settings: BootSettings;
  /** A saved workspace that could not be read: why, and its text. */
  readonly refused: Refusal | null;
  /** Grows when files are replaced by something else than typing, so that the editor takes the new text. */
  readonly epoch: number;
}

export interface Refusal {
  readonly reason: string;
  readonly bytes: string;
}

export const DEFAULT_WORKSPACE: Pick<WorkspaceState, 'name' | 'files' | 'active'> = {
  name: 'Frontend calls backend',
  files: [{ name: 'manifests.yaml', text: defaultManifests }],
  active: 'manifests.yaml',
};

export const workspace = createStore<WorkspaceState>(() => ({
  ...DEFAULT_WORKSPACE,
  applied: null,
  settings: {},
  refused: null,
  epoch: 0,
}));

/** Replaces the text of one file, as typing does. */
export function typeText(name: string, text: string): void {
  workspace.setState((state) => {
    const known = state.files.find((file) => file.name === name);
    if (known?.text === text) return state;
    return { files: state.files.map((file) => (file.name === name ? { name, text } : file)) };
  });
}

/** Replaces everything: a reset, an import or an opened link. */
export function openWorkspace(next: Pick<WorkspaceState, 'name' | 'files' | 'active'>): void {
  workspace.setState((state) => ({ ...next, epoch: state.epoch + 1 }));
}

/** Adds files, replacing those of the same name; the first one comes to the front. */
export function addFiles(files: readonly SourceFile[]): void {
  const first = files[0];
  if (first === undefined) return;
  workspace.setState((state) => {
    const names = new Set(files.map((file) => file.name));
    const kept = state.files.filter((file) => !names.has(file.name));
    const blank = kept.length === 1 && kept[0]?.text.trim() === '';
    return { files: [...(blank ? [] : kept), ...files], active: first.name, epoch: state.epoch + 1 };
  });
}

/** Takes one file away; the last one is emptied instead. */
export function removeFile(name: string): void {
  workspace.setState((state) => {
    const rest = state.files.filter((file) => file.name !== name);
    const files = rest.length > 0 ? rest : [{ name: 'manifests.yaml', text: '' }];
    const active = files.some((file) => file.name === state.active) ? state.active : files[0]!.name;
    return { files, active, epoch: state.epoch + 1 };
  });
}

export function useWorkspace<V>(select: (state: WorkspaceState) => V): V {
  return useStore(workspace, select);
}

/** True when something typed is not applied yet. */
export function isDirty(state: WorkspaceState): boolean {
  const { files, applied } = state;
  if (applied === null || applied.length !== files.length) return true;
  return files.some((file, i) => applied[i]?.name !== file.name || applied[i]?.text !== file.text);
}
