/** The examples that come with the page: every folder of src/scenarios that has manifests. Texts are loaded when chosen. */
import { openWorkspace } from '../state/replacing';
import { restartCluster } from '../state/wire';
import { DEFAULT_WORKSPACE } from '../state/workspace';

/** The first one is part of the page already: it is what a new visitor sees. */
const FIRST = 'frontend-calls-backend';
const TEXTS = import.meta.glob<string>(
  ['../scenarios/*/manifests.yaml', '!../scenarios/frontend-calls-backend/manifests.yaml'],
  { query: '?raw', import: 'default' },
);

export interface Example {
  readonly id: string;
  readonly name: string;
}

/** Folder name to a title: "frontend-calls-backend" is "Frontend calls backend". */
export function titleOfFolder(folder: string): string {
  const words = folder.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const EXAMPLES: readonly Example[] = [
  FIRST,
  ...Object.keys(TEXTS).map((path) => path.split('/').at(-2)!),
].map((id) => ({ id, name: titleOfFolder(id) }));

/** Replaces the workspace by an example and builds its cluster. */
export async function openExample(id: string): Promise<void> {
  if (id === FIRST) openWorkspace(DEFAULT_WORKSPACE);
  else {
    const text = await TEXTS[`../scenarios/${id}/manifests.yaml`]!();
    openWorkspace({
      name: titleOfFolder(id),
      files: [{ name: 'manifests.yaml', text }],
      active: 'manifests.yaml',
    });
  }
  restartCluster();
}
