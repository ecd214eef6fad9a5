/** What a tool prints and how it ends. */
import type { Ns } from '../clock/clock';

export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface ToolContext {
  /** Files of that machine by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly nowNs: Ns;
  /** True inside of a pod: names and files are the container's then. */
  readonly inPod?: boolean;
  /** True where the tools are busybox' own, which print less. */
  readonly busybox?: boolean;
  /** Who holds a socket, for -p; null where that is not known. */
  readonly holderOf?: (key: string | number) => { readonly name: string; readonly pid: number } | null;
}

export const printed = (stdout: string): Printed => ({ stdout, stderr: '', code: 0 });
export const refused = (stderr: string, code = 1): Printed => ({ stdout: '', stderr, code });
