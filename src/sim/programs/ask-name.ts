/** From an address to its names, as tools of the C library ask for them: a PTR record of the first name server. */
import type { Ns } from '../clock/clock';
import { parseForLibc } from '../dns/resolv-conf';
import type { Asking } from './ask';
import { beginAsk } from './ask';
import type { Os } from './program';
import { reverseName } from './reverse-name';

/** Asks for the names of an address; `ip` must be one. */
export function beginAskName(
  os: Os,
  ip: string,
  requestId: number,
  limits: { readonly tries: number; readonly timeoutNs: Ns },
): Asking {
  const { nameservers } = parseForLibc(os.process.libc, os.readFile('/etc/resolv.conf') ?? '');
  const question = { server: nameservers[0]!, port: 53, name: reverseName(ip)!, type: 'PTR', requestId };
  return beginAsk(os, { ...question, overTcp: false, ...limits });
}

/** The names in an answer, without their final dots; none where nothing came. */
export function namesIn(result: NonNullable<Asking['result']>): string[] {
  if (typeof result !== 'object') return [];
  const records = result.answers.filter(({ type }) => type === 'PTR');
  return records.map(({ data }) => String(data).replace(/\.$/, ''));
}
