/** The handshake of TLS 1.3 (RFC 8446), as far as an onlooker sees it: who says what, and how much. */
import type { AppPayload } from '../trace/packet';

/** One flight of a TLS 1.3 handshake, sizes as common servers have them. */
export function tlsPayload(step: 'ClientHello' | 'ServerHello' | 'Finished', serverName = ''): AppPayload {
  const bytes = step === 'ClientHello' ? 517 : step === 'ServerHello' ? 1400 : 80;
  return { type: 'app', protocol: 'tls', summary: step, bytes, body: { kind: 'tls', step, serverName } };
}

/** The handshake step in a payload, or null when it is none. */
export function tlsStep(payload: AppPayload): { step: string; serverName: string } | null {
  const body = payload.body as { kind?: string; step?: string; serverName?: string } | null;
  if (body === null || typeof body !== 'object' || body.kind !== 'tls') return null;
  return { step: body.step ?? '', serverName: body.serverName ?? '' };
}
