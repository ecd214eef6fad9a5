import type { Plugin } from 'vite';
/** `entry` is the full path of the worker that is split. */
export function lateParts(entry: string): Plugin;
