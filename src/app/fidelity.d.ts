/** What the build collects from the simulator's comments (.ci/gen-fidelity.mjs). */
declare module 'virtual:fidelity' {
  const notes: readonly {
    readonly area: string;
    readonly file: string;
    readonly line: number;
    /** What is left out, a sentence or a list. */
    readonly text: string;
  }[];
  export default notes;
}
