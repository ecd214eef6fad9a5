/**
 * CoreDNS' rewrite plugin: the question is changed on its way in, and names in the answer are changed back on its way
 * out where the rule says so; exact rules always do (plugin/rewrite). The rules stand in one list: the first that fits
 * ends it, unless it says continue.
 */
import type { Directive } from '../corefile';
import { CorefileError, goRegex } from '../corefile';
import { absolute } from '../message';
import type { DnsMessage, ResourceRecord } from '../message';
import type { Plugin } from '../plugin';

type Match = 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex';

/** A change of names or values in the answer: a regular expression and what takes its place. */
interface AnswerRule {
  readonly part: 'name' | 'value';
  readonly from: string;
  readonly to: string;
}

interface Rule {
  readonly field: 'name' | 'type' | 'ttl';
  readonly match: Match;
  readonly from: string;
  readonly to: string;
  readonly auto: boolean;
  readonly answers: readonly AnswerRule[];
  readonly goesOn: boolean;
}

interface RewriteConfig {
  readonly rules: readonly Rule[];
}

export const rewrite: Plugin = {
  name: 'rewrite',
  setup: (directive) => ({ rules: [setupRule(directive)] }),
  gather: (configs) => ({ rules: (configs as RewriteConfig[]).flatMap(({ rules }) => rules) }),
  serve(_context, plainConfig, query, next) {
    const undo: ((message: DnsMessage) => DnsMessage)[] = [];
    let question = query.question;
    for (const rule of (plainConfig as RewriteConfig).rules) {
      const done = apply(rule, question);
      if (done === null) continue;
      undo.unshift(done.back);
      question = done.question;
      if (!rule.goesOn) break;
    }
    if (undo.length === 0) return next(query);
    const served = next({ ...query, question });
    if (served.kind !== 'reply') return served;
    const message = undo.reduce((sum, back) => back(sum), served.message);
    return { ...served, message: { ...message, question: query.question } };
  },
};

type Question = DnsMessage['question'];
interface Applied {
  readonly question: Question;
  back(message: DnsMessage): DnsMessage;
}

function apply(rule: Rule, question: Question): Applied | null {
  if (rule.field === 'type') {
    if (question.type !== rule.from) return null;
    return { question: { ...question, type: rule.to }, back: (message) => message };
  }
  const asked = question.name.toLowerCase();
  const name = rewritten(rule, asked);
  if (name === null) return null;
  if (rule.field === 'ttl') {
    const set = (record: ResourceRecord) => ({ ...record, ttl: Number(rule.to) });
    return { question, back: (message) => mapRecords(message, set) };
  }
  const rules = [...autoRules(rule, name, question.name), ...rule.answers];
  const back = (message: DnsMessage) =>
    rules.reduce((sum, one) => mapRecords(sum, (record) => answered(one, record)), message);
  return { question: { ...question, name }, back };
}

/** The name that the rule makes of the one asked, or null where it does not fit. */
function rewritten({ match, from, to, field }: Rule, name: string): string | null {
  switch (match) {
    case 'exact':
      return name === from ? (field === 'ttl' ? name : to) : null;
    case 'prefix':
      return name.startsWith(from) ? to + name.slice(from.length) : null;
    case 'suffix':
      return name.endsWith(from) ? name.slice(0, -from.length) + to : null;
    case 'substring':
      return name.includes(from) ? name.replaceAll(from, to) : null;
    default: {
      const groups = goRegex(from).exec(name);
      return groups === null ? null : absolute(filled(to, groups));
    }
  }
}

