/** The system calls of one process, made for the time of one event: what the C library and the kernel offer it. */
import type { Plain } from '../../lib/plain';
import type { Ns } from '../clock/clock';
import type { Entry, ProcessTable } from './process-table';
import { PROCESSES_ADDRESS } from './process-table';
import type { Os, SpawnOptions } from './program';

const SERVICE_ACCOUNT_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** An Os for process `pid`, and a way to ask afterwards whether it exited. */
export function createOs(table: ProcessTable, pid: number): { os: Os; exitCode(): number | null } {
  let code: number | null = null;
  const { clock, trace, machineOf } = table.deps;
  const entry = (): Entry => table.entry(pid)!;
  const change = (more: Partial<Entry>) => table.replace(pid, { ...entry(), ...more });
  const os: Os = {
    get process() {
      return entry().process;
    },
    get machine() {
      return machineOf(entry().process.machine);
    },
    get nowNs() {
      return clock.nowNs;
    },
    owner: { to: PROCESSES_ADDRESS, key: pid },
    setState: (state: Plain | object) => change({ process: { ...entry().process, state } }),
    setTimer: (name: string, delayNs: Ns, data?: Plain | object) => {
      const event = { type: 'timer', pid, name, ...(data === undefined ? {} : { data }) };
      const id = clock.schedule(delayNs, PROCESSES_ADDRESS, event);
      change({ timers: new Set([...entry().timers, id]) });
      return id;
    },
    cancelTimer: (id: number) => {
      clock.cancel(id);
      change({ timers: new Set([...entry().timers].filter((timer) => timer !== id)) });
    },
    random: (stream: string) => clock.random.next(stream),
    print: (text, to = 'stdout') => table.output(pid, to, text),
    exit: (exitCode: number) => {
      code ??= exitCode;
    },
    beginRequest: (kind, what) => {
      const id = trace.beginRequest({ from: entry().process.owner, what, kind, startNs: clock.nowNs });
      change({ requests: new Set([...entry().requests, id]) });
      return id;
    },
    endRequest: (id: number, ok: boolean, text: string) => {
      trace.endRequest(id, clock.nowNs, { ok, text });
      change({ requests: new Set([...entry().requests].filter((open) => open !== id)) });
    },
    readFile: (path: string) => readFile(table, entry(), path),
    writeFile: (path: string, text: string | null) => table.writeFile(entry().process.handle, path, text),
    spawn: (argv, options) => spawnChild(table, entry(), argv, options ?? {}),
    siblings: () => inContainer(table, entry()).map(({ pid: id, args }) => ({ pid: id, args })),
    signal: (target, name) => {
      const found = inContainer(table, entry()).find((one) => one.pid === target);
      if (found !== undefined) table.signalFrom(found.globalPid, name);
      return found !== undefined;
    },
    become: (argv, env) => {
      const program = table.commandFor(entry(), argv[0] ?? '');
      if (program !== null) table.become(pid, program, argv, env);
      return program !== null;
    },
  };
  return { os, exitCode: () => code };
}

/** Processes of the same container by the pids that they see: those count from the first one on. */
function inContainer(table: ProcessTable, entry: Entry) {
  const { handle } = entry.process;
  const container = table.container(handle);
  if (handle === undefined || container === undefined) return [];
  return table.processesIn(handle).map(({ pid: globalPid, args }) => {
    return { pid: globalPid - container.mainPid + 1, globalPid, args };
  });
}

function readFile(table: ProcessTable, entry: Entry, path: string): string | null {
  const container = table.container(entry.process.handle);
  if (container === undefined) return entry.files[path] ?? null;
  const { spec } = container;
  const written = container.files[path];
  if (written !== undefined) return written;
  if (path === '/etc/resolv.conf') return spec.resolvConf;
  if (path === '/etc/hosts') return spec.hosts;
  if (path === '/etc/hostname') return `${spec.hostname}\n`;
  // Not simulated: the token and the certificate beside it.
  if (path === SERVICE_ACCOUNT_NAMESPACE) return spec.namespace;
  return spec.files?.[path] ?? null;
}

function spawnChild(
  table: ProcessTable,
  entry: Entry,
  argv: readonly string[],
  options: SpawnOptions,
): number | null {
  const program = table.commandFor(entry, argv[0] ?? '');
  if (program === null) return null;
  const { machine, netns, owner, env, session, container, handle, libc } = entry.process;
  const request = {
    argv,
    machine,
    netns,
    owner,
    libc,
    program: program.name,
    env: options.env ?? env,
    ...(session === undefined ? {} : { session }),
    ...(container === undefined ? {} : { container }),
    ...(handle === undefined ? {} : { handle }),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
  };
  return table.spawn(request, entry.process.pid, options);
}
