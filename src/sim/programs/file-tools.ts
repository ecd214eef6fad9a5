/**
 * Commands that move and change files, as init containers use them: cp, mv, ln, ls, chown and their like (POSIX).
 *
 * Not simulated: owners, modes, times and directories, so that changing those succeeds and changes nothing; links are copies.
 * Archives are not unpacked. What an image holds is not known: in an image that is not in our table, copying a file that we do not have succeeds.
 */
import { behaviourOf } from './images';
import { TOOLS } from './image-table';
import { plainPath } from './files';
import type { Os } from './program';
import type { Applet } from './text-tools';
import { FAIL, OK, inputOf, lines, splitFlags, unlines } from './text-tools';

/** True for a directory: something lies in it, a volume is mounted there, or its name ends like one. */
export function isDirectory(os: Os, given: string): boolean {
  const path = plainPath(given).replace(/(.)\/$/, '$1');
  if (path === '/' || given.endsWith('/') || /^\/(tmp|var|etc|usr|opt|home|root|data|mnt|srv)$/.test(path))
    return true;
  const mounts = os.process.container?.mounts ?? [];
  if (mounts.some((mount) => mount.path === path || mount.path.startsWith(`${path}/`)))
    return os.readFile(path) === null;
  return os.listFiles().some((file) => file.startsWith(`${path}/`));
}

/** Files that a word of the command line stands for, with the paths below it: a file, a directory, or a pattern. */
export function filesUnder(os: Os, given: string): { from: string; rest: string }[] {
  const path = plainPath(given).replace(/(.)\/$/, '$1');
  if (os.readFile(path) !== null) return [{ from: path, rest: '' }];
  const all = os.listFiles();
  if (/[*?]/.test(path)) {
    const pattern = path
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '[^/]*')
      .replace(/\?/g, '[^/]');
    const fitting = new RegExp(`^(${pattern})(/.*)?$`);
    return all.flatMap((from) => {
      const match = fitting.exec(from);
      return match === null ? [] : [{ from, rest: `/${match[1]!.split('/').pop()}${match[2] ?? ''}` }];
    });
  }
  return all.flatMap((from) =>
    from.startsWith(`${path}/`) ? [{ from, rest: from.slice(path.length) }] : [],
  );
}

/** Copies the sources to a file or into a directory; moving takes the sources away afterwards. */
function transfer(tool: 'cp' | 'mv' | 'ln'): Applet {
  return (args, os) => {
    const { flags, rest: words } = splitFlags(args, 't');
    const into = flags.get('t');
    const target = into ?? words[words.length - 1] ?? '';
    const sources = into === undefined ? words.slice(0, -1) : words;
    if (sources.length === 0) return FAIL(`${tool}: missing file operand`);
    const image = os.process.container === undefined ? null : behaviourOf(os.process.container);
    const isDir = sources.length > 1 || into !== undefined || isDirectory(os, target);
    let err = '';
    for (const source of sources) {
      const found = filesUnder(os, source);
      const name = plainPath(source).split('/').pop()!;
      const isWhole = source.endsWith('/.') || /[*?]/.test(source);
      for (const { from, rest } of found) {
        const below = isDir && !isWhole ? `/${name}${rest}` : rest;
        os.writeFile(`${target}/${below}`.replace(/\/$/, '') || target, os.readFile(from)!);
        if (tool === 'mv') os.writeFile(from, null);
      }
      if (found.length > 0 || isDirectory(os, source) || image?.isUnknown !== false || tool === 'ln')
        continue;
      err += `${tool}: can't ${tool === 'mv' ? 'rename' : 'stat'} '${source}': No such file or directory\n`;
    }
    return { code: err === '' ? 0 : 1, err };
  };
}

const mktemp: Applet = (args, os) => {
  const letters = Array.from({ length: 6 }, () =>
    'abcdefghijklmnopqrstuvwxyz'.charAt(Math.floor(os.random(`mktemp/${os.process.owner}`) * 26)),
  ).join('');
  const path = `/tmp/tmp.${letters}`;
  if (!splitFlags(args, 'pt').flags.has('d')) os.writeFile(path, '');
  return OK(`${path}\n`);
};

