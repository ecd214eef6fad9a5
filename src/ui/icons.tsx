/** The page's own icons: 16 px, one stroke, drawn with the current text colour. They never stand without a label or a name. */
import type { ReactNode } from 'react';

const PATHS: Readonly<Record<string, ReactNode>> = {
  down: <path d="M4.5 6.5 8 10l3.5-3.5" />,
  up: <path d="M3.5 10 8 5.5l4.5 4.5" />,
  left: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  right: <path d="M6 3.5 10.5 8 6 12.5" />,
  close: <path d="M4 4l8 8m0-8l-8 8" />,
  check: <path d="M3 8.5l3.2 3.2L13 4.8" strokeWidth="2" />,
  back: (
    <>
      <path d="M13 3.5v9L6.5 8z" />
      <path d="M3.5 3.5v9" />
    </>
  ),
  play: <path d="M4.5 3v10l8.5-5z" fill="currentColor" />,
  pause: <path d="M5 3.5v9M11 3.5v9" strokeWidth="2.5" />,
  hop: (
    <>
      <path d="M3 8.6C4.2 3 11.8 3 13 8.2" />
      <circle cx="3" cy="11.8" r="1.4" />
      <circle cx="13" cy="11.8" r="1.9" fill="currentColor" />
    </>
  ),
  event: (
    <>
      <path d="M3 3.5v9l6.5-4.5z" />
      <path d="M12.5 3.5v9" />
    </>
  ),
  theme: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
    </>
  ),
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.5" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4" />
      <path d="M10 10l3.5 3.5" />
    </>
  ),
  file: <path d="M4 2.5h5l3 3v8H4zM9 2.5v3h3" />,
  warn: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 5v3.6M8 10.9v.01" strokeWidth="1.75" />
    </>
  ),
  line: <path d="M3 4h10M3 8h6M3 12h8" />,
  node: (
    <>
      <rect x="2.5" y="3" width="11" height="10" rx="1.5" />
      <path d="M2.5 8h11" />
    </>
  ),
};

export type IconName = keyof typeof PATHS & string;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinejoin="round"
      strokeLinecap="round"
      aria-hidden="true"
    >
      {PATHS[name]}
    </svg>
  );
}

/** The mark: a hop yard's poles and wire, and one packet on it. */
export function Logo() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
      <path
        d="M3 6.5h18M5 3v18M12 3v18M19 3v18"
        fill="none"
        stroke="var(--ink)"
        strokeWidth="1.75"
        strokeLinecap="round"
      />
      <rect
        x="8"
        y="10.5"
        width="8"
        height="6"
        rx="3"
        fill="var(--ink)"
        stroke="var(--sheet)"
        strokeWidth="1.5"
      />
    </svg>
  );
}
