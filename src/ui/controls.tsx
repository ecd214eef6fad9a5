/** Our few shared pieces: a button with an icon, a head of a panel, label and value, and the handle between two panels. */
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { Icon, type IconName } from './icons';

/** A square button; its name is read aloud and shown as a tip. */
export function IconButton(props: {
  icon: IconName;
  name: string;
  keyHint?: string | undefined;
  look?: string;
  pressed?: boolean;
  disabled?: boolean;
  onPress: () => void;
}) {
  const { icon, name, keyHint, look = 'ghost', pressed, disabled } = props;
  return (
    <button
      type="button"
      className={`btn icon ${look}`}
      aria-label={name}
      aria-pressed={pressed}
      title={keyHint ? `${name} (${keyHint})` : name}
      disabled={disabled}
      onClick={props.onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

export function PanelHead(props: { title: string; note?: ReactNode; children?: ReactNode }) {
  return (
    <div className="head">
      <h2 className="t">{props.title}</h2>
      {props.note !== undefined && <span className="small k3 note">{props.note}</span>}
      <span className="sp" />
      {props.children}
    </div>
  );
}

/** A label and its value on one line. */
export function Kv(props: { label: string; children: ReactNode }) {
  return (
    <div className="kv">
      <span className="k2">{props.label}</span>
      <b>{props.children}</b>
    </div>
  );
}

/** The handle at one edge of a panel: a separator that is dragged or moved with the arrow keys. */
export function Splitter(props: {
  name: string;
  edge: 'left' | 'right' | 'top';
  size: number;
  min: number;
  max: number;
  onSize: (px: number) => void;
}) {
  const { edge, size, min, max } = props;
  const across = edge !== 'top';
  // Dragging right widens a panel whose right edge is held, and narrows one that is held at its left.
  const sign = edge === 'right' ? 1 : -1;
  const start = useRef({ at: 0, size: 0 });
  const set = (px: number): void => props.onSize(Math.round(Math.min(max, Math.max(min, px))));
  const at = (event: PointerEvent): number => (across ? event.clientX : event.clientY);
  const onKeyDown = (event: KeyboardEvent): void => {
    const less = across ? 'ArrowLeft' : 'ArrowUp';
    const more = across ? 'ArrowRight' : 'ArrowDown';
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    event.stopPropagation();
    set(size + (event.key === more ? 1 : -1) * sign * 16);
  };
  return (
    <div
      className={`splitter ${edge}`}
      role="separator"
      tabIndex={0}
      aria-label={props.name}
      aria-orientation={across ? 'vertical' : 'horizontal'}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: at(event), size };
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        set(start.current.size + sign * (at(event) - start.current.at));
      }}
    />
  );
}
