/** The manifests in a plain text field: there from the first moment, and everything typed in it is kept. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { lightRefs, useSession } from '../state/session';
import { typeText, useWorkspace } from '../state/workspace';
import { lightDocument } from './lit';
import { followJump, handover, lineAt, lostFocus, offsetAt } from './handover';
import { documentAt, outline } from './outline';

/** What an empty text says. */
export const PLACEHOLDER = 'Paste or write manifests here,\nor open an example from the menu above.';

export function PlainEditor() {
  const active = useWorkspace((state) => state.active);
  const text = useWorkspace((state) => state.files.find((file) => file.name === state.active)?.text ?? '');
  const area = useRef<HTMLTextAreaElement>(null);
  const view = useView(area);
  const lines = useMemo(() => lineAt(text, Infinity), [text]);
  useTakeOver(area);
  useEpoch(area);
  usePlainJumps(area, active, text);
  const note = (): void => {
    const field = area.current;
    if (field === null) return;
    Object.assign(handover, { from: field.selectionStart, to: field.selectionEnd });
    handover.touchedMs = performance.now();
    if (!handover.focused) return;
    lightDocument(documentAt(outline(text), lineAt(text, field.selectionStart)));
  };
  return (
    <div className="plain">
      <LineNumbers lines={lines} top={view.top} height={view.height} linePx={view.linePx} />
      <textarea
        ref={area}
        aria-label={`Manifests, ${active}`}
        placeholder={PLACEHOLDER}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        wrap="off"
        value={text}
        onChange={(event) => {
          const { selectionStart, selectionEnd, value } = event.target;
          Object.assign(handover, { from: selectionStart, to: selectionEnd });
          handover.touchedMs = performance.now();
          typeText(active, value);
        }}
        onSelect={note}
        onScroll={view.read}
        onCompositionStart={() => (handover.composing = true)}
        onCompositionEnd={() => (handover.composing = false)}
        onFocus={() => (handover.focused = true)}
        onBlur={(event) => lostFocus(event.currentTarget, () => lightRefs([]))}
      />
    </div>
  );
}

interface View {
  readonly top: number;
  readonly height: number;
  readonly linePx: number;
}

/** How far the field is scrolled, so that the numbers beside it can go along. */
function useView(area: RefObject<HTMLTextAreaElement | null>): View & { readonly read: () => void } {
  const [view, setView] = useState<View>({ top: 0, height: 0, linePx: 20 });
  const read = (): void => {
    const field = area.current;
    if (field === null) return;
    handover.scrollTop = field.scrollTop;
    const linePx = parseFloat(getComputedStyle(field).lineHeight) || 20;
    setView({ top: field.scrollTop, height: field.clientHeight, linePx });
  };
  useEffect(() => {
    const watcher = new ResizeObserver(read);
    if (area.current !== null) watcher.observe(area.current);
    return () => watcher.disconnect();
  }, []); // eslint-disable-line react-hooks/exhaustive-deps
  return { ...view, read };
}

/** Only the numbers that are in view: a text can have a hundred thousand lines. */
function LineNumbers({ lines, top, height, linePx }: View & { readonly lines: number }) {
  const first = Math.max(0, Math.floor(top / linePx) - 1);
  const last = Math.min(lines, first + Math.ceil(height / linePx) + 3);
  const numbers = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i + 1);
  const width = { minWidth: `${Math.max(4, String(lines).length)}ch` };
  return (
    <div className="numbers" aria-hidden="true">
      <ol style={{ transform: `translateY(${first * linePx - top}px)` }}>
        {numbers.map((number) => (
          <li key={number} style={width}>
            {number}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Goes on where another field or Monaco has left off. */
function useTakeOver(area: RefObject<HTMLTextAreaElement | null>): void {
  useLayoutEffect(() => {
    const field = area.current;
    if (field === null) return;
    field.scrollTo({ top: handover.scrollTop });
    if (!handover.focused) return;
    field.focus({ preventScroll: true });
    field.setSelectionRange(handover.from, handover.to);
  }, [area]);
}

/** Another text: its beginning, not the middle where the last one was left. */
function useEpoch(area: RefObject<HTMLTextAreaElement | null>): void {
  const epoch = useWorkspace((state) => state.epoch);
  const seen = useRef(epoch);
  useEffect(() => {
    if (seen.current === epoch) return;
    seen.current = epoch;
    area.current?.setSelectionRange(0, 0);
    area.current?.scrollTo({ top: 0, left: 0 });
  }, [area, epoch]);
}

function usePlainJumps(area: RefObject<HTMLTextAreaElement | null>, active: string, text: string): void {
  const jump = useSession((state) => state.jump);
  useEffect(() => {
    const field = area.current;
    // A jump into another file is followed once that file is in front.
    if (field === null || jump?.range.file !== active) return;
    followJump(jump, ({ range, focus }) => {
      const at = offsetAt(text, range.line, range.column);
      if (focus) field.focus({ preventScroll: true });
      field.setSelectionRange(at, at);
      const linePx = parseFloat(getComputedStyle(field).lineHeight) || 20;
      field.scrollTo({ top: Math.max(0, (range.line - 4) * linePx), left: 0 });
      // Whoever replaces this field may come before its events do.
      Object.assign(handover, { from: at, to: at, scrollTop: field.scrollTop });
    });
    // The text is read as it is at the moment of the jump; typing must not jump again.
  }, [jump, active]); // eslint-disable-line react-hooks/exhaustive-deps
}
