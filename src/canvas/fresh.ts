/** News wears off in the visitor's time, not in the cluster's: a mark must be readable at any speed of the clock. */
import { useEffect, useState } from 'react';

/** How long a control-plane mark stays, in ms. */
const FRESH_MS = 6_000;

/** True for a while after `id` becomes another one. What is there at first is old already. */
export function useFresh(id: number | null): boolean {
  const [seen, setSeen] = useState<{ id: number | null; fresh: boolean }>({ id, fresh: false });
  if (seen.id !== id) setSeen({ id, fresh: id !== null });
  useEffect(() => {
    const timer = setTimeout(() => setSeen({ id, fresh: false }), FRESH_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return seen.id === id && seen.fresh;
}
