/** The examples that come with the page. Texts are loaded when chosen. */
import { SCENARIOS, type Scenario } from '../scenarios/list';
import { restartCluster } from '../state/wire';
import { openWorkspace } from '../state/replacing';
import { DEFAULT_WORKSPACE } from '../state/workspace';

const DEFAULT_ID = 'frontend-calls-backend';

/** All but the first, which is part of the page already: it is what a new visitor sees. */
const TEXTS = import.meta.glob<string>(
  ['../scenarios/*/manifests.yaml', '!../scenarios/frontend-calls-backend/manifests.yaml'],
  { query: '?raw', import: 'default' },
);

/** The examples under the headings that the gallery shows them by. */
export const GALLERY: readonly { readonly heading: string; readonly examples: readonly Scenario[] }[] = [
  { heading: 'Watch', examples: SCENARIOS.filter((one) => one.fault === undefined) },
  { heading: 'Find the fault', examples: SCENARIOS.filter((one) => one.fault) },
];

/** Replaces the workspace by an example and builds its cluster. */
export async function openExample({ id, title }: Scenario): Promise<void> {
  if (id === DEFAULT_ID) openWorkspace(DEFAULT_WORKSPACE);
  else {
    const text = await TEXTS[`../scenarios/${id}/manifests.yaml`]!();
    openWorkspace({ name: title, files: [{ name: 'manifests.yaml', text }], active: 'manifests.yaml' });
  }
  restartCluster();
}
