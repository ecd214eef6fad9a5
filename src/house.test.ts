/**
 * The house rules of docs/DESIGN.md as a test: who may import whom, no cycles, a pure simulator, a kernel that has never
 * heard of Kubernetes, and files that fit on a few screens.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

interface SourceFile {
  /** Path below src/, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly string[];
  readonly isTest: boolean;
}

function walk(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const full = join(folder, name);
      return statSync(full).isDirectory() ? walk(full) : [full];
    });
}

const IMPORT = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

function resolveImport(from: string, target: string, known: ReadonlySet<string>): string | null {
  const base = join(dirname(from), target.replace(/\?.*$/, ''));
  const found = [base, `${base}.ts`, `${base}.tsx`, join(base, 'index.ts')].find((path) => known.has(path));
  return found ?? null;
}

function load(): SourceFile[] {
  const paths = walk(SRC).filter((path) => /\.tsx?$/.test(path));
  const known = new Set(paths.map((path) => relative(SRC, path)));
  return paths.map((full) => {
    const path = relative(SRC, full);
    const text = readFileSync(full, 'utf8');
    const imports = [...text.matchAll(IMPORT)]
      .map((match) => resolveImport(path, match[1]!, known))
      .filter((target) => target !== null);
    const isTest = /\.test\.tsx?$/.test(path) || path.startsWith('sim/testing/');
    return { path, text, lines: text.split('\n'), imports, isTest };
  });
}

const files = load();
const product = files.filter((file) => !file.isTest);

/** Floors from the ground up; a path belongs to the longest prefix that fits. */
const FLOORS: readonly (readonly [string, number])[] = [
  ['lib/', 0],
  ['sim/clock/', 1],
  ['sim/trace/', 1],
  ['sim/kernel/', 2],
  ['sim/api/', 2],
  ['sim/l7/', 2],
  ['sim/underlay.ts', 3],
  ['sim/manifests/', 3],
  ['sim/controllers/', 3],
  ['sim/node/', 3],
  ['sim/dns/', 3],
  ['sim/programs/', 4],
  ['sim/shell/', 5],
  ['sim/cluster', 6],
  ['sim/view', 6],
  ['worker/', 7],
  ['cli/', 7],
  ['state/', 8],
  ['share/', 9],
  ['scenarios/', 9],
  ['ui/', 9],
  ['canvas/', 10],
  ['editor/', 10],
  ['inspector/', 10],
  ['terminal/', 10],
  ['lessons/', 10],
  ['compare/', 10],
  ['app/', 11],
  ['main.tsx', 12],
];

function roomOf(path: string): readonly [string, number] | null {
  const fits = FLOORS.filter(([prefix]) => path.startsWith(prefix));
  return fits.sort((a, b) => b[0].length - a[0].length)[0] ?? null;
}

/** Rooms on one floor that must not know each other. */
const STRANGERS = new Set([
  'sim/kernel/',
  'sim/api/',
  'sim/l7/',
  'sim/underlay.ts',
  'sim/manifests/',
  'sim/controllers/',
  'sim/node/',
  'sim/dns/',
  'canvas/',
  'editor/',
  'inspector/',
  'terminal/',
  'lessons/',
  'compare/',
  'cli/',
]);

/** What the page may know of the simulator: the shape of what it is shown, and the sentences. */
const SIM_FOR_PAGE = new Set([
  'sim/view.ts',
  'sim/trace/hop.ts',
  'sim/trace/packet.ts',
  'sim/trace/describe.ts',
  'sim/trace/explain.ts',
  'sim/trace/fold.ts',
  'sim/clock/clock.ts',
]);

