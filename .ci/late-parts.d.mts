import type { Plugin } from 'vite';
export function lateParts(where: { entry: string; list: string }): Plugin;
