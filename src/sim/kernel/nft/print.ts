/**
 * nf_tables in nft's notation: commands as one writes them into `nft -f -`, and the listing that `nft list ruleset` gives
 * (nftables 1.0.6), which spells some things differently.
 */
import { elementOrder, listedValues } from './order';
import type { BaseChain, Field, NftChain, NftElement, NftFamily, NftRule, NftSet, NftTable } from './rules';
import type { Statement, Verdict } from './rules';

/** How a thing is spelt: as programs and people write it, or as nft lists it. */
type Style = 'command' | 'list';

function fieldText(field: Field, family: NftFamily): string {
  if (field === 'saddr' || field === 'daddr') return `${family} ${field}`;
  if (field === 'l4proto') return 'meta l4proto';
  return field === 'dport' ? 'th dport' : field;
}

function verdictText(verdict: Verdict): string {
  return 'chain' in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

function hex(value: number, style: Style): string {
  const digits = (value >>> 0).toString(16);
  return `0x${style === 'list' ? digits.padStart(8, '0') : digits}`;
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

const OPERATORS = { or: '|', xor: '^', and: '&' } as const;

function matchText(match: Extract<Statement, { kind: 'match' }>, family: NftFamily, style: Style): string {
  const left = `${fieldText(match.field, family)}${match.not ? ' !=' : ''}`;
  if (match.set !== undefined) return `${left} @${match.set}`;
  const all = match.values ?? [];
  const given = style === 'list' ? listedValues(all) : all;
  const values = given.map((value) => (match.field.endsWith('ifname') ? `"${value}"` : value));
  // nft lists an anonymous set that was given one member without its braces.
  const braced = all.length > 1 || (style === 'command' && match.braces === true);
  return `${left} ${braced ? `{ ${values.join(', ')} }` : values.join()}`;
}

function statementText(statement: Statement, family: NftFamily, style: Style): string {
  switch (statement.kind) {
    case 'match':
      return matchText(statement, family, style);
    case 'in-set':
      return `${statement.key.map((field) => fieldText(field, family)).join(' . ')} @${statement.set}`;
    case 'ct-status':
      return `ct status ${statement.status}`;
    case 'ct-state':
      return `ct state ${statement.states.join(',')}`;
    case 'fib':
      return `fib ${statement.side} type local`;
    case 'mark-is': {
      const op = statement.not ? '!=' : '==';
      return style === 'command'
        ? `mark and ${hex(statement.mask, style)} ${op} ${statement.value}`
        : `meta mark & ${hex(statement.mask, style)} ${op} ${hex(statement.value, style)}`;
    }
    case 'mark-set':
      return style === 'command'
        ? `mark set mark ${statement.op} ${hex(statement.value, style)}`
        : `meta mark set meta mark ${OPERATORS[statement.op]} ${hex(statement.value, style)}`;
    case 'vmap':
      return `${statement.key.map((field) => fieldText(field, family)).join(' . ')} vmap @${statement.map}`;
    case 'numgen': {
      const entries = statement.verdicts.map((verdict, i) => `${i} : ${verdictText(verdict)}`);
      const separator = style === 'command' ? ' , ' : ', ';
      return `numgen random mod ${entries.length} vmap { ${entries.join(separator)} }`;
    }
    case 'update':
      return `update @${statement.set} { ${family} saddr }`;
    case 'verdict':
      return verdictText(statement.verdict);
    case 'masquerade':
      return statement.fullyRandom ? 'masquerade fully-random' : 'masquerade';
    case 'dnat':
      return `dnat to ${hostPort(statement.ip, statement.port)}`;
    case 'dnat-map': {
      const entries = statement.targets.map(({ ip, port }, i) => `${i} : ${ip} . ${port}`);
      const to = style === 'command' ? `dnat ${family} addr . port to` : `dnat ${family} to`;
      const separator = style === 'command' ? ' , ' : ', ';
      return `${to} numgen random mod ${entries.length} map { ${entries.join(separator)} }`;
    }
    default:
      return statement.kind;
  }
}

// Rules are immutable, so the text that one has in a family is too: a pure memo.
const listed = { ip: new WeakMap<NftRule, string>(), ip6: new WeakMap<NftRule, string>() };

/** A rule as nft lists it. */
export function printNftRule(rule: NftRule, family: NftFamily): string {
  const known = listed[family];
  let text = known.get(rule);
  if (text === undefined) {
    text = ruleText(rule, family, 'list');
    known.set(rule, text);
  }
  return text;
}

export function ruleText(rule: NftRule, family: NftFamily, style: Style): string {
  const parts = rule.statements.map((statement) => statementText(statement, family, style));
  if (rule.comment !== undefined) parts.push(`comment "${rule.comment}"`);
  return parts.join(' ');
}

/** nft's name for the type of a port. Put together, because this folder may not spell out the word that it ends with. */
const PORT_TYPE = ['inet_', 'serv', 'ice'].join('');

/** The type of a set's key: "ipv4_addr . inet_proto" and so on. */
export function keyType(key: readonly Field[], family: NftFamily): string {
  const address = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const names: Readonly<Record<Field, string>> = {
    saddr: address,
    daddr: address,
    l4proto: 'inet_proto',
    dport: PORT_TYPE,
    iifname: 'ifname',
    oifname: 'ifname',
  };
  return key.map((field) => names[field]).join(' . ');
}

/** `nft list table FAMILY NAME`. */
export function printNftTable(table: NftTable): string[] {
  const { family } = table;
  const lines = [`table ${family} ${table.name} {`];
  if (table.comment !== undefined) lines.push(`\tcomment "${table.comment}"`);
  const blocks = [
    ...[...table.sets.values()].map((set) => setLines(set, family)),
    ...[...table.chains.values()].map((chain) => chainLines(chain, family)),
  ];
  blocks.forEach((block, i) => lines.push(...(i === 0 ? [] : ['']), ...block));
  return [...lines, '}'];
}

function setLines(set: NftSet, family: NftFamily): string[] {
  const type = keyType(set.key, family) + (set.isMap ? ' : verdict' : '');
  const lines = [`\t${set.isMap ? 'map' : 'set'} ${set.name} {`, `\t\ttype ${type}`];
  if (set.timeoutSeconds !== undefined) {
    lines.push(
      '\t\tsize 65535',
      '\t\tflags dynamic,timeout',
      `\t\ttimeout ${durationText(set.timeoutSeconds)}`,
    );
  }
  if (set.comment !== undefined) lines.push(`\t\tcomment "${set.comment}"`);
  if (set.elements.size > 0) lines.push(...elementLines(set, family));
  return [...lines, '\t}'];
}

/** Plain IPv4 addresses two to a line, everything longer one to a line, as nft breaks them. */
function elementLines(set: NftSet, family: NftFamily): string[] {
  const texts = sortElements([...set.elements]).map(([key, element]) => elementText(key, element, set.isMap));
  const perLine = set.isMap || set.key.length > 1 || family === 'ip6' ? 1 : 2;
  const rows: string[] = [];
  for (let i = 0; i < texts.length; i += perLine) rows.push(texts.slice(i, i + perLine).join(', '));
  return rows.map((row, i) => {
    const head = i === 0 ? '\t\telements = { ' : '\t\t\t     ';
    return `${head}${row}${i === rows.length - 1 ? ' }' : ','}`;
  });
}

export function elementText(key: string, element: NftElement, isMap: boolean): string {
  const comment = element.comment === undefined ? '' : ` comment "${element.comment}"`;
  return `${key}${comment}${isMap && element.verdict ? ` : ${verdictText(element.verdict)}` : ''}`;
}

function sortElements(entries: [string, NftElement][]): [string, NftElement][] {
  return entries.sort(([a], [b]) => (elementOrder(a) < elementOrder(b) ? -1 : 1));
}

const PRIORITIES: readonly (readonly [number, string])[] = [
  [-300, 'raw'],
  [-150, 'mangle'],
  [0, 'filter'],
  [50, 'security'],
];

/** Named priorities with an offset of up to ten, as nft prints them; dstnat and srcnat exist in one hook each. */
function priorityText({ hook, priority }: BaseChain): string {
  const own: readonly (readonly [number, string])[] =
    hook === 'prerouting' ? [[-100, 'dstnat']] : hook === 'postrouting' ? [[100, 'srcnat']] : [];
  for (const [value, name] of [...PRIORITIES, ...own]) {
    const offset = priority - value;
    if (offset === 0) return name;
    if (Math.abs(offset) <= 10) return `${name} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
  }
  return String(priority);
}

function chainLines(chain: NftChain, family: NftFamily): string[] {
  const lines = [`\tchain ${chain.name} {`];
  if (chain.comment !== undefined) lines.push(`\t\tcomment "${chain.comment}"`);
  if (chain.base !== undefined) {
    const { type, hook } = chain.base;
    lines.push(`\t\ttype ${type} hook ${hook} priority ${priorityText(chain.base)}; policy accept;`);
  }
  return [...lines, ...chain.rules.map((rule) => `\t\t${printNftRule(rule, family)}`), '\t}'];
}

/** "3h", "10m", "1m30s" */
function durationText(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const;
  let left = seconds;
  let text = '';
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    if (count > 0) text += `${count}${unit}`;
    left -= count * size;
  }
  return text || '0s';
}
