/**
 * Collects every comment of the simulator that begins `Not simulated:` for the page's fidelity notes. As a Vite plugin it
 * answers `import notes from 'virtual:fidelity'`; run by itself it prints the list.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const MARK = /Not simulated:\s*/;
const ID = 'virtual:fidelity';

/** What the folders are called in the page; the longest that fits counts. */
const AREAS = [
  ['node/kube-proxy', 'kube-proxy'],
  ['node/ebpf', 'eBPF in place of kube-proxy'],
  ['node/metallb', 'MetalLB'],
  ['node/kubelet', 'kubelet'],
  ['node/cni', 'CNI'],
  ['node', 'Nodes'],
  ['kernel', 'Linux kernel'],
  ['api', 'API server'],
  ['controllers/load-balancer', 'Load balancers'],
  ['controllers', 'Controllers'],
  ['dns', 'DNS'],
  ['l7', 'HTTP routing'],
  ['manifests', 'Manifests'],
  ['programs', 'Programs in containers'],
  ['shell', 'Terminal'],
  ['', 'The cluster and its surroundings'],
];

function files(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return name === 'testing' ? [] : files(path);
      return /\.tsx?$/.test(name) && !/\.test\./.test(name) ? [path] : [];
    });
}

/** The comment's paragraphs that begin with the mark, one note each. */
export function notesOf(text) {
  const lines = text.split('\n');
  const notes = [];
  lines.forEach((line, i) => {
    if (!MARK.test(line) || !/^\s*(\/\*\*?|\*|\/\/)|\/\/.*Not simulated/.test(line)) return;
    const words = [];
    for (let at = i; at < lines.length; at++) {
      const raw = at === i ? lines[at].slice(lines[at].search(MARK)).replace(MARK, '') : lines[at];
      const isComment = at === i || /^\s*(\*|\/\/)/.test(raw);
      const said = raw
        .replace(/^\s*(\*(?!\/)|\/\/)\s?/, '')
        .replace(/\s*\*\/.*$/, '')
        .trim();
      const next = at > i && MARK.test(raw);
      if (!isComment || next || (at > i && (said === '' || said.startsWith('@')))) break;
      words.push(said);
      if (raw.includes('*/')) break;
    }
    const note = words.join(' ').replaceAll('`', '').trim();
    if (note !== '') notes.push({ line: i + 1, text: note.charAt(0).toUpperCase() + note.slice(1) });
  });
  return notes;
}

/** All notes of the simulator, by area and file. */
export function collectNotes(root) {
  const sim = join(root, 'src/sim');
  const area = (path) => AREAS.find(([folder]) => folder === '' || path.startsWith(`${folder}/`))[1];
  const order = AREAS.map(([, name]) => name);
  return files(sim)
    .flatMap((path) => {
      const file = relative(sim, path);
      return notesOf(readFileSync(path, 'utf8')).map((note) => ({
        area: area(file),
        file: `src/sim/${file}`,
        ...note,
      }));
    })
    .sort((a, b) => order.indexOf(a.area) - order.indexOf(b.area));
}

/** Vite's side of it. */
export function fidelityNotes(root) {
  return {
    name: 'hopyard-fidelity',
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load: (id) => (id === `\0${ID}` ? `export default ${JSON.stringify(collectNotes(root))};` : null),
  };
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(`${JSON.stringify(collectNotes(join(import.meta.dirname, '..')), null, 2)}\n`);
