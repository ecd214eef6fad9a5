/** Hints at the right end of lines: how many replicas are ready with − and +, a Service's address, and "sets this hop". */
import type { editor as MonacoEditor } from 'monaco-editor/editor';
import { useEffect, useMemo, useState } from 'react';
import { useRecord } from '../state/mirror-hooks';
import { rangeNow } from '../state/places';
import { useSession } from '../state/session';
import { applyTyped } from '../state/wire';
import { useWorkspace } from '../state/workspace';
import { outline, shadedDocument, type DocumentOutline } from './outline';

type Editor = MonacoEditor.IStandaloneCodeEditor;
const MOST = 9999;

export function Lenses({ editor }: { editor: Editor }) {
  const active = useWorkspace((state) => state.active);
  const text = useWorkspace((state) => state.files.find((file) => file.name === state.active)?.text ?? '');
  const litRange = useSession((state) => state.litRange);
  const ref = useSession((state) => (state.selection?.kind === 'ref' ? state.selection.ref : null));
  const documents = useMemo(() => outline(text), [text]);
  const here = litRange !== null && litRange.file === active ? rangeNow(litRange).line : 0;
  const shaded = shadedDocument(documents, { ref, line: here });
  const scroll = useScroll(editor);
  const top = (line: number): number => editor.getTopForLineNumber(line) - scroll.top;
  const seen = (line: number): boolean => top(line) > -20 && top(line) < scroll.height;
  return (
    <div className="lenses">
      {documents.map((one) => (
        <div key={one.line} className={one === shaded ? 'on-shade' : undefined}>
          {one.replicas !== null && seen(one.replicas.line) && (
            <div className="lens" style={{ top: top(one.replicas.line) }}>
              <Replicas editor={editor} of={one} />
            </div>
          )}
          {one.kind === 'Service' && seen(one.nameLine) && (
            <div className="lens" style={{ top: top(one.nameLine) }}>
              <Address refText={one.ref} />
            </div>
          )}
        </div>
      ))}
      {here > 0 && seen(here) && (
        <div className="on-shade">
          <div className="lens" style={{ top: top(here) }}>
            sets this hop
          </div>
        </div>
      )}
    </div>
  );
}

/** Where the text stands in the window; renders again when it moves. */
function useScroll(editor: Editor): { top: number; height: number } {
  const [at, setAt] = useState({ top: editor.getScrollTop(), height: editor.getLayoutInfo().height });
  useEffect(() => {
    const read = (): void => setAt({ top: editor.getScrollTop(), height: editor.getLayoutInfo().height });
    const all = [
      editor.onDidScrollChange(read),
      editor.onDidLayoutChange(read),
      editor.onDidContentSizeChange(read),
    ];
    read();
    return () => all.forEach((one) => one.dispose());
  }, [editor]);
  return at;
}

function Replicas({ editor, of }: { editor: Editor; of: DocumentOutline }) {
  const workload = useRecord('workloads', of.ref);
  const now = of.replicas?.count ?? 0;
  const set = (by: number): void => {
    const line = of.replicas?.line ?? 0;
    const content = editor.getModel()?.getLineContent(line) ?? '';
    const match = /\d+/.exec(content);
    if (match === null) return;
    const column = match.index + 1;
    const range = {
      startLineNumber: line,
      endLineNumber: line,
      startColumn: column,
      endColumn: column + match[0].length,
    };
    editor.pushUndoStop();
    editor.executeEdits('replicas', [{ range, text: String(Number(match[0]) + by) }]);
    editor.pushUndoStop();
    void applyTyped();
  };
  return (
    <>
      {workload !== null && (
        <span>
          {workload.ready} of {workload.desired} ready
        </span>
      )}
      <span className="step">
        <button
          type="button"
          aria-label={`One replica less of ${of.name}`}
          disabled={now <= 0}
          onClick={() => set(-1)}
        >
          −
        </button>
        <button
          type="button"
          aria-label={`One replica more of ${of.name}`}
          disabled={now >= MOST}
          onClick={() => set(1)}
        >
          +
        </button>
      </span>
    </>
  );
}

function Address({ refText }: { refText: string }) {
  const service = useRecord('services', refText);
  const ip = service?.clusterIPs[0];
  return ip === undefined ? null : <span className="mono">{ip}</span>;
}
