/** `nft list`, `ipvsadm -Ln` and `ipset list`: the rule tables of the modes that are not iptables'. */
import { loadOf } from '../kernel/ipvs/load';
import { printIpvs } from '../kernel/ipvs/print';
import type { Machine } from '../kernel/machine';
import type { IpSet } from '../kernel/netfilter/ipset';
import { netfilterState } from '../kernel/netfilter/state';
import { printNftTable } from '../kernel/nft/print';
import type { NftTable } from '../kernel/nft/rules';
import { printed, refused } from './tool-result';
import type { Printed } from './tool-result';

const asText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** A table with one of its chains only. */
function withChain(table: NftTable, chain: string): NftTable | null {
  const found = table.chains.get(chain);
  return found === undefined ? null : { ...table, sets: new Map(), chains: new Map([[chain, found]]) };
}

/** `nft [-a] list ruleset|tables|table|chain …`. */
export function nft(machine: Machine, netns: string, argv: readonly string[]): Printed {
  const [verb, what = '', ...rest] = argv.filter((word) => !word.startsWith('-'));
  if (verb !== 'list') return refused("nft: only list is simulated: the node's agents write the rules\n");
  const tables = netfilterState(machine.netfilter(netns)).nft.list();
  const family = rest[0] === 'ip' || rest[0] === 'ip6' ? rest[0] : undefined;
  const words = family === undefined ? rest : rest.slice(1);
  const ofFamily = tables.filter((table) => table.family === (family ?? 'ip'));
  const missing = refused('Error: No such file or directory\n');
  switch (what) {
    case 'ruleset': {
      const shown = tables.filter((table) => family === undefined || table.family === family);
      return printed(asText(shown.flatMap(printNftTable)));
    }
    case 'tables':
      return printed(asText(tables.map((table) => `table ${table.family} ${table.name}`)));
    case 'table': {
      const table = ofFamily.find(({ name }) => name === words[0]);
      return table === undefined ? missing : printed(asText(printNftTable(table)));
    }
    case 'chain': {
      const table = ofFamily.find(({ name }) => name === words[0]);
      const chain = table && withChain(table, words[1] ?? '');
      return chain == null ? missing : printed(asText(printNftTable(chain)));
    }
    default:
      return refused(`nft: list ${what} is not simulated; list ruleset is\n`);
  }
}

/** `ipvsadm -Ln`. */
export function ipvsadm(machine: Machine, netns: string, argv: readonly string[]): Printed {
  const letters = argv.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  if (argv.length > 0 && !/[lL]/.test(letters) && !argv.includes('--list')) {
    return refused('ipvsadm: only -L is simulated\n', 2);
  }
  const { ipvs, conntrack } = netfilterState(machine.netfilter(netns));
  const entries = conntrack.list();
  const lines = printIpvs(ipvs.list(), (server, real) => loadOf(entries, server, real));
  return printed(asText(lines));
}

function setText(set: IpSet): string {
  const family =
    set.type === 'bitmap:port'
      ? 'range 0-65535'
      : `family ${set.family === 4 ? 'inet' : 'inet6'} hashsize 1024 maxelem 65536`;
  return asText([
    `Name: ${set.name}`,
    `Type: ${set.type}`,
    'Revision: 6',
    `Header: ${family}`,
    `Number of entries: ${set.entries.size}`,
    'Members:',
    ...set.entries.keys(),
  ]);
}

/** `ipset list [NAME]`. */
export function ipset(machine: Machine, netns: string, argv: readonly string[]): Printed {
  const [verb, name] = argv.filter((word) => !word.startsWith('-'));
  if (verb !== 'list' && !argv.includes('-L')) return refused('ipset: only list is simulated\n');
  const { sets } = netfilterState(machine.netfilter(netns));
  const shown = sets.list().filter((set) => name === undefined || set.name === name);
  if (name !== undefined && shown.length === 0) {
    return refused('ipset v7.17: The set with the given name does not exist\n');
  }
  return printed(shown.map(setText).join('\n'));
}
