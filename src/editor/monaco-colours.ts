/** Monaco in the page's own colours: ink, shape and weight, none of the six signals. */
import { monaco } from './monaco-setup';

/** Monaco's names of colours, each with the page's token or a colour that is the same in both themes. */
const COLOURS: Readonly<Record<string, string>> = {
  'editor.background': '--sheet',
  'editor.foreground': '--ink',
  'editorLineNumber.foreground': '--ink-3',
  'editorLineNumber.activeForeground': '--ink',
  'editorCursor.foreground': '--ink',
  'editor.selectionBackground': '--line',
  'editor.lineHighlightBackground': '#00000000',
  'editor.lineHighlightBorder': '#00000000',
  'editorError.foreground': '--ink',
  'editorWarning.foreground': '--ink-2',
  'editorInfo.foreground': '--ink-3',
  'editorIndentGuide.background1': '--shade',
  'editorIndentGuide.activeBackground1': '--line',
  'editorWidget.background': '--sheet',
  'editorWidget.border': '--ink',
  'editorSuggestWidget.selectedBackground': '--shade',
  'editorSuggestWidget.selectedForeground': '--ink',
  'editorSuggestWidget.highlightForeground': '--ink',
  'editorSuggestWidget.focusHighlightForeground': '--ink',
  'list.highlightForeground': '--ink',
  'list.focusHighlightForeground': '--ink',
  'widget.shadow': '#00000000',
  'editorWidget.resizeBorder': '#00000000',
  'editor.findMatchBackground': '--line',
  'editor.findMatchBorder': '--ink',
  'editor.findMatchHighlightBackground': '--shade',
  'editor.findMatchHighlightBorder': '--line',
  'input.background': '--sheet',
  'input.foreground': '--ink',
  'input.border': '--line',
  'inputOption.activeBackground': '--shade',
  'inputOption.activeBorder': '--ink',
  'inputOption.activeForeground': '--ink',
  'menu.background': '--sheet',
  'menu.foreground': '--ink',
  'menu.border': '--ink',
  'menu.separatorBackground': '--line',
  'menu.selectionBackground': '--shade',
  'menu.selectionForeground': '--ink',
  'textLink.foreground': '--ink',
  'textLink.activeForeground': '--ink',
  'editorGhostText.foreground': '--ink-3',
  'editorBracketMatch.background': '--shade',
  'editorBracketMatch.border': '--line',
  focusBorder: '--ink',
};

/** The theme that Monaco has been given. */
let painted: boolean | null = null;

/** Gives Monaco the page's colours, unless it has them. */
export function paintMonaco(dark: boolean): void {
  if (painted === dark) return;
  painted = dark;
  const style = getComputedStyle(document.documentElement);
  // Monaco takes colours of six digits only, and a build writes #fff for #ffffff.
  const token = (name: string): string =>
    style
      .getPropertyValue(name)
      .trim()
      .replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i, '#$1$1$2$2$3$3');
  const colour = (value: string): string => (value.startsWith('--') ? token(value) : value);
  const colors = Object.fromEntries(Object.entries(COLOURS).map(([name, value]) => [name, colour(value)]));
  const rule = (name: string, ink: string, fontStyle = '') => ({
    token: name,
    foreground: token(ink).replace('#', ''),
    ...(fontStyle === '' ? {} : { fontStyle }),
  });
  const quiet = ['comment', 'operators', 'delimiter.square', 'delimiter.bracket', 'delimiter'];
  monaco.editor.defineTheme('hopyard', {
    base: dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      rule('', '--ink'),
      rule('type.yaml', '--ink-2'),
      ...['string', 'number', 'keyword'].map((name) => rule(`${name}.yaml`, '--ink', 'bold')),
      ...quiet.map((name) => rule(`${name}.yaml`, '--ink-3')),
    ],
    colors,
  });
  monaco.editor.setTheme('hopyard');
}