/** find: -name and -type over the files that there are. */
const find: Applet = (args, os) => {
  const roots = args.slice(
    0,
    Math.max(
      0,
      args.findIndex((arg) => /^[-(!]/.test(arg)),
    ) || (args[0]?.startsWith('-') ? 0 : args.length),
  );
  const at = args.findIndex((arg) => arg === '-name' || arg === '-iname');
  const glob = at < 0 ? '*' : (args[at + 1] ?? '*');
  const pattern = new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
  if (args[args.indexOf('-type') + 1] === 'd' && args.includes('-type')) return OK();
  const hits = (roots.length > 0 ? roots : ['.']).flatMap((root) =>
    filesUnder(os, root).map(({ from }) => from),
  );
  return OK(unlines(hits.filter((path) => !path.endsWith('/') && pattern.test(path.split('/').pop()!))));
};

/** A directory is kept as a path that ends in a slash, so that it is there although nothing lies in it. */
const mkdir: Applet = (args, os) => {
  for (const path of splitFlags(args, 'm').rest) if (!isDirectory(os, path)) os.writeFile(`${path}/`, '');
  return OK();
};

/** The names in a directory, or the paths of files. */
const ls: Applet = (args, os) => {
  const { flags, rest } = splitFlags(args);
  const isMissing = (path: string) => os.readFile(path) === null && !isDirectory(os, path);
  const paths = rest.length > 0 ? rest : ['/'];
  const rows = paths.flatMap((path) => {
    if (isMissing(path)) return [];
    if (os.readFile(path) !== null || flags.has('d')) return [path];
    const root = plainPath(path).replace(/\/$/, '');
    const below = os.listFiles().filter((file) => file.startsWith(`${root}/`) && file !== `${root}/`);
    const names = below.map((file) => file.slice(root.length + 1).split('/')[0]!);
    return [...new Set(names)].filter((name) => flags.has('a') || !name.startsWith('.')).sort();
  });
  const missing = paths.filter(isMissing);
  const err = missing.map((path) => `ls: ${path}: No such file or directory\n`).join('');
  return { code: missing.length > 0 ? 1 : 0, out: unlines(rows), err };
};

/** which: commands of the image's tools. */
const which: Applet = (args, os) => {
  const image = os.process.container === undefined ? null : behaviourOf(os.process.container);
  const known = image === null ? (TOOLS.all ?? []) : [...(TOOLS[image.tools] ?? []), ...image.binaries];
  const found = args.filter((name) => known.includes(name));
  return {
    code: found.length === args.length ? 0 : 1,
    out: unlines(found.map((name) => `/usr/bin/${name}`)),
  };
};

const sysctl: Applet = (args) =>
  OK(unlines(args.filter((arg) => arg.includes('=')).map((arg) => arg.replace('=', ' = '))));

const nothing: Applet = () => OK();

/** Lines backwards, or backwards in their order. */
const turned =
  (turn: (rows: string[]) => string[]): Applet =>
  (args, os) => {
    const { text, err } = inputOf(os, 'rev', splitFlags(args).rest);
    return { code: err === '' ? 0 : 1, out: unlines(turn(lines(text))), err };
  };

/** The commands of this file by name. */
export const FILE_TOOLS: Readonly<Record<string, Applet>> = {
  cp: transfer('cp'),
  mv: transfer('mv'),
  ln: transfer('ln'),
  install: transfer('cp'),
  mktemp,
  find,
  rev: turned((rows) => rows.map((row) => [...row].reverse().join(''))),
  tac: turned((rows) => rows.reverse()),
  chown: nothing,
  chmod: nothing,
  chgrp: nothing,
  sync: nothing,
  mkdir,
  ls,
  which,
  rmdir: nothing,
  mount: nothing,
  umount: nothing,
  sysctl,
  ulimit: nothing,
  tar: nothing,
  gzip: nothing,
  gunzip: nothing,
  unzip: nothing,
  dd: nothing,
  truncate: nothing,
  mkfifo: nothing,
  mknod: nothing,
};
