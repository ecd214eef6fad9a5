/** Preferences and surroundings: theme, reduced motion, narrow screen. Kept apart from the workspace, which can be shared. */
import { session, type ThemeChoice } from './session';

const KEY = 'hopyard.preferences';
/** Below this width panels become sheets over the canvas. */
const NARROW_PX = 820;
/** A telephone on its side is wide and yet has no room for panels one above the other. */
const LOW_PX = 460;

/** Reads preferences, follows the system's wishes from now on and sets the theme on the page. */
export function watchSurroundings(view: Window): void {
  const dark = view.matchMedia('(prefers-color-scheme: dark)');
  const still = view.matchMedia('(prefers-reduced-motion: reduce)');
  const narrow = view.matchMedia(`(max-width: ${NARROW_PX - 1}px), (max-height: ${LOW_PX - 1}px)`);
  const look = (): void => {
    const { theme } = session.getState();
    session.setState({
      dark: theme === 'dark' || (theme === 'system' && dark.matches),
      reducedMotion: still.matches,
      narrow: narrow.matches,
    });
  };
  session.setState({ theme: readTheme(view) });
  look();
  if (view.innerWidth < 1200) session.setState((s) => ({ panels: { ...s.panels, inspector: s.narrow } }));
  for (const query of [dark, still, narrow]) query.addEventListener('change', look);
  paint(view);
  session.subscribe((state, before) => {
    if (state.theme !== before.theme) {
      writeTheme(view, state.theme);
      look();
    }
    if (state.dark !== before.dark) paint(view);
  });
}

function paint(view: Window): void {
  view.document.documentElement.dataset['theme'] = session.getState().dark ? 'dark' : 'light';
}

function readTheme(view: Window): ThemeChoice {
  try {
    const saved = JSON.parse(view.localStorage.getItem(KEY) ?? '{}') as { theme?: unknown };
    return saved.theme === 'light' || saved.theme === 'dark' ? saved.theme : 'system';
  } catch {
    return 'system';
  }
}

function writeTheme(view: Window, theme: ThemeChoice): void {
  try {
    view.localStorage.setItem(KEY, JSON.stringify({ theme }));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
