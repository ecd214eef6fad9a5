/** Parts of Monaco that have no types of their own. */
declare module 'monaco-editor/editor/standalone/browser/standaloneServices' {
  export const StandaloneServices: { initialize(overrides: Readonly<Record<string, unknown>>): unknown };
}
declare module 'monaco-editor/editor/common/model/textModel';
declare module 'monaco-editor/editor/browser/view';
declare module 'monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget';
