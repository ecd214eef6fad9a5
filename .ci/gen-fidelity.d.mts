import type { Plugin } from 'vite';

export interface FidelityNote {
  readonly area: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export function notesOf(text: string): Pick<FidelityNote, 'line' | 'text'>[];
export function collectNotes(root: string): FidelityNote[];
export function fidelityNotes(root: string): Plugin;
