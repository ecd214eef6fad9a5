/** Monaco in the manifests panel: text, marks, hints beside the lines, and the way to and from the cards. */
import type { editor as MonacoEditor } from 'monaco-editor/editor';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { lightRefs, session, useSession } from '../state/session';
import { applyTyped } from '../state/wire';
import { useWorkspace, workspace } from '../state/workspace';
import { rangeNow } from '../state/places';
import { Lenses } from './lenses';
import { keepInStep, modelOf } from './models';
import { paintMonaco } from './monaco-colours';
import { monaco, prepareMonaco } from './monaco-setup';
import { pause } from './pause';
import { documentAt, outline, shadedDocument } from './outline';
import { followJump, handover, isTyping } from './handover';
import { lightDocument } from './lit';
import { PLACEHOLDER, PlainEditor } from './plain-editor';

type Editor = MonacoEditor.IStandaloneCodeEditor;

const OPTIONS: MonacoEditor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  minimap: { enabled: false },
  fontFamily: '"JetBrains Mono Variable", "JetBrains Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
  fontLigatures: false,
  fontSize: 12,
  lineHeight: 20,
  fontWeight: '400',
  lineNumbersMinChars: 4,
  lineDecorationsWidth: 2,
  placeholder: PLACEHOLDER,
  folding: true,
  showFoldingControls: 'mouseover',
  padding: { top: 8, bottom: 8 },
  scrollBeyondLastLine: false,
  scrollBeyondLastColumn: 0,
  revealHorizontalRightPadding: 2,
  suggest: { showWords: false, showIcons: false },
  wordBasedSuggestions: 'off',
  renderLineHighlight: 'none',
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  overviewRulerBorder: false,
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
  quickSuggestions: { other: true, strings: true, comments: false },
  fixedOverflowWidgets: true,
  tabFocusMode: false,
  ariaLabel: 'Manifests. Press F6 to leave the editor, or Control M to let the Tab key leave it.',
  occurrencesHighlight: 'off',
  selectionHighlight: false,
  stickyScroll: { enabled: false },
  bracketPairColorization: { enabled: false },
  guides: { indentation: false },
};

/** True once Monaco is prepared and nobody is in the middle of a word. */
function usePrepared(onBroken: () => void): boolean {
  const [prepared, setPrepared] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let gone = false;
    const whenQuiet = (): void => {
      if (gone) return;
      if (isTyping()) timer = setTimeout(whenQuiet, 100);
      else setPrepared(true);
    };
    prepareMonaco()
      .then(pause)
      .then(() => paintMonaco(session.getState().dark))
      .then(pause)
      .then(() => modelOf(workspace.getState().active))
      .then(pause)
      .then(whenQuiet)
      .catch(() => !gone && onBroken());
    return () => {
      gone = true;
      if (timer !== null) clearTimeout(timer);
    };
  }, [onBroken]);
  return prepared;
}

