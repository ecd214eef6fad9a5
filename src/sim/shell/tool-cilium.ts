/** `cilium-dbg bpf lb list` and `cilium-dbg service list`, as they are run in the pod of a node's Cilium agent. */
import type { Machine } from '../kernel/machine';
import { printLbList, printServiceList, type LbListing } from '../node/ebpf/print';
import { printed, refused, type Printed } from './tool-result';

const LISTINGS: readonly LbListing[] = ['frontends', 'backends', 'revnat', 'source-ranges'];

/** `cilium` and `cilium-dbg` with these words after it. Without an agent on the node there is nothing to run them in. */
export function cilium(machine: Machine, argv: readonly string[]): Printed {
  const { tables, idle } = machine.bpf;
  const words = argv.filter((word) => !word.startsWith('-')).join(' ');
  if (idle)
    return refused('Error: Cilium is not installed on this node: Services are kube-proxy’s work here\n');
  const asText = (lines: readonly string[]) => printed(lines.map((line) => `${line}\n`).join(''));
  if (/^bpf lb (list|ls)$/.test(words)) {
    const listing = LISTINGS.find((name) => argv.includes(`--${name}`)) ?? 'all';
    return asText(printLbList(tables, listing));
  }
  if (/^(service|svc|lb) (list|ls)$/.test(words)) return asText(printServiceList(tables));
  return refused('cilium-dbg: only `bpf lb list` and `service list` are simulated\n');
}
