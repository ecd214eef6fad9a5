/** The examples that come with the page: every folder of src/scenarios that has manifests. Texts are loaded when chosen. */
import { openWorkspace } from '../state/workspace';
import { restartCluster } from '../state/wire';

const TEXTS = import.meta.glob<string>('../scenarios/*/manifests.yaml', { query: '?raw', import: 'default' });

export interface Example {
  readonly id: string;
  readonly name: string;
}

/** Folder name to a title: "frontend-calls-backend" is "Frontend calls backend". */
export function titleOfFolder(folder: string): string {
  const words = folder.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const EXAMPLES: readonly Example[] = Object.keys(TEXTS).map((path) => {
  const id = path.split('/').at(-2)!;
  return { id, name: titleOfFolder(id) };
});

/** Replaces the workspace by an example and builds its cluster. */
export async function openExample(id: string): Promise<void> {
  const load = TEXTS[`../scenarios/${id}/manifests.yaml`];
  if (load === undefined) return;
  const text = await load();
  openWorkspace({
    name: titleOfFolder(id),
    files: [{ name: 'manifests.yaml', text }],
    active: 'manifests.yaml',
  });
  restartCluster();
}
