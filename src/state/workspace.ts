/**
 * The workspace: what the user owns. Files as typed, files as last applied, and a name. It is kept in the browser's
 * local storage with a version; what cannot be read is set aside with its bytes, never thrown away. Undo of typing is
 * Monaco's; what is replaced as a whole (an example opened over it, a file removed) is kept here and can be brought back.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import defaultManifests from '../scenarios/frontend-calls-backend/manifests.yaml?raw';
import type { BootSettings, SourceFile } from '../worker/protocol';

/** The part of a workspace that is opened, replaced and brought back as a whole. */
export type Opened = Pick<WorkspaceState, 'name' | 'files' | 'active'>;

export interface WorkspaceState {
  readonly name: string;
  /** As typed. */
  readonly files: readonly SourceFile[];
  /** True when something was typed since the files were opened. */
  readonly edited: boolean;
  /** What the visitor had made before it was replaced, until it is brought back or dismissed. */
  readonly aside: Opened | null;
  /** True when the browser would not keep the files: storage is full, forbidden, or too small for them. */
  readonly unsaved: boolean;
  /** As the cluster last took them; null before the first time. */
  readonly applied: readonly SourceFile[] | null;
  /** As the cluster last got them, whether it took them or not: the places that it names are in these. */
  readonly sent: readonly SourceFile[] | null;
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

export const DEFAULT_WORKSPACE: Opened = {
  name: 'Frontend calls backend',
  files: [{ name: 'manifests.yaml', text: defaultManifests }],
  active: 'manifests.yaml',
};

export const workspace = createStore<WorkspaceState>(() => ({
  ...DEFAULT_WORKSPACE,
  edited: false,
  aside: null,
  unsaved: false,
  applied: null,
  sent: null,
  settings: {},
  refused: null,
  epoch: 0,
}));

/** Replaces the text of one file, as typing does. */
export function typeText(name: string, text: string): void {
  workspace.setState((state) => {
    const known = state.files.find((file) => file.name === name);
    if (known === undefined || known.text === text) return state;
    return { files: state.files.map((file) => (file.name === name ? { name, text } : file)), edited: true };
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
