/**
 * The text tools that stand behind a pipe: grep, head, tail, wc, sort, uniq, less and cat. Each is fed text as it
 * comes and keeps what it must know as data.
 */

/** What a filter remembers between two pieces of input. */
export interface FilterState {
  readonly argv: readonly string[];
  /** Text after the last newline. */
  readonly rest: string;
  /** Lines kept for the end (tail, sort, wc). */
  readonly kept: readonly string[];
  /** Lines seen or let through. */
  readonly count: number;
}

interface Filter {
  readonly synopsis: string;
  /** Null when the arguments are understood, otherwise what to print. */
  check(argv: readonly string[]): string | null;
  /** Lines to let through for one line of input. */
  line(state: FilterState, line: string): { pass?: string; state?: FilterState };
  /** What to print at the end of input, and the exit code. */
  end(state: FilterState): { text?: string; code: number };
}

const keep = (state: FilterState, line: string) => ({ state: { ...state, kept: [...state.kept, line] } });
const joined = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** The number of `-n 5`, `-n5` or `-5`. */
function lineCount(argv: readonly string[]): number {
  for (const [i, arg] of argv.entries()) {
    if (arg === '-n') return Math.abs(Number(argv[i + 1]));
    const m = /^-n?(\d+)$/.exec(arg);
    if (m !== null) return Number(m[1]);
  }
  return 10;
}

const countOk = (name: string) => (argv: readonly string[]) =>
  Number.isNaN(lineCount(argv)) ? `${name}: invalid number of lines\n` : null;

interface GrepOptions {
  readonly flags: string;
  readonly pattern: string | undefined;
}

function grepOptions(argv: readonly string[]): GrepOptions {
  let flags = '';
  const patterns: string[] = [];
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '-e') patterns.push(argv[++i] ?? '');
    else if (arg.startsWith('--color')) continue;
    else if (/^-[a-zA-Z]+$/.test(arg)) flags += arg.slice(1);
    else patterns.push(arg);
  }
  return { flags, pattern: patterns[0] };
}

/** The pattern as a RegExp: basic syntax means that \| and \+ are the operators; -E and -P write them bare. */
function grepPattern({ flags, pattern }: GrepOptions): RegExp | null {
  let source = pattern ?? '';
  if (flags.includes('F')) source = source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  else if (!/[EP]/.test(flags)) {
    source = source.replace(/\\?[|+?(){}]/g, (found) => (found.length === 2 ? found[1]! : `\\${found}`));
  }
  if (flags.includes('w')) source = `\\b(?:${source})\\b`;
  if (flags.includes('x')) source = `^(?:${source})$`;
  try {
    return new RegExp(source, flags.includes('i') ? 'i' : '');
  } catch {
    return null;
  }
}

const grep: Filter = {
  synopsis: 'keeps the lines that match: grep [-i] [-v] [-c] [-E] PATTERN',
  check: (argv) => {
    const options = grepOptions(argv);
    if (options.pattern === undefined) return 'Usage: grep [OPTION]... PATTERNS [FILE]...\n';
    return grepPattern(options) === null ? `grep: bad pattern: ${options.pattern}\n` : null;
  },
  line: (state, line) => {
    const options = grepOptions(state.argv);
    const hit = grepPattern(options)!.test(line) !== options.flags.includes('v');
    if (!hit) return {};
    const next = { ...state, count: state.count + 1 };
    if (/[cq]/.test(options.flags)) return { state: next };
    if (options.flags.includes('o') && !options.flags.includes('v')) {
      const all = line.match(new RegExp(grepPattern(options)!.source, 'g')) ?? [];
      return { pass: all.join('\n'), state: next };
    }
    return { pass: line, state: next };
  },
  end: (state) => ({
    ...(grepOptions(state.argv).flags.includes('c') ? { text: `${state.count}\n` } : {}),
    code: state.count > 0 ? 0 : 1,
  }),
};

const head: Filter = {
  synopsis: 'keeps the first lines: head [-n COUNT]',
  check: countOk('head'),
  line: (state, line) => {
    if (state.count >= lineCount(state.argv)) return {};
    return { pass: line, state: { ...state, count: state.count + 1 } };
  },
  end: () => ({ code: 0 }),
};

const tail: Filter = {
  synopsis: 'keeps the last lines: tail [-n COUNT]',
  check: countOk('tail'),
  line: (state, line) => {
    const from = /^\+(\d+)$/.exec(state.argv[state.argv.indexOf('-n') + 1] ?? '');
    if (from !== null) {
      const next = { ...state, count: state.count + 1 };
      return next.count >= Number(from[1]) ? { pass: line, state: next } : { state: next };
    }
    return { state: { ...state, kept: [...state.kept, line].slice(-lineCount(state.argv)) } };
  },
  end: (state) => ({ text: joined(lineCount(state.argv) === 0 ? [] : state.kept), code: 0 }),
};

