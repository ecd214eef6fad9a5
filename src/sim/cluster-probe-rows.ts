/**
 * Tables of a machine line by line, each line with what it comes from. The text is that of the tool that prints it; rules,
 * elements and entries stand in it in a known order, so each finds its line again.
 */
import type { Machine } from './kernel/machine';
import { orderedChains, printRule } from './kernel/iptables/print';
import { loadOf } from './kernel/ipvs/load';
import { netfilterState } from './kernel/netfilter/state';
import type { NftElement, NftTable } from './kernel/nft/rules';
import { printTool } from './shell/machine-tools';
import type { MachineTool, ProbeRow } from './view';

interface Cause {
  readonly ref: string;
  readonly path?: string;
}

const NO_FILES = { files: {}, nowNs: 0 };

function plain(text: string): ProbeRow {
  return { text, ref: null, path: null };
}

function caused(text: string, origin: Cause | null | undefined, more: Partial<ProbeRow> = {}): ProbeRow {
  return { text, ref: origin?.ref ?? null, path: origin?.path ?? null, ...more };
}

function printedLines(machine: Machine, argv: readonly string[]): string[] {
  const text = printTool(machine, 'host', argv, NO_FILES)?.stdout ?? '';
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** iptables-save of one family with the counter and the origin of each rule. */
export function savedRows(machine: Machine, family: 4 | 6): ProbeRow[] {
  const { rules } = netfilterState(machine.netfilter('host'));
  return rules.names(family).flatMap((table) => {
    const chains = orderedChains(table, rules.table(table, family));
    const heads = chains.map((chain) => plain(`:${chain.name} ${chain.policy ?? '-'} [0:0]`));
    const lines = chains.flatMap((chain) =>
      chain.rules.map((rule, i) =>
        caused(printRule(chain.name, rule, family), rule.origin, {
          count: rules.countersOf(family, table, chain.name, i)[0],
          table,
          chain: chain.name,
        }),
      ),
    );
    return [plain(`*${table}`), ...heads, ...lines, plain('COMMIT')];
  });
}

/** `iptables -t nat -L -n -v`: under each chain's two lines of head its rules in order. */
function natRows(machine: Machine): ProbeRow[] {
  const { rules } = netfilterState(machine.netfilter('host'));
  const chains = rules.table('nat');
  let chain = '';
  let at = 0;
  return printedLines(machine, ['iptables', '-t', 'nat', '-L', '-n', '-v']).map((text) => {
    const head = /^Chain (\S+) \(/.exec(text);
    if (head !== null) {
      chain = head[1]!;
      at = -1;
      return plain(text);
    }
    const i = at++;
    const rule = i < 0 || text === '' ? undefined : chains.get(chain)?.rules[i];
    if (rule === undefined) return plain(text);
    const count = rules.countersOf(4, 'nat', chain, i)[0];
    return caused(text, rule.origin, { count, table: 'nat', chain });
  });
}

/** `nft list ruleset`. Rules of kube-proxy there have no counter, so there is none to show. */
function nftRows(machine: Machine): ProbeRow[] {
  const tables = netfilterState(machine.netfilter('host')).nft.list();
  const reader = new NftReader(tables);
  return printedLines(machine, ['nft', 'list', 'ruleset']).map((text) => reader.row(text));
}

/** Follows nft's listing from block to block. */
class NftReader {
  private table: NftTable | undefined;
  private chain = '';
  private next = 0;
  private elements: ReadonlyMap<string, NftElement> | null = null;

  constructor(private readonly tables: readonly NftTable[]) {}

  row(text: string): ProbeRow {
    const [word, name = '', third = ''] = text.trim().split(' ');
    if (/^table /.test(text)) {
      this.table = this.tables.find((one) => one.family === name && one.name === third);
    } else if (/^\t(chain|set|map) /.test(text)) {
      this.chain = word === 'chain' ? name : '';
      this.next = 0;
      this.elements = word === 'chain' ? null : (this.table?.sets.get(name)?.elements ?? null);
    } else if (/^\t\t/.test(text)) return this.chain === '' ? this.elementRow(text) : this.ruleRow(text);
    return plain(text);
  }

  private ruleRow(text: string): ProbeRow {
    const chain = this.table?.chains.get(this.chain);
    if (chain === undefined || isChainHead(text.trim())) return plain(text);
    const rule = chain.rules[this.next++];
    const table = `${this.table!.family} ${this.table!.name}`;
    return caused(text, rule?.origin, { table, chain: this.chain });
  }

  private elementRow(text: string): ProbeRow {
    const entry = text.trim().replace(/^elements = \{ /, '');
    const key = entry.split(/ comment "| : |,| \}/)[0]!;
    const element = this.elements?.get(key);
    return element === undefined ? plain(text) : caused(text, element.origin);
  }
}

function isChainHead(text: string): boolean {
  return /^comment "/.test(text) || /^type (filter|nat|route) hook /.test(text);
}

/** `ipvsadm -Ln`; the count is of connections to a real server. */
function ipvsRows(machine: Machine): ProbeRow[] {
  const { ipvs, conntrack } = netfilterState(machine.netfilter('host'));
  const entries = conntrack.list();
  const lines = ipvs.list().flatMap((server) => [
    { origin: server.origin, more: {} },
    ...server.realServers.map((real) => {
      const { active, inactive } = loadOf(entries, server, real);
      return { origin: real.origin ?? server.origin, more: { count: active + inactive } };
    }),
  ]);
  const titles = 3;
  return printedLines(machine, ['ipvsadm', '-Ln']).map((text, i) => {
    const line = lines[i - titles];
    return i < titles || line === undefined ? plain(text) : caused(text, line.origin, line.more);
  });
}

function setRows(machine: Machine): ProbeRow[] {
  const { sets, ipvs } = netfilterState(machine.netfilter('host'));
  // The set of all virtual addresses is written as a whole; each is there for its virtual server.
  const byAddress = new Map(ipvs.list().map((server) => [server.address, server.origin]));
  let entries: ReadonlyMap<string, Cause | null> | undefined;
  return printedLines(machine, ['ipset', 'list']).map((text) => {
    const head = /^Name: (\S+)$/.exec(text);
    if (head !== null) entries = sets.get(head[1]!)?.entries;
    const isEntry = entries?.has(text) === true;
    return caused(text, isEntry ? (entries?.get(text) ?? byAddress.get(text)) : null);
  });
}

/** `cilium-dbg bpf lb list`: each frontend's slots, the first of which is the frontend itself. */
function balancerRows(machine: Machine): ProbeRow[] {
  const { frontends, backends } = machine.bpf.tables;
  const origins = [...frontends.values()].flatMap((frontend) =>
    [0, ...frontend.slots].map((id) => backends.get(id)?.origin ?? frontend.origin),
  );
  return printedLines(machine, ['cilium-dbg', 'bpf', 'lb', 'list']).map((text, i) =>
    i === 0 ? plain(text) : caused(text, origins[i - 1]),
  );
}

const TOOLS: Readonly<Partial<Record<MachineTool, readonly string[]>>> = {
  'ip-route': ['ip', 'route'],
  'ip-addr': ['ip', 'addr'],
  'bridge-fdb': ['bridge', 'fdb', 'show'],
  neighbours: ['ip', 'neigh'],
  ss: ['ss', '-tuna'],
};

/** All lines of a table; in another netns than the host's, as the tool prints them. */
export function toolRows(machine: Machine, tool: MachineTool, netns = 'host'): ProbeRow[] {
  switch (tool) {
    case 'iptables-save':
      return savedRows(machine, 4);
    case 'ip6tables-save':
      return savedRows(machine, 6);
    case 'iptables-nat':
      return natRows(machine);
    case 'nft':
      return nftRows(machine);
    case 'ipvsadm':
      return ipvsRows(machine);
    case 'ipset':
      return setRows(machine);
    case 'cilium-lb':
      return balancerRows(machine);
    default: {
      const text = printTool(machine, netns, TOOLS[tool] ?? [tool], NO_FILES)?.stdout ?? '';
      return text === '' ? [] : text.replace(/\n$/, '').split('\n').map(plain);
    }
  }
}
