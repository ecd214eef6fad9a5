/**
 * What stands in the tables behind a step, where the step's own rules do not say it: the virtual server and its real
 * servers for IPVS, the members of the sets that rules asked, the entries of BPF maps.
 */
import type { Cluster } from '../sim/cluster';
import type { Bpf } from '../sim/kernel/bpf/maps';
import { loadOf } from '../sim/kernel/ipvs/load';
import { printIpvs } from '../sim/kernel/ipvs/print';
import { printLbList } from '../sim/node/ebpf/print';
import { netfilterState, type NetfilterState } from '../sim/kernel/netfilter/state';
import { destinationOf, innermost } from '../sim/trace/describe';
import type { Hop } from '../sim/trace/hop';
import type { Behind } from './compare-protocol';

/** Members of one set that are told at most. */
const MOST_MEMBERS = 3;
/** The three lines that ipvsadm prints before the first server. */
const IPVS_HEAD = 3;

export function behindHop(cluster: Cluster, hop: Hop): readonly Behind[] {
  const machine = cluster.machineOf(hop.place.machine);
  if (machine === undefined) return [];
  if (hop.facts?.['bpf'] !== undefined) return mapEntries(machine.bpf, hop.facts);
  if (hop.place.netns !== 'host') return [];
  const state = netfilterState(machine.netfilter('host'));
  return [...virtualServer(state, hop), ...setMembers(state, hop)];
}

function virtualServer({ ipvs, conntrack }: NetfilterState, hop: Hop): Behind[] {
  if (hop.station !== 'chain' || hop.name !== 'IPVS') return [];
  const server = ipvs.find(innermost(hop.before));
  if (server === undefined) return [];
  const chosen = destinationOf(innermost(hop.after));
  const entries = conntrack.list();
  const lines = printIpvs([server], (one, real) => loadOf(entries, one, real)).slice(IPVS_HEAD);
  const hit = (text: string, i: number): boolean => i === 0 || text.includes(`-> ${chosen} `);
  return [{ tool: 'ipvsadm -Ln', lines: lines.map((text, i) => ({ text, hit: hit(text, i) })) }];
}

/** Of each set that a matching rule asked, the members that are about this packet. */
function setMembers({ sets }: NetfilterState, hop: Hop): Behind[] {
  const asked = (hop.rules ?? []).flatMap(({ rule }) =>
    [...rule.matchAll(/(?<!! )--match-set (\S+)/g)].map((match) => match[1]!),
  );
  const { ip } = innermost(hop.before);
  return [...new Set(asked)].flatMap((name) => {
    const set = sets.list().find((one) => one.name === name);
    const members = [...(set?.entries.keys() ?? [])].filter((member) =>
      [ip?.dst, ip?.src].some((address) => address !== undefined && member.split(',').includes(address)),
    );
    if (members.length === 0) return [];
    return [
      {
        tool: `ipset list ${name}`,
        lines: members.slice(0, MOST_MEMBERS).map((text) => ({ text, hit: false })),
      },
    ];
  });
}

/** The frontend's entry and its slots, as Cilium's debugging tool lists them. */
function mapEntries({ tables }: Bpf, facts: Readonly<Record<string, string>>): Behind[] {
  const frontend = [...tables.frontends.values()].find((one) => endpoint(one) === facts['frontend']);
  if (frontend === undefined) return [];
  const one = new Map([['', frontend]]);
  const lines = printLbList({ ...tables, frontends: one }).slice(1);
  const chosen = `${facts['backend']}/${frontend.protocol.toUpperCase()} `;
  const hit = (text: string, i: number): boolean => i === 0 || text.includes(` ${chosen}`);
  return [{ tool: 'cilium-dbg bpf lb list', lines: lines.map((text, i) => ({ text, hit: hit(text, i) })) }];
}

function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
