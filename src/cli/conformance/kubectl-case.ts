/** What a case of kubectl.json is, and what running its command gives. */
import type { ApiObject } from '../../sim/api/object';

export interface Output {
  readonly id: string;
  readonly category: string;
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
  readonly objects?: readonly ApiObject[];
}

/** What a command printed and how it ended; `code` null when it had not ended after `limit` seconds. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export interface RunOptions {
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  /** Virtual seconds that the command may take. */
  readonly limitSeconds?: number;
  /** Later states of objects, put into the store one at each look of the command. */
  readonly later?: readonly ApiObject[];
  /** Default the objects as the server would have when they were created. */
  readonly admit?: boolean;
}
