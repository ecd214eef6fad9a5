/**
 * CoreDNS' template plugin: answers made from the question by rules of the Corefile, for blocking a zone or for names
 * that spell out an address (plugin/template). Of Go's template language the fields that the plugin offers.
 */
import type { Directive } from '../corefile';
import { CorefileError, goRegex, normalizeZone } from '../corefile';
import type { DnsMessage, Rcode, ResourceRecord } from '../message';
import { absolute, replyTo } from '../message';
import type { Plugin } from '../plugin';
import { matchZone } from '../plugin';

interface TemplateConfig {
  readonly type: string;
  readonly zones: readonly string[];
  readonly patterns: readonly string[];
  readonly rcode: Rcode;
  readonly answer: readonly string[];
  readonly additional: readonly string[];
  readonly authority: readonly string[];
  readonly fallthrough: readonly string[] | null;
}

/** Rules that make answers; a question that none fits goes on only where `fallthrough` says so. */
export const template: Plugin = {
  name: 'template',
  setup,
  serve(_context, plainConfig, query, next) {
    const config = plainConfig as TemplateConfig;
    const { name, type } = query.question;
    const zone = matchZone(config.zones, name);
    if (zone === null || (config.type !== 'ANY' && config.type !== type)) return next(query);
    const lower = name.toLowerCase();
    const match = config.patterns.map((text) => goRegex(text).exec(lower)).find((found) => found !== null);
    if (match === undefined || match === null) {
      const through = config.fallthrough;
      if (through !== null && matchZone(through.length === 0 ? ['.'] : through, name) !== null)
        return next(query);
      return { kind: 'rcode', rcode: 'SERVFAIL', from: 'template', why: 'no pattern fits the name' };
    }
    const fill = (text: string) => readRecord(filled(text, { zone, name: lower, type, match }));
    const sections = {
      answers: config.answer.map(fill),
      authority: config.authority.map(fill),
      extra: config.additional.map(fill),
    };
    const records = [...sections.answers, ...sections.authority, ...sections.extra];
    if (records.includes(null))
      return { kind: 'rcode', rcode: 'SERVFAIL', from: 'template', why: 'the template makes no record' };
    const message = replyTo(query, config.rcode, { aa: true, ...(sections as Partial<DnsMessage>) });
    return { kind: 'reply', from: 'template', message };
  },
};

interface Facts {
  readonly zone: string;
  readonly name: string;
  readonly type: string;
  readonly match: RegExpExecArray;
}

/** Not simulated: of Go's templates everything but fields, `index .Match` and parseInt. */
function filled(text: string, { zone, name, type, match }: Facts): string {
  const value = (word: string): string => {
    const fields: Readonly<Record<string, string>> = {
      '.Zone': zone,
      '.Name': name,
      '.Class': 'IN',
      '.Type': type,
    };
    if (word.startsWith('.Group.')) return match.groups?.[word.slice('.Group.'.length)] ?? '';
    return fields[word] ?? '';
  };
  return text.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, expression: string) => {
    const [verb = '', ...args] = expression.split(/\s+/);
    if (verb === 'index' && args[0] === '.Match') return match[Number(args[1])] ?? '';
    if (verb === 'index' && args[0] === '.Group')
      return match.groups?.[(args[1] ?? '').replace(/"/g, '')] ?? '';
    if (verb === 'parseInt') return String(parseInt(value(args[0] ?? ''), Number(args[1])));
    return value(verb);
  });
}

/** A record in zone-file notation, or null when it is none. */
function readRecord(text: string): ResourceRecord | null {
  const words = text
    .replace(/[()]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const [name = '', ...rest] = words;
  let ttl = 3600;
  while (rest.length > 0 && /^(\d+|IN|CH|HS|ANY)$/i.test(rest[0]!)) {
    const word = rest.shift()!;
    if (/^\d+$/.test(word)) ttl = Number(word);
  }
  const [type = '', ...data] = rest;
  const rdata = readRdata(type.toUpperCase(), data);
  return rdata === null ? null : { name: absolute(name), type: type.toUpperCase(), ttl, data: rdata };
}

function readRdata(type: string, words: readonly string[]): ResourceRecord['data'] | null {
  const [a = '', b = '', c = '', d = '', ...more] = words;
  if (a === '') return null;
  switch (type) {
    case 'A':
    case 'AAAA':
      return a;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return absolute(a);
    case 'TXT':
      return words.map((word) => word.replace(/^"|"$/g, ''));
    case 'MX':
      return { preference: Number(a), exchange: absolute(b) };
    case 'SRV':
      return { priority: Number(a), weight: Number(b), port: Number(c), target: absolute(d) };
    case 'SOA': {
      const [retry, expire, minimum] = more.map(Number);
      if (minimum === undefined) return null;
      const times = { serial: Number(c), refresh: Number(d), retry: retry!, expire: expire!, minimum };
      return { mname: absolute(a), rname: absolute(b), ...times };
    }
    default:
      return null;
  }
}

const RCODES: readonly Rcode[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function setup({ args, block }: Directive, zones: readonly string[]): TemplateConfig {
  const [cls, type, ...own] = args;
  if (cls === undefined || type === undefined)
    refuse("Wrong argument count or unexpected line ending after 'template'");
  const lines = (name: string) =>
    block.filter((line) => line.name === name).map((line) => line.args.join(' '));
  const unknown = block.find(({ name }) => !LINES.has(name));
  if (unknown !== undefined) refuse(`unknown property '${unknown.name}'`);
  const patterns = block.filter(({ name }) => name === 'match').flatMap((line) => line.args);
  for (const text of patterns) {
    try {
      goRegex(text);
    } catch {
      refuse(`could not parse regex: ${text}`);
    }
  }
  const rcode = lines('rcode')[0]?.toUpperCase() ?? 'NOERROR';
  if (!RCODES.some((one) => one === rcode)) refuse(`unknown rcode ${rcode}`);
  const through = block.find(({ name }) => name === 'fallthrough');
  return {
    type: type!.toUpperCase(),
    zones: own.length > 0 ? own.flatMap(normalizeZone) : zones,
    patterns: patterns.length > 0 ? patterns : ['.*'],
    rcode: rcode as Rcode,
    answer: lines('answer'),
    additional: lines('additional'),
    authority: lines('authority'),
    fallthrough: through === undefined ? null : through.args.flatMap(normalizeZone),
  };
}

const LINES = new Set([
  'match',
  'answer',
  'additional',
  'authority',
  'rcode',
  'ederror',
  'fallthrough',
  'upstream',
]);

function refuse(why: string): never {
  throw new CorefileError(`plugin/template: ${why}`);
}
