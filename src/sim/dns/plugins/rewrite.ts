/**
 * CoreDNS' rewrite plugin, its `name` rules: the question is changed on its way in, and names in the answer are changed
 * back on its way out (plugin/rewrite; answer rewriting is automatic for exact, prefix and suffix rules).
 */
import type { Directive } from '../corefile';
import { CorefileError } from '../corefile';
import { absolute } from '../message';
import type { DnsMessage } from '../message';
import type { Plugin } from '../plugin';

interface RewriteConfig {
  readonly match: 'exact' | 'prefix' | 'suffix' | 'substring';
  readonly from: string;
  readonly to: string;
}

export const rewrite: Plugin = {
  name: 'rewrite',
  setup,
  serve(_context, plainConfig, query, next) {
    const name = rewritten(plainConfig as RewriteConfig, query.question.name);
    if (name === null) return next(query);
    const served = next({ ...query, question: { ...query.question, name } });
    return served.kind === 'reply'
      ? { ...served, message: back(served.message, name, query.question.name) }
      : served;
  },
};

function rewritten({ match, from, to }: RewriteConfig, asked: string): string | null {
  const name = asked.toLowerCase();
  if (match === 'exact') return name === absolute(from) ? absolute(to) : null;
  if (match === 'prefix') return name.startsWith(from) ? to + name.slice(from.length) : null;
  if (match === 'suffix') return name.endsWith(from) ? name.slice(0, -from.length) + to : null;
  return name.includes(from) ? name.replaceAll(from, to) : null;
}

function back(message: DnsMessage, inner: string, outer: string): DnsMessage {
  const rename = (records: DnsMessage['answers']) =>
    records.map((record) =>
      record.name.toLowerCase() === inner.toLowerCase() ? { ...record, name: outer } : record,
    );
  const question = { ...message.question, name: outer };
  return { ...message, question, answers: rename(message.answers), extra: rename(message.extra) };
}

function setup(directive: Directive): RewriteConfig {
  const words = directive.args.filter((word) => word !== 'stop' && word !== 'continue');
  const [field, ...rest] = words;
  // Not simulated: rules on type, class, EDNS0 options and TTL, and regular expressions.
  if (field !== 'name') throw new CorefileError(`plugin/rewrite: invalid rule type "${field ?? ''}"`);
  const kinds = ['exact', 'prefix', 'suffix', 'substring'] as const;
  const kind = kinds.find((word) => word === rest[0]);
  const [from, to] = kind === undefined ? rest : rest.slice(1);
  if (from === undefined || to === undefined) {
    throw new CorefileError('plugin/rewrite: a name rule must have from and to');
  }
  const match = kind ?? 'exact';
  const tail = (text: string) => (match === 'suffix' ? absolute(text) : text).toLowerCase();
  return { match, from: tail(from), to: tail(to) };
}
