/** YAML and JSON as kubectl prints objects: keys sorted, lists not indented under their key (sigs.k8s.io/yaml), JSON by 4. */
import { byText, isRecord } from './plain-values';

const OTHER_TYPE =
  /^(?:[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+|[\d_]+(?:\.[\d_]*)?(?:[eE][-+]?\d+)?|\.[\d_]+(?:[eE][-+]?\d+)?)|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|y|Y|n|N|\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?|[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?|<<|=)$/;

function needsEscapes(text: string): boolean {
  return /[\u0000-\u0008\u000b-\u001f\u007f\u0085\u2028\u2029\ufeff]/.test(text) || /^[\n ]*$/.test(text);
}

/** True when the text may stand without quotes in block context. */
function plainAllowed(text: string): boolean {
  if (/^[-?:](?:\s|$)/.test(text) || /^[,[\]{}#&*!|>'"%@`]/.test(text)) return false;
  if (/^(?:---|\.\.\.)/.test(text)) return false;
  return !/^\s|\s$|:\s|:$|\s#|\t|\n/.test(text);
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'string') return String(value);
  if (value === '') return '""';
  if (OTHER_TYPE.test(value)) return JSON.stringify(value);
  if (plainAllowed(value)) return value;
  if (needsEscapes(value)) return JSON.stringify(value);
  return `'${value.replace(/'/g, "''")}'`;
}

/** A text of several lines as a literal block. */
function block(text: string, indent: string): string {
  const chomp = !text.endsWith('\n') ? '-' : /\n\n$/.test(text) || text === '\n' ? '+' : '';
  const hint = /^\s/.test(text) ? '2' : '';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && presentKeys(value).length === 0;
}

function presentKeys(value: Record<string, unknown>): string[] {
  return Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(byText);
}

function inline(value: unknown, indent: string): string {
  if (isEmpty(value)) return Array.isArray(value) ? '[]' : '{}';
  if (typeof value === 'string' && /[^\n]\n/.test(value) && !needsEscapes(value)) return block(value, indent);
  return scalar(value);
}

function lines(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    return value
      .map((item) => {
        if ((isRecord(item) || Array.isArray(item)) && !isEmpty(item)) {
          return `${indent}- ${lines(item, `${indent}  `).slice(indent.length + 2)}`;
        }
        return `${indent}- ${inline(item, `${indent}  `)}\n`;
      })
      .join('');
  }
  const record = value as Record<string, unknown>;
  let out = '';
  for (const key of presentKeys(record)) {
    const item = record[key];
    const head = `${indent}${scalar(key)}:`;
    if (Array.isArray(item) && item.length > 0) out += `${head}\n${lines(item, indent)}`;
    else if (isRecord(item) && !isEmpty(item)) out += `${head}\n${lines(item, `${indent}  `)}`;
    else out += `${head} ${inline(item, `${indent}  `)}\n`;
  }
  return out;
}

/** One YAML document, newline at the end. */
export function toYaml(value: unknown): string {
  if (isEmpty(value) || !(isRecord(value) || Array.isArray(value))) return `${inline(value, '')}\n`;
  return lines(value, '');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(presentKeys(value).map((key) => [key, sorted(value[key])]));
}

/** JSON with keys sorted; Go escapes <, > and & in texts. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(sorted(value), null, 4);
  return `${text.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}\n`;
}
