/** Plain bytes on a connection: what nc types and line protocols say. */
import type { AppPayload } from '../trace/packet';

/** Text as a payload; the summary is its first line. */
export function textPayload(text: string): AppPayload {
  const first = text.split('\n')[0]!.trim();
  return { type: 'app', protocol: 'data', summary: first.slice(0, 60), bytes: text.length, body: { text } };
}

/** The text in a payload, or null when it holds something else. */
export function textOf(payload: AppPayload): string | null {
  const body = payload.body as { text?: unknown } | null;
  return body !== null && typeof body === 'object' && typeof body.text === 'string' ? body.text : null;
}
