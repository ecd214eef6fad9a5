/** The small commands of the terminal's own shell: sleep, echo, cat, ls, true and false. */
import { EPOCH_SECONDS } from '../api/time';
import { SECOND } from '../clock/clock';
import { rfc1123, rfc3339 } from './kubectl/time';
import type { ShellCommand } from './shell';

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

export const sleep: ShellCommand = {
  name: 'sleep',
  synopsis: 'waits in virtual time: sleep 5',
  run: (_world, argv, io) => {
    const m = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(argv[1] ?? '');
    if (m === null) {
      io.err(
        argv[1] === undefined ? 'sleep: missing operand\n' : `sleep: invalid time interval '${argv[1]}'\n`,
      );
      return { code: 1 };
    }
    return { state: null, afterNs: Number(m[1]) * UNITS[m[2]!]! * SECOND };
  },
  resume: () => ({ code: 0 }),
};

export const date: ShellCommand = {
  name: 'date',
  synopsis: "prints the cluster's virtual time",
  run: (world, _argv, io) => {
    // "Thu, 01 Jan 2026 00:00:15 +0000" in the order of date(1).
    const now = rfc1123(rfc3339(EPOCH_SECONDS + Math.floor(world.nowNs / SECOND)));
    const [weekday, day, month, year, clock] = now.replace(',', '').split(' ');
    io.out(`${weekday} ${month} ${String(Number(day)).padStart(2)} ${clock} UTC ${year}\n`);
    return { code: 0 };
  },
};

export const echo: ShellCommand = {
  name: 'echo',
  synopsis: 'prints its arguments',
  run: (_world, argv, io) => {
    const newline = argv[1] !== '-n';
    io.out(argv.slice(newline ? 1 : 2).join(' ') + (newline ? '\n' : ''));
    return { code: 0 };
  },
};

export const cat: ShellCommand = {
  name: 'cat',
  synopsis: 'prints a file of the editor: cat app.yaml',
  run: (world, argv, io) => {
    if (argv.length === 1) {
      io.out(io.stdin ?? '');
      return { code: 0 };
    }
    let code = 0;
    for (const name of argv.slice(1)) {
      const files = world.readFiles(name);
      if (files === null) {
        io.err(`cat: ${name}: No such file or directory\n`);
        code = 1;
      } else for (const file of files) io.out(file.text);
    }
    return { code };
  },
  complete: (world) => (world.readFiles('.') ?? []).map((file) => file.name),
};

export const ls: ShellCommand = {
  name: 'ls',
  synopsis: 'lists the files of the editor',
  run: (world, _argv, io) => {
    io.out((world.readFiles('.') ?? []).map((file) => `${file.name}\n`).join(''));
    return { code: 0 };
  },
};

export const yes: ShellCommand = { name: 'true', synopsis: 'succeeds', run: () => ({ code: 0 }) };
export const no: ShellCommand = { name: 'false', synopsis: 'fails', run: () => ({ code: 1 }) };