describe('floors', () => {
  it('gives every file a floor', () => {
    expect(product.filter((file) => roomOf(file.path) === null).map((file) => file.path)).toEqual([]);
  });

  it('lets nobody import from a higher floor or from a stranger on the same one', () => {
    const wrong = product.flatMap((file) =>
      file.imports
        .filter((target) => {
          const [room, floor] = roomOf(file.path) ?? ['', 0];
          const [targetRoom, targetFloor] = roomOf(target) ?? ['', 99];
          if (room === targetRoom) return false;
          return (
            targetFloor > floor || (targetFloor === floor && STRANGERS.has(room) && STRANGERS.has(targetRoom))
          );
        })
        .map((target) => `${file.path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('shows the page only what it may know of the simulator', () => {
    const wrong = product
      .filter((file) => (roomOf(file.path)?.[1] ?? 0) >= 8)
      .flatMap((file) =>
        file.imports
          .filter((target) => target.startsWith('sim/') && !SIM_FOR_PAGE.has(target))
          .map((target) => `${file.path} -> ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(findCycles()).toEqual([]);
  });
});

function findCycles(): string[] {
  const graph = new Map(product.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.push([...trail.slice(at), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Code without comments and string contents, so that words in prose do not count. */
function codeOf(file: SourceFile): string {
  return file.text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/`(?:[^`\\$]|\\.|\$(?!\{))*`/g, '``');
}

describe('purity', () => {
  const sim = product.filter((file) => file.path.startsWith('sim/'));

  it('keeps chance, wall clocks and waiting out of the simulator', () => {
    const impure =
      /\bMath\.random\b|\bDate\b|\bsetTimeout\b|\bsetInterval\b|\basync\b|\bawait\b|\bPromise\b|\bconsole\b|\bwindow\b|\bdocument\b|\bfunction\s*\*/;
    const found = sim.filter((file) => impure.test(codeOf(file)));
    expect(found.map((file) => `${file.path}: ${impure.exec(codeOf(file))?.[0]}`)).toEqual([]);
  });

  it('never lets the kernel hear of Kubernetes', () => {
    const words = /kube|k8s|service|\bpods?\b|endpoint|ingress/i;
    const kernel = product.filter((file) => file.path.startsWith('sim/kernel/'));
    const found = kernel.flatMap((file) =>
      file.lines.flatMap((line, i) => (words.test(line) ? [`${file.path}:${i + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });

  it('keeps node and third-party imports of the simulator to the chosen few', () => {
    const allowed = new Set(['yaml', 'ipaddr.js', '@noble/hashes/sha2.js', '@noble/hashes/utils.js']);
    const bare = /from '([^.'][^']*)'/g;
    const wrong = product
      .filter((file) => file.path.startsWith('sim/') || file.path.startsWith('lib/'))
      .flatMap((file) =>
        [...file.text.matchAll(bare)].map((match) => match[1]!).filter((name) => !allowed.has(name)),
      );
    expect(wrong).toEqual([]);
  });

  it('never writes user text as HTML', () => {
    const found = product.filter((file) =>
      /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML/.test(codeOf(file)),
    );
    expect(found.map((file) => file.path)).toEqual([]);
  });
});

/** Generated tables are data, not code to read. */
const isData = (file: SourceFile): boolean => /\/(schema|schemas)\//.test(file.path);

describe('size and names', () => {
  it('keeps files under 400 lines, and 95 of 100 under 300', () => {
    const code = product.filter((file) => !isData(file));
    expect(code.filter((file) => file.lines.length > 401).map((f) => `${f.path} ${f.lines.length}`)).toEqual(
      [],
    );
    const long = code.filter((file) => file.lines.length > 301);
    expect(
      long.length / code.length,
      long.map((f) => `${f.path} ${f.lines.length}`).join('\n'),
    ).toBeLessThanOrEqual(0.05);
  });

  it('keeps functions under 60 lines', () => {
    expect(product.filter((file) => !isData(file)).flatMap(longFunctions)).toEqual([]);
  });

  it('keeps folders shallow and names honest', () => {
    const vague = /(^|\/)(utils?|helpers?|common|shared|core|misc|managers?)(\/|\.tsx?$)/;
    expect(files.map((file) => file.path).filter((path) => vague.test(path))).toEqual([]);
    expect(files.map((file) => file.path).filter((path) => path.split('/').length > 4)).toEqual([]);
  });

  it('exports at most 8 values a file, types aside', () => {
    const values = /^export (?:default |abstract )*(?:function|class|const|let) /gm;
    const wide = product
      .filter((file) => !isData(file))
      .filter((file) => [...file.text.matchAll(values)].length > 8);
    expect(wide.map((file) => file.path)).toEqual([]);
  });

  it('leaves nothing for later', () => {
    expect(
      files
        .filter((file) => /\b(TODO|FIXME|XXX)\b/.test(file.text) && !file.path.includes('house'))
        .map((f) => f.path),
    ).toEqual([]);
  });
});

/** Functions by prettier's indentation: from a line that opens one to the line that closes it at the same depth. */
function longFunctions(file: SourceFile): string[] {
  const opens =
    /^(\s*)(?:export )?(?:default )?(?:(?:public|private|protected|static|override) )*(?:function\b|(?:const|let) \w+ = (?:\([^=]*\)|\w+)(?:: [^=]+)? => \{|(?!if|for|while|switch|return|else|do|try|catch)\w+(?:<[^>]*>)?\([^;]*\)?(?:: [^{;]+)? \{$)/;
  const limit = file.path.endsWith('.tsx') ? 90 : 61;
  return file.lines.flatMap((line, start) => {
    const match = opens.exec(line);
    if (match === null) return [];
    const end = file.lines.findIndex(
      (other, i) => i > start && other.startsWith(`${match[1]}}`) && !other.startsWith(`${match[1]}} `),
    );
    return end - start + 1 > limit ? [`${file.path}:${start + 1} ${end - start + 1} lines`] : [];
  });
}

describe('the lock file', () => {
  it('names no registry', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect(lock).not.toMatch(/"resolved"/);
  });
});
