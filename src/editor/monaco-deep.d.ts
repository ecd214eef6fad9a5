/** Parts of Monaco that have no types of their own. */
declare module 'monaco-editor/editor/standalone/browser/standaloneServices' {
  export const StandaloneServices: { initialize(overrides: Readonly<Record<string, unknown>>): unknown };
}
