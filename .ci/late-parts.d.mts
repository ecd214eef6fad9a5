import type { Plugin } from 'vite';
/** `entry` is the full path of the worker that is split. */
export function lateParts(entry: string): Plugin;
export function halvesOf(
  root: string,
  text: string,
  warn: (message: string) => void,
): { readonly core: string; readonly late: string } | null;
