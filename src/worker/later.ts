/**
 * What the first example does not need of the worker. It is written by the browser's build (.ci/late-parts.mjs), which
 * takes it out of everything else; where nothing is taken out, there is nothing to load later.
 */
export {};
