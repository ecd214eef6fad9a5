/**
 * The session: what belongs to the moment and to this visitor. Panels meet here: one writes, the others read.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { ApplyRow, Diagnostic, SourceRange } from '../sim/view';
import type { Pace } from '../worker/protocol';

/** What is open in the inspector. `ref` is "Kind/namespace/name". */
export type Selection =
  | { readonly kind: 'packet'; readonly id: number }
  | { readonly kind: 'request'; readonly id: number }
  | { readonly kind: 'ref'; readonly ref: string };

export type Tab = 'terminal' | 'events' | 'changes' | 'requests' | 'rules' | 'conntrack' | 'objects';
export type PanelName = 'editor' | 'inspector' | 'drawer';
export type ThemeChoice = 'system' | 'light' | 'dark';
export type DialogName = 'palette' | 'examples' | 'keys' | 'compare' | 'settings';

export interface SessionState {
  /** starting: no cluster yet; ready: it runs; crashed: it is gone, see `crash`. */
  readonly phase: 'starting' | 'ready' | 'crashed';
  readonly crash: { readonly message: string; readonly replay: string } | null;
  readonly selection: Selection | null;
  /** Hop of the open packet that the visitor stands on, from 0; null follows the packet as it goes. */
  readonly hop: number | null;
  readonly pace: Pace;
  /** Panels that are open on a wide screen. */
  readonly panels: Readonly<Record<PanelName, boolean>>;
  /** The panel that lies over the canvas as a sheet on a narrow screen. */
  readonly sheet: PanelName | null;
  readonly tab: Tab;
  /** What the lines of the rules are searched for. */
  readonly rulesSearch: string;
  /** Entry of conntrack that is open in the drawer. */
  readonly flow: number | null;
  /** Node whose rules and connections the drawer shows; null for the first. */
  readonly drawerNode: string | null;
  readonly dialog: DialogName | null;
  readonly theme: ThemeChoice;
  /** What the theme comes to. */
  readonly dark: boolean;
  readonly reducedMotion: boolean;
  readonly narrow: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** What the last apply did, object by object. */
  readonly applyRows: readonly ApplyRow[];
  readonly applying: boolean;
  /** What applying the typed text would do, as the cluster last said; empty when that is not known. */
  readonly pending: readonly ApplyRow[];
  /** Refs of the objects in the document under the cursor: their cards are lit. */
  readonly litRefs: readonly string[];
  /** The line that the open hop comes from. */
  readonly litRange: SourceRange | null;
  /** Where the editor should go; a new object each time. */
  readonly jump: { readonly range: SourceRange; readonly focus: boolean } | null;
  /** One sentence for the live region. */
  readonly notice: string;
}

export const session = createStore<SessionState>(() => ({
  phase: 'starting',
  crash: null,
  selection: null,
  hop: null,
  // 200 µs of cluster for a second of ours: a packet crosses the cluster in about a second, a call in ten.
  pace: { paused: false, nsPerSecond: 200_000, auto: true, watchedPacket: null },
  panels: { editor: true, inspector: true, drawer: false },
  sheet: null,
  tab: 'terminal',
  rulesSearch: '',
  flow: null,
  drawerNode: null,
  dialog: null,
  theme: 'system',
  dark: false,
  reducedMotion: false,
  narrow: false,
  diagnostics: [],
  applyRows: [],
  applying: false,
  pending: [],
  litRefs: [],
  litRange: null,
  jump: null,
  notice: '',
}));

export function useSession<V>(select: (state: SessionState) => V): V {
  return useStore(session, select);
}

/** Opens or closes a panel: a sheet on a narrow screen, a column or the drawer on a wide one. */
export function showPanel(name: PanelName, open: boolean): void {
  session.setState((state) => ({
    panels: { ...state.panels, [name]: open },
    sheet: state.narrow ? (open ? name : state.sheet === name ? null : state.sheet) : state.sheet,
  }));
}

/** Opens a closed panel and closes an open one. */
export function togglePanel(name: PanelName): void {
  const { narrow, sheet, panels } = session.getState();
  showPanel(name, narrow ? sheet !== name : !panels[name]);
}

/** Brings a tab of the drawer to the front and opens the drawer. */
export function showTab(tab: Tab): void {
  session.setState({ tab });
  showPanel('drawer', true);
}

export function showDialog(dialog: DialogName | null): void {
  session.setState({ dialog });
}

/** Lights the cards of these objects. */
export function lightRefs(refs: readonly string[]): void {
  const known = session.getState().litRefs;
  if (known.length === refs.length && known.every((ref, i) => ref === refs[i])) return;
  session.setState({ litRefs: refs });
}