/** The editor once Monaco and its schemas are there; the plain field until then, and for good if that fails. */
export default function MonacoView({ onBroken }: { onBroken: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const prepared = usePrepared(onBroken);
  // Before the page is painted, so that no key falls between the field that goes and the editor that comes.
  useLayoutEffect(() => {
    if (!prepared || box.current === null) return;
    paintMonaco(session.getState().dark);
    const made = monaco.editor.create(box.current, {
      ...OPTIONS,
      model: modelOf(workspace.getState().active),
    });
    const leave = wireEditor(made);
    // What stands beside the lines comes in a task of its own.
    const timer = setTimeout(() => setEditor(made), 0);
    return () => {
      clearTimeout(timer);
      leave();
      made.dispose();
      setEditor(null);
    };
  }, [prepared]);
  useJumps(editor);
  useLitLines(editor);
  if (!prepared) return <PlainEditor />;
  return (
    <div className="monaco">
      {/* monaco-component: menus hang here, outside the editor itself, and need its colours. */}
      <div className="monaco-box monaco-component" ref={box} />
      {editor !== null && <Lenses editor={editor} />}
    </div>
  );
}

/** Takes over from the plain field and keeps file, theme, keys and lit cards in step. */
function wireEditor(editor: Editor): () => void {
  const stopSteps = keepInStep();
  takeOver(editor);
  const { CtrlCmd } = monaco.KeyMod;
  for (const key of [monaco.KeyCode.KeyS, monaco.KeyCode.Enter])
    editor.addCommand(CtrlCmd | key, () => void applyTyped());
  const light = (): void => {
    const at = editor.getPosition();
    const model = editor.getModel();
    if (at === null || model === null || !editor.hasTextFocus()) return;
    lightDocument(documentAt(outline(model.getValue()), at.lineNumber));
  };
  const parts = [
    editor.onDidChangeCursorPosition(light),
    editor.onDidFocusEditorText(() => {
      handover.focused = true;
      light();
    }),
    editor.onDidBlurEditorText(() => {
      handover.focused = false;
      lightRefs([]);
    }),
    // Problems that appear below must not cover the line being typed.
    editor.onDidLayoutChange(() => {
      const at = editor.getPosition();
      if (at !== null && editor.hasTextFocus()) editor.revealPositionInCenterIfOutsideViewport(at);
    }),
  ];
  const stopFile = workspace.subscribe((state, before) => {
    const next = modelOf(state.active);
    if (editor.getModel() !== next) editor.setModel(next);
    if (state.epoch === before.epoch) return;
    // Another text: its beginning, not the middle where the last one was left.
    editor.setPosition({ lineNumber: 1, column: 1 });
    editor.setScrollPosition({ scrollTop: 0, scrollLeft: 0 });
  });
  const stopTheme = session.subscribe((state, before) => {
    if (state.dark !== before.dark) queueMicrotask(() => paintMonaco(state.dark));
  });
  return () => {
    handOver(editor);
    stopSteps();
    for (const part of parts) part.dispose();
    stopFile();
    stopTheme();
  };
}

/** Goes on where the plain field, or an editor before this one, has left off. */
function takeOver(editor: Editor): void {
  const model = editor.getModel();
  if (model !== null) {
    const [from, to] = [model.getPositionAt(handover.from), model.getPositionAt(handover.to)];
    editor.setSelection(monaco.Range.fromPositions(from, to));
  }
  editor.setScrollTop(handover.scrollTop);
  if (handover.focused) editor.focus();
}

function handOver(editor: Editor): void {
  const model = editor.getModel();
  const selection = editor.getSelection();
  if (model === null || selection === null) return;
  handover.from = model.getOffsetAt(selection.getStartPosition());
  handover.to = model.getOffsetAt(selection.getEndPosition());
  handover.scrollTop = editor.getScrollTop();
  // An editor that is closed by a key or a button is left; one that is replaced on a turned phone is not.
  handover.focused = false;
}

/** Follows "go there" from the inspector, the problems and the canvas. */
function useJumps(editor: Editor | null): void {
  const jump = useSession((state) => state.jump);
  useEffect(() => {
    if (editor === null) return;
    followJump(jump, ({ range, focus }) => {
      editor.setPosition({ lineNumber: range.line, column: range.column });
      editor.revealLineInCenterIfOutsideViewport(range.line);
      if (focus) editor.focus();
    });
  }, [editor, jump]);
}

/** Shades the document of what is open, and marks the line that the open hop comes from. */
function useLitLines(editor: Editor | null): void {
  const selection = useSession((state) => state.selection);
  const litRange = useSession((state) => state.litRange);
  const active = useWorkspace((state) => state.active);
  const text = useWorkspace((state) => state.files.find((file) => file.name === state.active)?.text ?? '');
  const marks = useRef<MonacoEditor.IEditorDecorationsCollection | null>(null);
  useEffect(() => {
    if (editor === null) return;
    marks.current = editor.createDecorationsCollection();
    return () => {
      marks.current?.clear();
      marks.current = null;
    };
  }, [editor]);
  useEffect(() => {
    const here = litRange !== null && litRange.file === active ? rangeNow(litRange) : null;
    const ref = selection?.kind === 'ref' ? selection.ref : null;
    const shaded = shadedDocument(outline(text), { ref, line: here?.line ?? 0 });
    const lines = [];
    if (shaded !== null)
      lines.push({
        range: new monaco.Range(shaded.line, 1, shaded.endLine, 1),
        options: { isWholeLine: true, className: 'line-lit', marginClassName: 'line-lit' },
      });
    if (here !== null)
      lines.push({
        range: new monaco.Range(here.line, 1, here.line, 1),
        options: { isWholeLine: true, className: 'line-now', marginClassName: 'line-now-margin' },
      });
    marks.current?.set(lines);
  }, [editor, selection, litRange, active, text]);
}
