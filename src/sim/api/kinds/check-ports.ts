/** Checks of ports and protocols, in the words of core validation (pkg/apis/core/validation). */
import { invalidValue, notSupported, required } from '../field-errors';
import type { FieldError } from '../field-error';
import { checkName } from './checks';

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

export function checkPortNumber(field: string, port: number): FieldError[] {
  return port >= 1 && port <= 65535
    ? []
    : [invalidValue(field, port, 'must be between 1 and 65535, inclusive')];
}

/** IANA service name: what a port may be called (RFC 6335). */
export function portName(text: string): string[] {
  const out: string[] = [];
  if (text.length > 15) out.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(text))
    out.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(text)) out.push('must contain at least one letter (a-z)');
  if (text.includes('--')) out.push('must not contain consecutive hyphens');
  if (text !== '' && (text.startsWith('-') || text.endsWith('-')))
    out.push('must not begin or end with a hyphen');
  return out;
}

/** A port number, or the name of a port. A quoted number is a name without a letter. */
export function checkPortNumberOrName(field: string, port: number | string | undefined): FieldError[] {
  if (typeof port === 'string') return checkName(field, port, portName);
  return checkPortNumber(field, port ?? 0);
}

export function checkProtocol(field: string, protocol: string | undefined): FieldError[] {
  if (!protocol) return [required(field)];
  return PROTOCOLS.includes(protocol) ? [] : [notSupported(field, protocol, PROTOCOLS)];
}
