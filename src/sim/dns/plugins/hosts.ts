/** CoreDNS' hosts plugin: names from a file in the form of /etc/hosts, or from lines in the Corefile (plugin/hosts). */
import { canonicalIp, ipFamily } from '../../../lib/ip';
import type { Directive } from '../corefile';
import { normalizeZone } from '../corefile';
import { absolute, replyTo } from '../message';
import type { Plugin, Served } from '../plugin';
import { matchZone } from '../plugin';
import { reverseNameToIp } from '../kubernetes-records';

interface HostsConfig {
  readonly zones: readonly string[];
  readonly file: string | null;
  readonly inline: readonly (readonly string[])[];
  readonly ttl: number;
  readonly fallthrough: readonly string[] | null;
}

export const hosts: Plugin = {
  name: 'hosts',
  setup,
  serve(context, plainConfig, query, next) {
    const config = plainConfig as HostsConfig;
    const { name, type } = query.question;
    // Reverse zones need not be listed.
    if (type !== 'PTR' && matchZone(config.zones, name) === null) return next(query);
    const lines = [
      ...readLines(config.file === null ? null : context.readFile(config.file)),
      ...config.inline,
    ];
    const answer = (data: readonly string[]): Served => {
      const answers = data.map((text) => ({ name, type, ttl: config.ttl, data: text }));
      return { kind: 'reply', from: 'hosts', message: replyTo(query, 'NOERROR', { aa: true, answers }) };
    };
    if (type === 'PTR') {
      const names = namesOf(lines, name);
      return names.length > 0 ? answer(names) : next(query);
    }
    const lower = name.toLowerCase().replace(/\.$/, '');
    const ips = lines
      .filter((line) => line.slice(1).some((host) => host.toLowerCase().replace(/\.$/, '') === lower))
      .map((line) => line[0]!);
    const family = type === 'A' ? 4 : type === 'AAAA' ? 6 : 0;
    if (ips.length > 0) return answer(ips.filter((ip) => ipFamily(ip) === family).map(canonicalIp));
    const through = config.fallthrough;
    if (through !== null && matchZone(through.length === 0 ? ['.'] : through, name) !== null)
      return next(query);
    // There is no SOA that could go with an NXDOMAIN.
    return { kind: 'rcode', rcode: 'SERVFAIL', from: 'hosts', why: 'the name is not listed' };
  },
};

function namesOf(lines: readonly (readonly string[])[], reverse: string): string[] {
  const ip = reverseNameToIp(reverse);
  const fit = lines.filter((line) => ip !== null && canonicalIp(line[0]!) === ip);
  return fit.flatMap((line) => line.slice(1).map(absolute));
}

function readLines(text: string | null): string[][] {
  const lines = (text ?? '').split('\n').map((line) => line.replace(/#.*$/, '').trim().split(/\s+/));
  return lines.filter((line) => line.length > 1 && ipFamily(line[0]!) !== null);
}

function setup(directive: Directive, zones: readonly string[]): HostsConfig {
  const [file, ...own] = directive.args;
  const isPath = file?.startsWith('/') ?? false;
  const listed = (isPath ? own : directive.args).flatMap(normalizeZone);
  const inline = directive.block
    .filter(({ name }) => ipFamily(name) !== null)
    .map(({ name, args }) => [name, ...args]);
  const ttl = directive.block.find(({ name }) => name === 'ttl')?.args[0];
  const through = directive.block.find(({ name }) => name === 'fallthrough');
  return {
    zones: listed.length > 0 ? listed : zones,
    file: isPath ? file! : inline.length > 0 ? null : '/etc/hosts',
    inline,
    ttl: ttl === undefined ? 3600 : Number(ttl),
    fallthrough: through === undefined ? null : through.args.flatMap(normalizeZone),
  };
}
