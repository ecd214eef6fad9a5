/** The projector scale: everything a quarter larger. The page sets `data-scale` on the root element; without it, 1. */
import { useEffect, useState } from 'react';

export function readScale(): number {
  const scale = Number(document.documentElement.dataset['scale'] ?? 1);
  return Number.isFinite(scale) && scale >= 1 && scale <= 2 ? scale : 1;
}

/** The scale, followed while the page changes it. */
export function useScale(): number {
  const [scale, setScale] = useState(readScale);
  useEffect(() => {
    const observer = new MutationObserver(() => setScale(readScale()));
    observer.observe(document.documentElement, { attributeFilter: ['data-scale'] });
    setScale(readScale());
    return () => observer.disconnect();
  }, []);
  return scale;
}
