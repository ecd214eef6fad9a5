/**
 * The forms of names, keys and values, with the words of apimachinery's pkg/util/validation. Each function gives the
 * complaints about a text, an empty list when it is fine.
 */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_RE = new RegExp(`^${LABEL}$`);
const SUBDOMAIN_RE = new RegExp(`^${SUBDOMAIN}$`);
const DNS1035_RE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_RE = new RegExp(`^${QUALIFIED}$`);
const LABEL_VALUE_RE = new RegExp(`^(${QUALIFIED})?$`);

export type NameCheck = (text: string) => string[];

/** "… (e.g. 'a',  or 'b', regex used for validation is 'x')": the doubled blank is the server's. */
export function regexMessage(message: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

function maxLength(limit: number): string {
  return `must be no more than ${limit} characters`;
}

/** RFC 1123 label: namespaces, containers, volumes. */
export function dnsLabel(text: string): string[] {
  const out = text.length > 63 ? [maxLength(63)] : [];
  if (LABEL_RE.test(text)) return out;
  if (SUBDOMAIN_RE.test(text)) return [...out, 'must not contain dots'];
  const message =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...out, regexMessage(message, LABEL, 'my-name', '123-abc')];
}

/** RFC 1123 subdomain: most object names. */
export function dnsSubdomain(text: string): string[] {
  const out = text.length > 253 ? [maxLength(253)] : [];
  if (SUBDOMAIN_RE.test(text)) return out;
  const message =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...out, regexMessage(message, SUBDOMAIN, 'example.com')];
}

/** RFC 1123 subdomain with `*.` in front. */
export function wildcardSubdomain(text: string): string[] {
  const pattern = `\\*\\.${SUBDOMAIN}`;
  const out = text.length > 253 ? [maxLength(253)] : [];
  if (new RegExp(`^${pattern}$`).test(text)) return out;
  const message =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...out, regexMessage(message, pattern, '*.example.com')];
}

/** RFC 1035 label: Services. */
export function dns1035Label(text: string): string[] {
  const out = text.length > 63 ? [maxLength(63)] : [];
  if (DNS1035_RE.test(text)) return out;
  const message =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...out, regexMessage(message, '[a-z]([-a-z0-9]*[a-z0-9])?', 'my-name', 'abc-123')];
}

const QUALIFIED_MESSAGE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** Label and annotation keys: a name with an optional DNS prefix. */
export function qualifiedName(text: string): string[] {
  const parts = text.split('/');
  const wrong = regexMessage(QUALIFIED_MESSAGE, QUALIFIED, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2)
    return [
      `a qualified name ${wrong} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const out: string[] = [];
  const name = parts[parts.length - 1]!;
  if (parts.length === 2) {
    if (parts[0] === '') out.push('prefix part must be non-empty');
    else out.push(...dnsSubdomain(parts[0]!).map((message) => `prefix part ${message}`));
  }
  if (name === '') out.push('name part must be non-empty');
  else if (name.length > 63) out.push(`name part ${maxLength(63)}`);
  if (!QUALIFIED_RE.test(name)) out.push(`name part ${wrong}`);
  return out;
}

export function labelValue(text: string): string[] {
  const out = text.length > 63 ? [maxLength(63)] : [];
  if (LABEL_VALUE_RE.test(text)) return out;
  const message =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...out, regexMessage(message, `(${QUALIFIED})?`, 'MyValue', 'my_value', '12345')];
}

/** A part of a request's path: names of RBAC objects, kinds in references. */
export function pathSegment(text: string): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((letter) => text.includes(letter)).map((letter) => `may not contain '${letter}'`);
}
