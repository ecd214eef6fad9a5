/** The manifests in a plain text field: there from the first moment, and everything typed in it is kept. */
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { lightRefs, useSession } from '../state/session';
import { typeText, useWorkspace } from '../state/workspace';
import { documentAt, outline } from './outline';

/** Where the cursor stood, so that whoever takes the text over (Monaco, or this field drawn anew) goes on from there. */
export const handover = {
  offset: 0,
  scrollTop: 0,
  /** performance.now() of the last key or focus; a field that is replaced loses its focus without having been left. */
  touchedMs: -Infinity,
  focused: false,
};

const RECENT_MS = 2000;

/** True when the visitor is in the text and must not be thrown out of it. */
export function wantsFocus(): boolean {
  return handover.focused || performance.now() - handover.touchedMs < RECENT_MS;
}

export function PlainEditor() {
  const active = useWorkspace((state) => state.active);
  const text = useWorkspace((state) => state.files.find((file) => file.name === state.active)?.text ?? '');
  const jump = useSession((state) => state.jump);
  const area = useRef<HTMLTextAreaElement>(null);
  const numbers = useMemo(() => text.split('\n').map((_, i) => i + 1), [text]);
  useEffect(() => {
    const field = area.current;
    if (jump === null || field === null || jump.range.file !== active) return;
    const before = text
      .split('\n')
      .slice(0, jump.range.line - 1)
      .join('\n').length;
    if (jump.focus) field.focus();
    field.setSelectionRange(before + 1, before + 1);
    field.parentElement!.scrollTop = Math.max(0, (jump.range.line - 4) * 20);
    // The text is read as it is at the moment of the jump; typing must not jump again.
  }, [jump]); // eslint-disable-line react-hooks/exhaustive-deps
  useLayoutEffect(() => {
    const field = area.current;
    if (field === null || !wantsFocus()) return;
    field.focus({ preventScroll: true });
    field.setSelectionRange(handover.offset, handover.offset);
    field.parentElement!.scrollTop = handover.scrollTop;
  }, []);
  const note = (): void => {
    const field = area.current;
    if (field === null) return;
    handover.offset = field.selectionStart;
    handover.touchedMs = performance.now();
    handover.scrollTop = field.parentElement?.scrollTop ?? 0;
    const line = text.slice(0, field.selectionStart).split('\n').length;
    const here = documentAt(outline(text), line);
    lightRefs(here === null ? [] : [here.ref]);
  };
  return (
    <div className="plain">
      <ol aria-hidden="true">
        {numbers.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ol>
      <textarea
        ref={area}
        aria-label={`Manifests, ${active}`}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        wrap="off"
        rows={numbers.length}
        value={text}
        onChange={(event) => {
          handover.offset = event.target.selectionStart;
          handover.touchedMs = performance.now();
          typeText(active, event.target.value);
        }}
        onSelect={note}
        onFocus={() => (handover.focused = true)}
        onBlur={() => {
          handover.focused = false;
          handover.touchedMs = -Infinity;
        }}
      />
    </div>
  );
}
