/** BGP messages as far as announcing host routes needs them (RFC 4271): what a speaker and a router tell each other. */
import type { AppPayload } from '../../trace/packet';

export const BGP_PORT = 179;
/** MetalLB's defaults: the session is over after 90 s of silence, and every 30 s somebody says something. */
export const HOLD_SECONDS = 90;
export const KEEPALIVE_SECONDS = 30;

export type BgpMessage =
  | { readonly type: 'OPEN'; readonly asn: number; readonly holdSeconds: number; readonly id: string }
  | { readonly type: 'KEEPALIVE' }
  | {
      readonly type: 'UPDATE';
      /** The speaker's addresses: one of each family it has (RFC 4760 carries IPv6 ones). */
      readonly nextHops: readonly string[];
      readonly announced: readonly string[];
      readonly withdrawn: readonly string[];
    };

export function bgpPayload(message: BgpMessage): AppPayload {
  const { type } = message;
  const lists =
    type === 'UPDATE' ? [...message.announced, ...message.withdrawn.map((one) => `-${one}`)].join(' ') : '';
  const summary = `BGP ${type}${lists === '' ? '' : ` ${lists}`}`;
  return { type: 'app', protocol: 'data', summary, bytes: 19 + lists.length, body: { ...message } as never };
}

/** The message in a payload, or null when it is none. */
export function bgpFromPayload({ body }: AppPayload): BgpMessage | null {
  const type = (body as { readonly type?: unknown } | null)?.type;
  if (type !== 'OPEN' && type !== 'KEEPALIVE' && type !== 'UPDATE') return null;
  return body as unknown as BgpMessage;
}
