/** Tools that print a machine's tables: iptables-save, ip, bridge, conntrack, ss, and cat of the node's files. */
import type { Ns } from '../clock/clock';
import type { MachineApi } from '../kernel/machine-api';

/** What a tool printed. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface ToolContext {
  /** Files of that machine or container by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly nowNs: Ns;
}

const printed = (stdout: string): Printed => ({ stdout, stderr: '', code: 0 });
const refused = (stderr: string, code = 1): Printed => ({ stdout: '', stderr, code });

function cat(argv: readonly string[], files: Readonly<Record<string, string>>): Printed {
  let stdout = '';
  for (const path of argv.slice(1)) {
    const text = files[path];
    if (text === undefined) return { ...refused(`cat: ${path}: No such file or directory\n`), stdout };
    stdout += text;
  }
  return printed(stdout);
}

/** Runs a table printer in a network namespace; undefined when the word names no such tool. */
export function printTool(
  machine: MachineApi,
  netns: string,
  argv: readonly string[],
  context: ToolContext,
): Printed | undefined {
  void machine;
  void netns;
  switch (argv[0]) {
    case 'cat':
      return cat(argv, context.files);
    case 'hostname':
      return printed(`${machine.name}\n`);
    default:
      return undefined;
  }
}
