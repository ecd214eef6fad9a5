/**
 * Joins the line to the cluster with the stores: reports go into the mirror and the session, and what a visitor does
 * goes out as commands. The only place that holds the client.
 */
import { Client, type Mailbox } from '../worker/client';
import type { Fault, Pace, Report, SourceFile } from '../worker/protocol';
import type { ApplyResult } from '../sim/view';
import { appliedWords } from './apply-words';
import { applyPatch, clearMirror, mirror } from './mirror';
import { session, showPanel } from './session';
import { isDirty, workspace } from './workspace';

let client: Client | null = null;
let seed = 1;

/**
 * Starts the first cluster from the workspace: as it last ran, if what is typed was not applied yet. `spawn` makes the
 * Worker; tests and fixtures pass their own.
 */
export function startCluster(spawn: () => Mailbox, withSeed = 1): void {
  client?.close();
  seed = withSeed;
  client = new Client(spawn, hear);
  boot(workspace.getState().applied ?? workspace.getState().files);
}

/** A new cluster from the files as they are typed; what was typed is never touched. */
export function restartCluster(): void {
  boot(workspace.getState().files);
}

/** Files that the cluster is known to have taken whole; what a crash falls back to. */
let lastGood: readonly SourceFile[] | null = null;

function boot(files: readonly SourceFile[]): void {
  const { settings } = workspace.getState();
  stopChecking();
  clearMirror();
  session.setState((state) => ({
    phase: 'starting',
    crash: null,
    selection: null,
    hop: null,
    applyRows: [],
    applying: false,
    pending: [],
    diagnostics: [],
    litRange: null,
    pace: { ...state.pace, watchedPacket: null },
  }));
  // Nothing is pending until the cluster says that it did not take the text.
  workspace.setState({ applied: files, sent: files });
  void theClient()
    .boot(seed, files, settings)
    .then((result) => {
      const broken = isBroken(result);
      lastGood = broken ? null : files;
      session.setState({ diagnostics: result.diagnostics });
      if (broken) workspace.setState({ applied: null });
      if (workspace.getState().files !== files) void checkTyped();
    });
  theClient().send({ type: 'pace', pace: session.getState().pace });
}

/** True when something in the text was not taken. */
function isBroken({ rows, diagnostics }: ApplyResult): boolean {
  return rows.some((row) => row.result === 'invalid') || diagnostics.some((one) => one.severity === 'error');
}

/** The line itself, for probes, terminals and lookups. */
export function theClient(): Client {
  if (client === null) throw new Error('startCluster has not run');
  return client;
}

function hear(report: Report): void {
  switch (report.type) {
    case 'ready':
      session.setState({ phase: 'ready' });
      return;
    case 'patch':
      applyPatch(report.patch, report.nsPerSecond, performance.now());
      if (session.getState().phase === 'starting') session.setState({ phase: 'ready' });
      return;
    case 'stopped':
      stoppedAt(report.packet);
      return;
    case 'crashed':
      workspace.setState({ applied: lastGood });
      session.setState({
        phase: 'crashed',
        crash: { message: report.message, replay: report.replay || replayOf() },
        applying: false,
      });
      return;
    default:
      return;
  }
}

/**
 * The clock stopped at a packet's hop: that packet is what there is to see, unless something else than a packet is open.
 * Where the open packet has ended, this is the one that goes on with the same request.
 */
function stoppedAt(packet: number | null): void {
  const { selection } = session.getState();
  const elsewhere = selection !== null && selection.kind !== 'packet';
  const same = selection?.kind === 'packet' && selection.id === packet;
  if (packet === null || elsewhere || same) {
    session.setState((state) => ({ pace: { ...state.pace, paused: true }, hop: null }));
    return;
  }
  session.setState({ selection: { kind: 'packet', id: packet }, hop: null });
  showPanel('inspector', true);
  setPace({ paused: true, watchedPacket: packet });
}

/** What we can say of a run whose worker could not say it itself. */
function replayOf(): string {
  const { files, settings } = workspace.getState();
  return JSON.stringify({ seed, nowNs: mirror.getState().nowNs, files, settings });
}

let applyCount = 0;

/** Sends the typed files to the cluster. A broken document changes nothing; its diagnostics say why. */
export async function applyTyped(): Promise<void> {
  if (session.getState().phase !== 'ready') return;
  const { files } = workspace.getState();
  const count = ++applyCount;
  stopChecking();
  session.setState({ applying: true });
  workspace.setState({ sent: files });
  const result = await theClient().apply(files);
  if (count !== applyCount) return;
  const broken = isBroken(result);
  session.setState({
    applying: false,
    applyRows: result.rows,
    pending: [],
    diagnostics: result.diagnostics,
    notice: appliedWords(result.rows, broken),
  });
  if (broken) return;
  lastGood = files;
  workspace.setState({ applied: files });
}

let checkTimer: ReturnType<typeof setTimeout> | null = null;
let checkCount = 0;

/** Asks what the cluster thinks of the typed text, 300 ms after the last key. */
export function watchTyping(): () => void {
  return workspace.subscribe((state, before) => {
    if (state.files === before.files) return;
    if (checkTimer !== null) clearTimeout(checkTimer);
    checkTimer = setTimeout(() => void checkTyped(), 300);
  });
}

/** What a check that is under way or due would say is no longer of interest. */
function stopChecking(): void {
  checkCount++;
  if (checkTimer !== null) clearTimeout(checkTimer);
  checkTimer = null;
}

async function checkTyped(): Promise<void> {
  if (session.getState().phase !== 'ready') return;
  const { files } = workspace.getState();
  const count = ++checkCount;
  const result = await theClient().check(files);
  if (count !== checkCount) return;
  const dirty = isDirty(workspace.getState());
  session.setState({ diagnostics: result.diagnostics, pending: dirty ? result.rows : [] });
  if (dirty) session.setState({ applyRows: [] });
}

/** Changes the pace, here and in the cluster. */
export function setPace(change: Partial<Pace>): void {
  const pace = { ...session.getState().pace, ...change };
  session.setState({ pace });
  client?.send({ type: 'pace', pace });
}

/** Lets something go wrong in the cluster. */
export function sendFault(fault: Fault): void {
  theClient().send({ type: 'fault', fault });
}
