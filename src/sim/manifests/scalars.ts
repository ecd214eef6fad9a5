/**
 * YAML as kubectl reads it (sigs.k8s.io/yaml: the scalar rules of go-yaml 2, then JSON): `on` and `y` are booleans, 0755 is
 * octal, keys become strings, the last of two equal keys wins. Compared with kubectl 1.32.4 on 64 spellings of scalars;
 * three differ: 0X1F, 0.1_1 and 1e400.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions, Tags } from 'yaml';

const BOOL_TAG = 'tag:yaml.org,2002:bool';
const INT_TAG = 'tag:yaml.org,2002:int';

const bool: ScalarTag = {
  identify: (value) => typeof value === 'boolean',
  default: true,
  tag: BOOL_TAG,
  test: /^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
};

const int: ScalarTag = {
  identify: (value) => typeof value === 'number',
  default: true,
  tag: INT_TAG,
  test: /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/,
  resolve: (text) => {
    const [, sign, prefix, digits = ''] = /^([-+]?)(0b|0o|0x)?(.*)$/.exec(text.replace(/_/g, ''))!;
    const radix = prefix ? { '0b': 2, '0o': 8, '0x': 16 }[prefix]! : /^0[0-7]+$/.test(digits) ? 8 : 10;
    const value = parseInt(digits, radix);
    return sign === '-' ? -value : value;
  },
};

const withKubectlScalars = (tags: Tags): Tags => [
  bool,
  int,
  ...tags.filter((tag) => typeof tag === 'string' || (tag.tag !== BOOL_TAG && tag.tag !== INT_TAG)),
];

/** Options for the yaml package; duplicate keys are found here, because its own check is quadratic. */
export const YAML_OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.2',
  schema: 'core',
  merge: true,
  uniqueKeys: false,
  prettyErrors: false,
  strict: true,
  customTags: withKubectlScalars,
};

/** Something kubectl would say about the document, at an offset range of its text. */
export interface PlainProblem {
  readonly from: number;
  readonly to: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface PlainResult {
  readonly value: unknown;
  readonly problems: readonly PlainProblem[];
}

const DEPTH_LIMIT = 200;

/** The document as JSON data, with what is wrong on the way. An error means that there is no usable value. */
export function toPlain(tree: Document): PlainResult {
  const reader = new Reader(tree);
  const value = reader.read(tree.contents as Node | null, 0);
  return { value: reader.failed ? undefined : value, problems: reader.problems };
}

class Reader {
  readonly problems: PlainProblem[] = [];
  failed = false;
  private decoded = 0;
  private viaAlias = 0;
  private aliasDepth = 0;
  private readonly open = new Set<Node>();

  constructor(private readonly tree: Document) {}

  read(node: Node | null, depth: number): unknown {
    if (node === null || this.failed) return null;
    this.decoded++;
    if (this.aliasDepth > 0) this.viaAlias++;
    if (depth > DEPTH_LIMIT) return this.fail(node, 'exceeded max depth');
    if (this.excessive()) return this.fail(node, 'yaml: document contains excessive aliasing');
    if (isAlias(node)) return this.alias(node, depth);
    if (isMap(node)) return this.map(node, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node | null, depth + 1));
    if (isScalar(node)) return this.scalar(node, node.value);
    return null;
  }

  /** The ratio rule of go-yaml's decoder: few aliases are free, big documents must be mostly their own text. */
  private excessive(): boolean {
    if (this.viaAlias <= 100 || this.decoded <= 1_000) return false;
    const span = Math.min(1, Math.max(0, (this.decoded - 400_000) / 3_600_000));
    return this.viaAlias / this.decoded > 0.99 - 0.89 * span || this.decoded > 4_000_000;
  }

  private alias(node: Alias, depth: number): unknown {
    const target = node.resolve(this.tree);
    if (target === undefined) return this.fail(node, `yaml: unknown anchor '${node.source}' referenced`);
    if (this.open.has(target)) return this.fail(node, `yaml: anchor '${node.source}' value contains itself`);
    this.aliasDepth++;
    this.open.add(target);
    const value = this.read(target, depth + 1);
    this.open.delete(target);
    this.aliasDepth--;
    return value;
  }

  private scalar(node: Node, value: unknown): unknown {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
      return this.fail(node, `json: unsupported value: ${text}`);
    }
    if (typeof value === 'bigint') return Number(value);
    return value === undefined ? null : value;
  }

  private map(node: YAMLMap, depth: number): unknown {
    // A null prototype is not needed: `__proto__` is defined, not assigned.
    const out: Record<string, unknown> = {};
    const own = new Set<string>();
    this.open.add(node);
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const keyNode = pair.key as Node | null;
      if (isScalar(keyNode) && isMergeKey(keyNode)) {
        this.merge(out, own, pair.value as Node | null, depth);
        continue;
      }
      const key = keyText(this.read(keyNode, depth + 1));
      if (own.has(key) && keyNode?.range) {
        const message = `key "${key}" is given twice in this map; the last one wins`;
        this.problems.push({ from: keyNode.range[0], to: keyNode.range[1], severity: 'warning', message });
      }
      own.add(key);
      put(out, key, this.read(pair.value as Node | null, depth + 1));
    }
    this.open.delete(node);
    return out;
  }

  /** `<<`: keys of the merged maps that the map itself does not give. */
  private merge(
    out: Record<string, unknown>,
    own: ReadonlySet<string>,
    node: Node | null,
    depth: number,
  ): void {
    const given = this.read(node, depth + 1);
    const sources = Array.isArray(given) ? given : [given];
    const taken = new Set(own);
    for (const source of sources) {
      if (source === null || typeof source !== 'object' || Array.isArray(source)) {
        if (node) this.fail(node, 'yaml: map merge requires map or sequence of maps as the value');
        return;
      }
      for (const [key, value] of Object.entries(source)) {
        if (taken.has(key)) continue;
        taken.add(key);
        put(out, key, value);
      }
    }
  }

  private fail(node: Node, message: string): null {
    this.failed = true;
    const [from, to] = node.range ?? [0, 0];
    this.problems.push({ from, to, severity: 'error', message });
    return null;
  }
}

function isMergeKey(node: { readonly value: unknown; readonly type?: string }): boolean {
  return node.type === 'PLAIN' && (node.value === '<<' || (node as { source?: string }).source === '<<');
}

/** How a key becomes a JSON key: true for `on`, 8 for `010`. */
function keyText(key: unknown): string {
  if (key === null) return 'null';
  return typeof key === 'object' ? JSON.stringify(key) : String(key);
}

function put(out: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(out, key, { value, enumerable: true, writable: true, configurable: true });
  else out[key] = value;
}
