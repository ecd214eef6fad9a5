/**
 * Files that come and go as a whole: an example opened, files added or removed. What the visitor had made is set aside
 * and can be brought back, so that nothing has to be asked first.
 */
import type { SourceFile } from '../worker/protocol';
import { workspace, type Opened, type WorkspaceState } from './workspace';

/** What there is now, if any of it was made by the visitor; else what is set aside already. */
function setAside({ name, files, active, edited, aside }: WorkspaceState): Opened | null {
  const worth = edited && files.some((file) => file.text.trim() !== '');
  return worth ? { name, files, active } : aside;
}

/** Replaces everything: a reset, an import or an opened link. What the visitor had made is set aside. */
export function openWorkspace(next: Opened): void {
  workspace.setState((state) => ({
    ...next,
    edited: false,
    aside: setAside(state),
    epoch: state.epoch + 1,
  }));
}

/** Brings back what was set aside, and sets aside what stands in its place. */
export function bringBack(): void {
  workspace.setState((state) => {
    if (state.aside === null) return state;
    const aside = setAside({ ...state, aside: null });
    return { ...state.aside, edited: true, aside, epoch: state.epoch + 1 };
  });
}

/** Adds files, replacing those of the same name; the first one comes to the front. */
export function addFiles(files: readonly SourceFile[]): void {
  const first = files[0];
  if (first === undefined) return;
  workspace.setState((state) => {
    const names = new Set(files.map((file) => file.name));
    const kept = state.files.filter((file) => !names.has(file.name));
    const blank = kept.length === 1 && kept[0]?.text.trim() === '';
    return {
      files: [...(blank ? [] : kept), ...files],
      active: first.name,
      edited: true,
      aside: kept.length < state.files.length ? setAside(state) : state.aside,
      epoch: state.epoch + 1,
    };
  });
}

/** Takes one file away; the last one is emptied instead. What it held is set aside. */
export function removeFile(name: string): void {
  workspace.setState((state) => {
    const rest = state.files.filter((file) => file.name !== name);
    const files = rest.length > 0 ? rest : [{ name: 'manifests.yaml', text: '' }];
    const active = files.some((file) => file.name === state.active) ? state.active : files[0]!.name;
    const aside = setAside({ ...state, edited: true });
    return { files, active, edited: true, aside, epoch: state.epoch + 1 };
  });
}
