/**
 * Reads what `iptables-restore` reads: tables, chain lines, -A, -I, -F, -X and -N lines, to rules as data. The options are
 * those of iptables(8) and iptables-extensions(8) that rules.ts knows; anything else is refused with its text.
 */
import { canonicalPrefix, parsePrefix } from '../../../lib/ip';
import { MATCH_OPTIONS, TARGET_OPTIONS, type OptionReader } from './options';
import type { Match, Rule, RuleProtocol, TableName, Target } from './rules';

/** One command of a restore input, in order. */
export type RestoreCommand =
  | { readonly op: 'chain'; readonly chain: string; readonly policy?: 'ACCEPT' | 'DROP' }
  | { readonly op: 'append'; readonly chain: string; readonly rule: Rule }
  | { readonly op: 'insert'; readonly chain: string; readonly at: number; readonly rule: Rule }
  | { readonly op: 'flush' | 'delete-chain'; readonly chain: string };

export interface RestoreTable {
  readonly table: TableName;
  readonly commands: readonly RestoreCommand[];
}

/** Splits a command line as iptables-restore does: blanks apart, double or single quotes keep blanks, \ escapes. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]!;
    if (letter === '\\' && quote !== "'" && i + 1 < line.length) word = (word ?? '') + line[++i]!;
    else if (quote) {
      if (letter === quote) quote = '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + letter;
  }
  if (word !== null) words.push(word);
  return words;
}

/** Parses a whole restore input; throws an Error that names the line it cannot read. */
export function parseRestore(lines: readonly string[]): RestoreTable[] {
  const tables: RestoreTable[] = [];
  let commands: RestoreCommand[] = [];
  for (const raw of lines) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line === 'COMMIT') continue;
    if (line.startsWith('*')) {
      commands = [];
      tables.push({ table: line.slice(1) as TableName, commands });
    } else commands.push(parseCommand(line));
  }
  return tables;
}

/** Parses one line of a table: ":CHAIN - [0:0]", "-A CHAIN …", "-I CHAIN 1 …", "-N CHAIN", "-F CHAIN", "-X CHAIN". */
export function parseCommand(line: string): RestoreCommand {
  if (line.startsWith(':')) {
    const [name = '', policy = '-'] = line.slice(1).split(/\s+/);
    return policy === 'ACCEPT' || policy === 'DROP'
      ? { op: 'chain', chain: name, policy }
      : { op: 'chain', chain: name };
  }
  const [command = '', chain = '', ...rest] = splitWords(line);
  if (command === '-A') return { op: 'append', chain, rule: parseRule(rest) };
  if (command === '-I') {
    const numbered = /^\d+$/.test(rest[0] ?? '');
    const at = numbered ? Number(rest[0]) : 1;
    return { op: 'insert', chain, at, rule: parseRule(numbered ? rest.slice(1) : rest) };
  }
  if (command === '-N') return { op: 'chain', chain };
  if (command === '-F') return { op: 'flush', chain };
  if (command === '-X') return { op: 'delete-chain', chain };
  throw new Error(`iptables: unknown command in "${line}"`);
}

/** A rule under construction; matches are filled in place until the rule is done. */
interface Draft {
  src?: Rule['src'];
  dst?: Rule['dst'];
  inDevice?: Rule['inDevice'];
  outDevice?: Rule['outDevice'];
  protocol?: Rule['protocol'];
  matches: Match[];
  target?: Target;
}

/** Parses the words of a rule specification, without the command and the chain. */
export function parseRule(words: readonly string[]): Rule {
  const draft: Draft = { matches: [] };
  let not = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '!') {
      not = true;
      continue;
    }
    i = readOption(draft, words, i, not);
    not = false;
  }
  return draft;
}

function readOption(draft: Draft, words: readonly string[], at: number, not: boolean): number {
  const option = words[at]!;
  const value = words[at + 1] ?? '';
  const flag = not ? { not: true } : {};
  if (option === '-s' || option === '--source') draft.src = { prefix: prefixOf(value), ...flag };
  else if (option === '-d' || option === '--destination') draft.dst = { prefix: prefixOf(value), ...flag };
  else if (option === '-i') draft.inDevice = { device: value, ...flag };
  else if (option === '-o') draft.outDevice = { device: value, ...flag };
  else if (option === '-p') draft.protocol = { name: protocolOf(value), ...flag };
  else if (option === '-m') draft.matches.push(MATCH_OPTIONS[matchName(value)]?.start ?? refuse(value));
  else if (option === '-g') draft.target = { kind: 'goto', chain: value };
  else if (option === '-j') draft.target = TARGET_OPTIONS[value]?.start ?? { kind: 'jump', chain: value };
  else return readExtension(draft, words, at, not);
  return at + 1;
}

function refuse(what: string): never {
  throw new Error(`iptables: not known here: ${what}`);
}

function matchName(name: string): string {
  return name === 'icmp6' ? 'icmp' : name === 'state' ? 'conntrack' : name;
}

function protocolOf(name: string): RuleProtocol {
  if (name === 'ipv6-icmp') return 'icmpv6';
  return name === 'ipencap' ? 'ipip' : (name as RuleProtocol);
}

function prefixOf(text: string): string {
  return parsePrefix(text) === null ? refuse(text) : canonicalPrefix(text);
}

/** Options of matches belong to the last match that knows them; those of targets to the target. */
function readExtension(draft: Draft, words: readonly string[], at: number, not: boolean): number {
  const option = words[at]!;
  for (let m = draft.matches.length - 1; m >= 0; m--) {
    const match = draft.matches[m]!;
    const read = MATCH_OPTIONS[match.kind]?.options[option] as OptionReader<Match> | undefined;
    if (read === undefined) continue;
    draft.matches[m] = read(match, words.slice(at + 1), not);
    return at + (MATCH_OPTIONS[match.kind]!.words?.[option] ?? 1);
  }
  const target = draft.target;
  const name = target?.kind === 'NOTRACK' ? 'CT' : target?.kind;
  const read = name === undefined ? undefined : TARGET_OPTIONS[name]?.options[option];
  if (target === undefined || read === undefined) return refuse(option);
  draft.target = read(target, words.slice(at + 1), not);
  return at + (TARGET_OPTIONS[name!]!.words?.[option] ?? 1);
}
