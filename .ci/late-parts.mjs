// Splits the worker in two: what a new cluster needs at once, and what src/worker/later.ts lists, which is loaded after
// the first picture. The simulator knows nothing of it: it imports everything as usual (and gets everything, in Node).
//
// In the browser build an import of a listed module is answered by a stand-in with the same names. A stand-in throws
// PartMissing when it is used before the part has arrived and passes on to the part from then on. later.ts itself turns
// into the module that fills all stand-ins.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const STAND_IN = '\0stand-in:';
const STAND = '\0stand';
const EXPORT = /^export (?:async )?(?:abstract )?(function|class|const|let) (\w+)/gm;

/** Text of the module that makes stand-ins. */
const STAND_CODE = `
function missing(name) {
  const error = new Error(name + ' is used before its part was loaded');
  error.name = 'PartMissing';
  throw error;
}
export function standIn(name, callable, held) {
  const real = () => (held.part === null ? missing(name) : held.part[name]);
  return new Proxy(callable ? function () {} : {}, {
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args) => Reflect.construct(real(), args),
    get: (_, key) => {
      const value = Reflect.get(real(), key);
      return !callable && typeof value === 'function' ? value.bind(real()) : value;
    },
    has: (_, key) => Reflect.has(real(), key),
    ownKeys: () => Reflect.ownKeys(real()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(real(), key);
      return found && { ...found, configurable: true };
    },
  });
}
`;

/** Stand-ins for what a module exports; plain values are small enough to be written down twice. */
function standInCode(file) {
  const text = readFileSync(file, 'utf8');
  if (/^export (?:\*|default)/m.test(text)) throw new Error(`${file}: a late part exports by name only`);
  const values = [...text.matchAll(/^export const (\w+) = (-?[\d_.]+|'[^']*');$/gm)];
  const plain = new Map(values.map((match) => [match[1], match[2]]));
  const lists = [...text.matchAll(/^export \{([^}]*)\};$/gm)].flatMap((match) => match[1].split(','));
  const names = [
    ...[...text.matchAll(EXPORT)].map((match) => ({ name: match[2], callable: match[1] !== 'const' })),
    ...lists.map((name) => ({ name: name.trim(), callable: true })),
  ].filter(({ name }) => !plain.has(name));
  return [
    `import { standIn } from '${STAND.replace('\0', '\\0')}';`,
    'const held = { part: null };',
    ...[...plain].map(([name, value]) => `export const ${name} = ${value};`),
    ...names.map(({ name, callable }) => `export let ${name} = standIn('${name}', ${callable}, held);`),
    `export function fill(part) { held.part = part; ${names.map(({ name }) => `${name} = part.${name};`).join(' ')} }`,
  ].join('\n');
}

/** Source files are named without their ending, those of packages with it. */
function fileOf(folder, source) {
  const path = resolve(folder, source);
  return path.endsWith('.js') ? path : `${path}.ts`;
}

/** The Vite plugin. `list` is the file whose imports are the late parts; only the worker that starts at `entry` is split. */
export function lateParts({ entry, list }) {
  const files = [...readFileSync(list, 'utf8').matchAll(/^import '([^']+)';$/gm)].map((match) =>
    fileOf(dirname(list), match[1]),
  );
  const late = new Set(files);
  let active = false;
  return {
    name: 'hopyard-late-parts',
    apply: 'build',
    enforce: 'pre',
    buildStart({ input }) {
      active = JSON.stringify(input).includes(entry);
    },
    resolveId(source, importer) {
      if (!active || importer === undefined) return null;
      if (source === STAND || source.startsWith(STAND_IN)) return source;
      if (!source.startsWith('.') || importer.startsWith('\0')) return null;
      const file = fileOf(dirname(importer), source);
      // Late parts come together, and may use each other even while they are loaded.
      if (!late.has(file) || importer === list || late.has(importer)) return null;
      return STAND_IN + file;
    },
    load(id) {
      if (id === STAND) return STAND_CODE;
      if (id.startsWith(STAND_IN)) return standInCode(id.slice(STAND_IN.length));
      if (!active || id !== list) return null;
      return files
        .map(
          (file, i) =>
            `import * as part${i} from '${file}'; import { fill as fill${i} } from '${STAND_IN.replace('\0', '\\0')}${file}';`,
        )
        .concat(files.map((_, i) => `fill${i}(part${i});`))
        .join('\n');
    },
  };
}
