/**
 * The order in which getaddrinfo gives the addresses of a name (RFC 6724, section 6): those that can be reached first, then
 * by label and precedence of the policy table, then, in IPv6, by how much of the address they share with the source. The
 * tables differ: musl has RFC 6724's, in which unique local addresses come after IPv4; glibc (sysdeps/posix/getaddrinfo.c)
 * still has RFC 3484's, in which all IPv6 comes first.
 * Not simulated: scopes (there are no link-local addresses here), /etc/gai.conf, deprecated and temporary addresses.
 */
import { addressBytes, inPrefix } from '../../lib/ip';

type Libc = 'glibc' | 'musl';

interface Policy {
  readonly prefix: string;
  readonly precedence: number;
  readonly label: number;
}

/** First match wins. IPv4 is looked up as an IPv4-mapped address. */
const POLICIES: Readonly<Record<Libc, readonly Policy[]>> = {
  glibc: [
    { prefix: '::1/128', precedence: 50, label: 0 },
    { prefix: '::ffff:0:0/96', precedence: 10, label: 4 },
    { prefix: '2002::/16', precedence: 30, label: 2 },
    { prefix: 'fc00::/7', precedence: 40, label: 6 },
    { prefix: '2001::/32', precedence: 40, label: 7 },
    { prefix: '::/0', precedence: 40, label: 1 },
  ],
  musl: [
    { prefix: '::1/128', precedence: 50, label: 0 },
    { prefix: '::ffff:0:0/96', precedence: 35, label: 4 },
    { prefix: '2002::/16', precedence: 30, label: 2 },
    { prefix: '2001::/32', precedence: 5, label: 5 },
    { prefix: 'fc00::/7', precedence: 3, label: 13 },
    { prefix: '::/0', precedence: 40, label: 1 },
  ],
};

/**
 * The addresses in the order a program tries them. `sourceFor` says from which address a packet to a destination would be
 * sent, or null when there is no way there.
 */
export function orderAddresses(
  addresses: readonly string[],
  libc: Libc,
  sourceFor: (destination: string) => string | null,
): readonly string[] {
  // Without IPv6 among them nothing is sorted, so that a name server's rotation stays.
  if (addresses.length < 2 || addresses.every((ip) => !ip.includes(':'))) return addresses;
  const rows = addresses.map((ip) => rate(ip, sourceFor(ip), POLICIES[libc]));
  return rows.sort(compare).map(({ ip }) => ip);
}

interface Rated {
  readonly ip: string;
  readonly usable: boolean;
  readonly labelled: boolean;
  readonly precedence: number;
  readonly sharedBits: number;
}

function rate(ip: string, source: string | null, table: readonly Policy[]): Rated {
  const { precedence, label } = policyOf(ip, table);
  const labelled = source !== null && policyOf(source, table).label === label;
  const sharedBits = source !== null && ip.includes(':') ? sharedPrefix(ip, source) : 0;
  return { ip, usable: source !== null, labelled, precedence, sharedBits };
}

/** Array.sort is stable, so that what is equal by all rules keeps its order. */
function compare(a: Rated, b: Rated): number {
  if (a.usable !== b.usable) return a.usable ? -1 : 1;
  if (a.labelled !== b.labelled) return a.labelled ? -1 : 1;
  if (a.precedence !== b.precedence) return b.precedence - a.precedence;
  const sameFamily = a.ip.includes(':') === b.ip.includes(':');
  return sameFamily ? b.sharedBits - a.sharedBits : 0;
}

function policyOf(ip: string, table: readonly Policy[]): Policy {
  const asV6 = ip.includes(':') ? ip : `::ffff:${ip}`;
  return table.find(({ prefix }) => inPrefix(asV6, prefix))!;
}

function sharedPrefix(a: string, b: string): number {
  const [one, other] = [addressBytes(a) ?? [], addressBytes(b) ?? []];
  const at = one.findIndex((byte, i) => byte !== other[i]);
  return at < 0 ? one.length * 8 : at * 8 + Math.clz32(one[at]! ^ (other[at] ?? 0)) - 24;
}
