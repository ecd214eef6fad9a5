/** Monaco in the manifests panel: text, marks, hints beside the lines, and the way to and from the cards. */
import type { editor as MonacoEditor } from 'monaco-editor/editor';
import { useEffect, useRef, useState } from 'react';
import { lightRefs, session, useSession } from '../state/session';
import { applyTyped } from '../state/wire';
import { useWorkspace, workspace } from '../state/workspace';
import { Lenses } from './lenses';
import { keepInStep, modelOf } from './models';
import { monaco, paintMonaco, prepareMonaco } from './monaco-setup';
import { documentAt, outline, shadedDocument } from './outline';
import { handover, PlainEditor, wantsFocus } from './plain-editor';

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
  lineDecorationsWidth: 10,
  folding: true,
  showFoldingControls: 'mouseover',
  padding: { top: 8, bottom: 8 },
  scrollBeyondLastLine: false,
  scrollBeyondLastColumn: 0,
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
  ariaLabel: 'Manifests. Press Control M to let the Tab key leave the editor.',
  occurrencesHighlight: 'off',
  selectionHighlight: false,
  stickyScroll: { enabled: false },
  bracketPairColorization: { enabled: false },
  guides: { indentation: false },
};

/** The editor once Monaco and its schemas are there; the plain field until then, and for good if that fails. */
export default function MonacoView({ onBroken }: { onBroken: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const [prepared, setPrepared] = useState(false);
  useEffect(() => {
    let gone = false;
    prepareMonaco()
      .then(() => !gone && setPrepared(true))
      .catch(() => !gone && onBroken());
    return () => {
      gone = true;
    };
  }, [onBroken]);
  useEffect(() => {
    if (!prepared || box.current === null) return;
    paintMonaco(session.getState().dark);
    const made = monaco.editor.create(box.current, {
      ...OPTIONS,
      model: modelOf(workspace.getState().active),
    });
    const leave = wireEditor(made);
    setEditor(made);
    return () => {
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
      <div className="monaco-box" ref={box} />
      {editor !== null && <Lenses editor={editor} />}
    </div>
  );
}

/** Takes over from the plain field and keeps file, theme, keys and lit cards in step. */
function wireEditor(editor: Editor): () => void {
  const stopSteps = keepInStep();
  const model = editor.getModel();
  if (model !== null) editor.setPosition(model.getPositionAt(handover.offset));
  editor.setScrollTop(handover.scrollTop);
  if (wantsFocus()) editor.focus();
  editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => void applyTyped());
  const lit = editor.onDidChangeCursorPosition(({ position }) => {
    const text = editor.getModel()?.getValue() ?? '';
    const here = editor.hasTextFocus() ? documentAt(outline(text), position.lineNumber) : null;
    lightRefs(here === null ? [] : [here.ref]);
  });
  const blur = editor.onDidBlurEditorText(() => lightRefs([]));
  // Problems that appear below must not cover the line being typed.
  const shrink = editor.onDidLayoutChange(() => {
    const at = editor.getPosition();
    if (at !== null && editor.hasTextFocus()) editor.revealPositionInCenterIfOutsideViewport(at);
  });
  const stopFile = workspace.subscribe((state) => {
    const next = modelOf(state.active);
    if (editor.getModel() !== next) editor.setModel(next);
  });
  const stopTheme = session.subscribe((state, before) => {
    if (state.dark !== before.dark) queueMicrotask(() => paintMonaco(state.dark));
  });
  return () => {
    const at = editor.getPosition();
    if (at !== null) handover.offset = editor.getModel()?.getOffsetAt(at) ?? 0;
    stopSteps();
    lit.dispose();
    blur.dispose();
    shrink.dispose();
    stopFile();
    stopTheme();
  };
}

/** Follows "go there" from the inspector, the problems and the canvas. */
function useJumps(editor: Editor | null): void {
  const jump = useSession((state) => state.jump);
  useEffect(() => {
    if (editor === null || jump === null) return;
    const { range, focus } = jump;
    if (workspace.getState().files.some((file) => file.name === range.file)) {
      workspace.setState({ active: range.file });
    }
    editor.revealLineInCenterIfOutsideViewport(range.line);
    if (!focus) return;
    editor.setPosition({ lineNumber: range.line, column: range.column });
    editor.focus();
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
    const here = litRange !== null && litRange.file === active ? litRange : null;
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
