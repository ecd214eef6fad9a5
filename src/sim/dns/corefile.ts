/** CoreDNS' configuration file (the Corefile, Caddy's format): server blocks with directives, which may have blocks. */
import { ipFamily, parsePrefix } from '../../lib/ip';

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[];
}

export interface ServerBlock {
  /** Absolute, lower case. */
  readonly zones: readonly string[];
  readonly port: number;
  readonly directives: readonly Directive[];
}

/** A Corefile that CoreDNS would refuse to start with; the message is what it logs. */
export class CorefileError extends Error {}

/** Parses a Corefile. `env` fills in {$NAME} and {%NAME%}. Throws CorefileError. */
export function parseCorefile(text: string, env: Readonly<Record<string, string>> = {}): ServerBlock[] {
  const lines = text.split('\n').map((line) => tokens(expand(line, env)));
  const blocks: ServerBlock[] = [];
  const cursor = { at: 0 };
  while (cursor.at < lines.length) {
    const line = lines[cursor.at]!;
    if (line.length === 0) {
      cursor.at++;
      continue;
    }
    if (line[line.length - 1] !== '{') {
      throw new CorefileError(
        `Corefile:${cursor.at + 1} - Error during parsing: Expected '{', found end of line`,
      );
    }
    cursor.at++;
    blocks.push(...serverBlocks(line.slice(0, -1), directives(lines, cursor)));
  }
  return blocks;
}

function expand(line: string, env: Readonly<Record<string, string>>): string {
  return line.replace(
    /\{\$(\w+)\}|\{%(\w+)%\}/g,
    (_, a: string | undefined, b: string | undefined) => env[a ?? b!] ?? '',
  );
}

/** Words of a line: quotes hold words together, # begins a comment. */
function tokens(line: string): string[] {
  const out: string[] = [];
  for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
    if (match[2]?.startsWith('#')) break;
    out.push(match[1] !== undefined ? match[1].replace(/\\"/g, '"') : match[2]!);
  }
  return out;
}

/** The lines up to the closing brace. */
function directives(lines: readonly (readonly string[])[], cursor: { at: number }): Directive[] {
  const out: Directive[] = [];
  while (cursor.at < lines.length) {
    const line = lines[cursor.at++]!;
    const [name, ...args] = line;
    if (name === undefined) continue;
    if (name === '}') return out;
    const opens = args[args.length - 1] === '{';
    out.push({ name, args: opens ? args.slice(0, -1) : args, block: opens ? directives(lines, cursor) : [] });
  }
  throw new CorefileError('Corefile - Error during parsing: Unexpected EOF');
}

/** Keys such as ".:53", "example.org", "dns://10.0.0.0/24:5353". Keys with different ports are different servers. */
function serverBlocks(keys: readonly string[], content: readonly Directive[]): ServerBlock[] {
  const ports = new Map<number, string[]>();
  for (const key of keys.flatMap((word) => word.split(',')).filter((word) => word !== '')) {
    const match = /^(?:dns:\/\/)?(.*?)(?::(\d+))?$/.exec(key)!;
    const port = Number(match[2] ?? 53);
    ports.set(port, [...(ports.get(port) ?? []), ...normalizeZone(match[1]!)]);
  }
  return [...ports].map(([port, zones]) => ({ zones, port, directives: content }));
}

/** A regular expression of Go: named groups and a leading flag are written differently. Throws SyntaxError. */
export function goRegex(text: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(text);
  const body = text.slice(flags?.[0].length ?? 0).replaceAll('(?P<', '(?<');
  return new RegExp(body, flags?.[1] ?? '');
}

/** A zone in normal form: absolute and lower case. A prefix in CIDR notation stands for its reverse zone. */
export function normalizeZone(text: string): string[] {
  const prefix = text.includes('/') ? parsePrefix(text) : null;
  if (prefix !== null) return [reverseZone(prefix.family, prefix.bytes, prefix.length)];
  if (text === '' || text === '.') return ['.'];
  if (ipFamily(text) !== null) return [];
  const lower = text.toLowerCase();
  return [lower.endsWith('.') ? lower : `${lower}.`];
}

function reverseZone(family: 4 | 6, bytes: readonly number[], length: number): string {
  if (family === 4) {
    return `${bytes
      .slice(0, Math.floor(length / 8))
      .reverse()
      .join('.')}.in-addr.arpa.`.replace(/^\./, '');
  }
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 15]).map((nibble) => nibble.toString(16));
  return `${nibbles
    .slice(0, Math.floor(length / 4))
    .reverse()
    .join('.')}.ip6.arpa.`.replace(/^\./, '');
}
