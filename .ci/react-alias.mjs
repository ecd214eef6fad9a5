// React's names are answered by Preact, in the build, in dev and in the unit tests alike (docs/decisions/0007-preact.md).
// React itself stays a development dependency: its types are what the page is written against, and it is what React Flow,
// Radix and the testing library ask for as a peer.
export const reactAlias = [
  { find: /^react-dom\/client$/, replacement: 'preact/compat/client' },
  { find: /^react-dom$/, replacement: 'preact/compat' },
  { find: /^react\/jsx-runtime$/, replacement: 'preact/jsx-runtime' },
  { find: /^react\/jsx-dev-runtime$/, replacement: 'preact/jsx-dev-runtime' },
  { find: /^react$/, replacement: 'preact/compat' },
];

/** Packages that import React, and so have to see the alias where they would otherwise be loaded as they are. */
export const reactUsers = [
  /@testing-library\/preact/,
  /@xyflow/,
  /radix-ui/,
  /node_modules\/(react|use|zustand|preact)\b/,
];
