/**
 * CoreDNS' loadbalance plugin: shuffles the address records of every reply, cached ones too, so that clients that take
 * the first spread themselves. CNAMEs come first so that what they lead to follows (plugin/loadbalance).
 */
import type { ResourceRecord } from '../message';
import type { Plugin } from '../plugin';

export const loadbalance: Plugin = {
  name: 'loadbalance',
  setup: () => ({}),
  serve(context, _config, query, next) {
    const served = next(query);
    if (served.kind !== 'reply' || served.message.rcode !== 'NOERROR') return served;
    const { answers, authority, extra } = served.message;
    const mix = (section: readonly ResourceRecord[]) => arrange(section, () => context.random());
    const message = {
      ...served.message,
      answers: mix(answers),
      authority: mix(authority),
      extra: mix(extra),
    };
    return { ...served, message };
  },
};

/** CNAME, then everything else as it was, then addresses and mail exchangers, each shuffled. */
export function arrange<R extends { readonly type: string }>(
  section: readonly R[],
  random: () => number,
): R[] {
  const of = (test: (type: string) => boolean) => section.filter((record) => test(record.type));
  const isAddress = (type: string) => type === 'A' || type === 'AAAA';
  const rest = of((type) => type !== 'CNAME' && type !== 'MX' && !isAddress(type));
  const mixed = [
    shuffle(of(isAddress), random),
    shuffle(
      of((type) => type === 'MX'),
      random,
    ),
  ];
  return [...of((type) => type === 'CNAME'), ...rest, ...mixed.flat()];
}

function shuffle<R>(records: R[], random: () => number): R[] {
  const out = [...records];
  for (let i = 0; i < out.length - 1; i++) {
    const pick = i + Math.floor(random() * (out.length - i));
    [out[i], out[pick]] = [out[pick]!, out[i]!];
  }
  return out;
}