const wc: Filter = {
  synopsis: 'counts: wc [-l] [-w] [-c]',
  check: () => null,
  line: keep,
  end: (state) => {
    const text = joined(state.kept);
    const words = text.split(/\s+/).filter((word) => word !== '').length;
    const flags = state.argv.slice(1).join('');
    const all = { l: state.kept.length, w: words, c: text.length };
    const shown = (['l', 'w', 'c'] as const).filter((flag) => flags === '' || flags.includes(flag));
    const cells = shown.map((flag) => String(all[flag]));
    return {
      text: (cells.length === 1 ? cells[0]! : cells.map((c) => c.padStart(7)).join(' ')) + '\n',
      code: 0,
    };
  },
};

function sortKey(argv: readonly string[], line: string): string {
  const k = argv.findIndex((arg) => arg.startsWith('-k'));
  if (k < 0) return line;
  const field = parseInt(argv[k]!.slice(2) || (argv[k + 1] ?? '1'), 10);
  return line
    .trim()
    .split(/\s+/)
    .slice(field - 1)
    .join(' ');
}

const sort: Filter = {
  synopsis: 'sorts lines: sort [-r] [-n] [-u] [-k FIELD]',
  check: () => null,
  line: keep,
  end: (state) => {
    const flags = state.argv.filter((arg) => /^-[a-z]+$/.test(arg) && !arg.startsWith('-k')).join('');
    const rows = state.kept.map((line) => ({ line, key: sortKey(state.argv, line) }));
    const numeric = flags.includes('n');
    rows.sort((a, b) => {
      const byNumber = numeric ? (parseFloat(a.key) || 0) - (parseFloat(b.key) || 0) : 0;
      if (byNumber !== 0) return byNumber;
      // Equal keys are told apart by the whole line.
      const [left, right] = a.key === b.key ? [a.line, b.line] : [a.key, b.key];
      return left < right ? -1 : left > right ? 1 : 0;
    });
    if (flags.includes('r')) rows.reverse();
    const lines = rows.map((row) => row.line);
    return { text: joined(flags.includes('u') ? [...new Set(lines)] : lines), code: 0 };
  },
};

const uniq: Filter = {
  synopsis: 'drops repeated neighbours: uniq [-c]',
  check: () => null,
  line: keep,
  end: (state) => {
    const runs: { line: string; times: number }[] = [];
    for (const line of state.kept) {
      const last = runs.at(-1);
      if (last?.line === line) last.times++;
      else runs.push({ line, times: 1 });
    }
    const counted = state.argv.includes('-c');
    return {
      text: joined(runs.map((r) => (counted ? `${String(r.times).padStart(7)} ${r.line}` : r.line))),
      code: 0,
    };
  },
};

const pass: Filter = {
  synopsis: 'lets everything through',
  check: () => null,
  line: (_state, line) => ({ pass: line }),
  end: () => ({ code: 0 }),
};

/** Tools that may stand after a pipe, by name. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  grep,
  head,
  tail,
  wc,
  sort,
  uniq,
  cat: pass,
  less: pass,
  more: pass,
};

/** A filter ready for input, or why its command line is not understood. */
export function startFilter(argv: readonly string[]): FilterState | { readonly error: string } {
  const filter = FILTERS[argv[0] ?? ''];
  if (filter === undefined) {
    return {
      error: `sh: ${argv[0]}: not found behind a pipe (these are: ${Object.keys(FILTERS).join(', ')})\n`,
    };
  }
  const wrong = filter.check(argv);
  return wrong === null ? { argv, rest: '', kept: [], count: 0 } : { error: wrong };
}

/** Feeds text; answers what comes out and what the filter now remembers. */
export function feedFilter(state: FilterState, text: string): { text: string; state: FilterState } {
  const lines = (state.rest + text).split('\n');
  let now: FilterState = { ...state, rest: lines.pop()! };
  let out = '';
  for (const line of lines) {
    const result = FILTERS[now.argv[0]!]!.line(now, line);
    if (result.pass !== undefined) out += `${result.pass}\n`;
    if (result.state !== undefined) now = { ...result.state, rest: now.rest };
  }
  return { text: out, state: now };
}

/** The end of input. */
export function endFilter(state: FilterState): { text: string; code: number } {
  const last = state.rest === '' ? { text: '', state } : feedFilter(state, '\n');
  const end = FILTERS[state.argv[0]!]!.end(last.state);
  return { text: last.text + (end.text ?? ''), code: end.code };
}
