/** Flag parsing the way spf13/pflag does it for kubectl: -oyaml, -o=yaml, -o yaml, -it, --output=yaml, and `--`. */
import { UsageError } from './api';
import type { FlagSpec } from './flag-table';
import { parseDurationMs } from './time';

/** Flags whose value may be left out, and what they then mean. */
const BARE: Readonly<Record<string, string>> = {
  'dry-run': 'unchanged',
  cascade: 'background',
  validate: 'strict',
};
/** List flags whose values are not cut at commas. */
const WHOLE = new Set(['from-literal', 'from-file', 'rule', 'env', 'annotation', 'annotations']);

export class Flags {
  /** Arguments that are no flags. */
  readonly args: string[] = [];
  /** How many of them stood before `--`; null without it. */
  argsBeforeDash: number | null = null;
  private readonly values = new Map<string, string[]>();

  constructor(
    private readonly specs: readonly FlagSpec[],
    /** "get", "rollout status": named in error messages. */
    readonly command: string,
  ) {}

  /** True when the flag was written. */
  has(name: string): boolean {
    return this.values.has(name);
  }

  text(name: string): string {
    return this.values.get(name)?.at(-1) ?? this.spec(name)?.default ?? '';
  }

  bool(name: string): boolean {
    return this.text(name) === 'true';
  }

  int(name: string): number {
    return Number(this.text(name) || '0');
  }

  /** Milliseconds. */
  duration(name: string): number {
    return parseDurationMs(this.text(name) || '0') ?? 0;
  }

  list(name: string): readonly string[] {
    const given = this.values.get(name) ?? [];
    return WHOLE.has(name)
      ? given
      : given.flatMap((value) => value.split(',')).filter((value) => value !== '');
  }

  set(spec: FlagSpec, value: string): void {
    const wrong = checkValue(spec, value);
    if (wrong !== null) {
      const shown = spec.short === '' ? `--${spec.name}` : `-${spec.short}, --${spec.name}`;
      throw this.fail(`invalid argument ${JSON.stringify(value)} for "${shown}" flag: ${wrong}`);
    }
    const text = spec.type === 'b' ? String(/^(?:1|t|true)$/i.test(value)) : value;
    this.values.set(spec.name, [...(this.values.get(spec.name) ?? []), text]);
  }

  spec(name: string): FlagSpec | undefined {
    return this.specs.find((spec) => spec.name === name);
  }

  short(letter: string): FlagSpec | undefined {
    return this.specs.find((spec) => spec.short === letter);
  }

  fail(message: string): UsageError {
    return new UsageError(
      message,
      `See 'kubectl ${this.command} --help' for usage.`.replace('kubectl  ', 'kubectl '),
    );
  }
}

function checkValue(spec: FlagSpec, value: string): string | null {
  const shown = JSON.stringify(value);
  switch (spec.type) {
    case 'b':
      return /^(?:1|0|t|f|true|false)$/i.test(value)
        ? null
        : `strconv.ParseBool: parsing ${shown}: invalid syntax`;
    case 'i':
      return /^[+-]?\d+$/.test(value) ? null : `strconv.ParseInt: parsing ${shown}: invalid syntax`;
    case 'd':
      return parseDurationMs(value) === null ? `time: ${durationFault(value)}` : null;
    default:
      return null;
  }
}

function durationFault(value: string): string {
  return /^[+-]?[\d.]+$/.test(value)
    ? `missing unit in duration ${JSON.stringify(value)}`
    : `invalid duration ${JSON.stringify(value)}`;
}

/** Parses what stands after the command's name. Throws UsageError. */
export function parseFlags(argv: readonly string[], specs: readonly FlagSpec[], command: string): Flags {
  const flags = new Flags(specs, command);
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      flags.argsBeforeDash = flags.args.length;
      flags.args.push(...argv.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) i += longFlag(flags, arg, argv[i + 1]);
    else if (arg.startsWith('-') && arg.length > 1) i += shortFlags(flags, arg, argv[i + 1]);
    else flags.args.push(arg);
  }
  return flags;
}

/** Takes one `--name`; answers how many further arguments it used up. */
function longFlag(flags: Flags, arg: string, next: string | undefined): number {
  const equals = arg.indexOf('=');
  const name = arg.slice(2, equals < 0 ? undefined : equals);
  const spec = flags.spec(name);
  if (spec === undefined) throw flags.fail(`unknown flag: --${name}`);
  if (equals >= 0) flags.set(spec, arg.slice(equals + 1));
  else if (spec.type === 'b') flags.set(spec, 'true');
  else if (BARE[name] !== undefined) flags.set(spec, BARE[name]);
  else if (next === undefined) throw flags.fail(`flag needs an argument: --${name}`);
  else {
    flags.set(spec, next);
    return 1;
  }
  return 0;
}

function shortFlags(flags: Flags, arg: string, next: string | undefined): number {
  for (let i = 1; i < arg.length; i++) {
    const letter = arg[i]!;
    const spec = flags.short(letter);
    if (spec === undefined) throw flags.fail(`unknown shorthand flag: '${letter}' in ${arg}`);
    const rest = arg.slice(i + 1);
    if (rest.startsWith('=')) {
      flags.set(spec, rest.slice(1));
      return 0;
    }
    if (spec.type === 'b') {
      flags.set(spec, 'true');
      continue;
    }
    if (rest !== '') {
      flags.set(spec, rest);
      return 0;
    }
    if (next === undefined) throw flags.fail(`flag needs an argument: '${letter}' in ${arg}`);
    flags.set(spec, next);
    return 1;
  }
  return 0;
}
