/**
 * Monaco in steps. Its modules take a tenth of a second of the main thread to set up; evaluated layer by layer, with room
 * for a frame after each, no layer holds up the picture.
 */
import { pause } from './pause';

const LAYERS: readonly (() => Promise<unknown>)[] = [
  () => import('monaco-editor/editor/common/model/textModel'),
  () => import('monaco-editor/editor/browser/view'),
  () => import('monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget'),
  () => import('monaco-editor/editor/standalone/browser/standaloneServices'),
  () => import('monaco-editor/editor'),
  () => import('./monaco-setup'),
];

/** The view, with everything under it evaluated. */
export async function loadMonaco() {
  for (const layer of LAYERS) {
    await layer();
    await pause();
  }
  return import('./monaco-view');
}