function filled(text: string, groups: readonly (string | undefined)[]): string {
  return groups.reduce<string>((sum, group, i) => sum.replaceAll(`{${i}}`, group ?? ''), text);
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function autoRules(rule: Rule, inner: string, outer: string): AnswerRule[] {
  if (!rule.auto) return [];
  const [from, to] =
    rule.match === 'suffix' ? [`^(.*)${quoted(rule.to)}$`, `{1}${rule.from}`] : [`^${quoted(inner)}$`, outer];
  return [
    { part: 'name', from, to },
    { part: 'value', from, to },
  ];
}

function mapRecords(message: DnsMessage, change: (record: ResourceRecord) => ResourceRecord): DnsMessage {
  const { answers, authority, extra } = message;
  return {
    ...message,
    answers: answers.map(change),
    authority: authority.map(change),
    extra: extra.map(change),
  };
}

/** Fields of rdata that hold a name which value rules see. */
const NAME_FIELDS: Readonly<Record<string, string>> = { SRV: 'target', MX: 'exchange', SOA: 'mname' };

function answered(rule: AnswerRule, record: ResourceRecord): ResourceRecord {
  const change = (name: string): string => {
    const groups = goRegex(rule.from).exec(name.toLowerCase());
    return groups === null ? name : filled(rule.to, groups);
  };
  if (rule.part === 'name') return { ...record, name: change(record.name) };
  const { data, type } = record;
  if (typeof data === 'string')
    return type === 'CNAME' || type === 'NS' ? { ...record, data: change(data) } : record;
  const field = NAME_FIELDS[type];
  if (field === undefined || Array.isArray(data)) return record;
  const fields = data as Readonly<Record<string, string | number>>;
  return { ...record, data: { ...fields, [field]: change(String(fields[field])) } };
}

const MATCHES: readonly Match[] = ['exact', 'prefix', 'suffix', 'substring', 'regex'];

function setupRule({ args, block }: Directive): Rule {
  const [first, ...others] = args;
  const says = first === 'stop' || first === 'continue';
  // A block holds the same words on lines of their own.
  const words = [...(says ? others : args), ...block.flatMap((line) => [line.name, ...line.args])];
  const [field, ...rest] = words;
  const base = { auto: false, answers: [], goesOn: first === 'continue' };
  if (field === 'type') {
    const [from, to] = rest;
    if (from === undefined || to === undefined) refuse('type rules must have exactly two arguments');
    return { field, match: 'exact', from: from!.toUpperCase(), to: to!.toUpperCase(), ...base };
  }
  // Not simulated: rules on class, rcode and EDNS0 options.
  if (field !== 'name' && field !== 'ttl') refuse(`invalid rule type "${field ?? ''}"`);
  const isNamed = rest.length >= 3 && rest[0] !== undefined;
  const match = isNamed ? MATCHES.find((word) => word === rest[0]!.toLowerCase()) : 'exact';
  const kinds = 'exact, prefix, suffix, substring, and regex name matching';
  if (match === undefined) refuse(`name rule supports only ${kinds}, received: ${rest[0]}`);
  const [from, to, ...options] = isNamed ? rest.slice(1) : rest;
  if (from === undefined || to === undefined) refuse(`too few arguments for a ${field} rule`);
  if (match === 'regex') compile(from!);
  const isWhole = match === 'exact' || match === 'suffix';
  const tail = (text: string) => (isWhole ? absolute(text) : text).toLowerCase();
  const { auto, answers } = answerOptions(match!, options);
  return {
    field: field as 'name' | 'ttl',
    match: match!,
    from: match === 'regex' ? from! : tail(from!),
    to: field === 'ttl' ? to! : tail(to!),
    goesOn: base.goesOn,
    auto: auto || match === 'exact',
    answers,
  };
}

function answerOptions(match: Match, words: readonly string[]): Pick<Rule, 'auto' | 'answers'> {
  const answers: AnswerRule[] = [];
  let auto = false;
  let at = 0;
  while (at < words.length) {
    if (words[at] === 'answer') at++;
    else if (at === 0)
      refuse(`exceeded the number of arguments for a non-answer rule argument for ${match} rule`);
    const part = words[at++];
    if (part === 'auto') {
      auto = true;
      continue;
    }
    if (part !== 'name' && part !== 'value')
      refuse(`invalid type "${part ?? ''}" for answer rule for ${match} rule`);
    const [from, to] = [words[at++], words[at++]];
    if (from === undefined || to === undefined)
      refuse(`${part} answer rule for ${match} rule: 2 arguments required`);
    compile(from!);
    answers.push({ part: part as 'name' | 'value', from: from!, to: absolute(to!).toLowerCase() });
  }
  return { auto, answers };
}

function compile(text: string): void {
  try {
    goRegex(text);
  } catch {
    refuse(`invalid regex matching pattern: ${text}`);
  }
}

function refuse(why: string): never {
  throw new CorefileError(`plugin/rewrite: ${why}`);
}
