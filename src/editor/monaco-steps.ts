/**
 * Monaco in steps. Its modules take a tenth of a second of the main thread to set up; evaluated layer by layer, with room
 * for a frame after each, no layer holds up the picture.
 */
const LAYERS: readonly (() => Promise<unknown>)[] = [
  () => import('monaco-editor/editor/common/model/textModel'),
  () => import('monaco-editor/editor/browser/view'),
  () => import('monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget'),
  () => import('monaco-editor/editor/standalone/browser/standaloneServices'),
  () => import('monaco-editor/editor'),
  () => import('./monaco-setup'),
];

/** Lets the page draw and hear keys before it goes on. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

export async function loadMonaco() {
  for (const layer of LAYERS) {
    await layer();
    await pause();
  }
  return import('./monaco-view');
}
