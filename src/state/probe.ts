/** A machine's table or an object's text, kept live while a component shows it. */
import { useEffect, useMemo, useState } from 'react';
import type { ProbeAnswer } from '../worker/client';
import type { Probe } from '../worker/protocol';
import { useSession } from './session';
import { theClient } from './wire';

/** The latest answer to a probe; null until it comes, or when nothing is asked. */
export function useProbe(probe: Probe | null): ProbeAnswer | null {
  const ready = useSession((state) => state.phase === 'ready');
  const key = JSON.stringify(probe);
  const [heard, setHeard] = useState<{ key: string; answer: ProbeAnswer } | null>(null);
  useEffect(() => {
    const asked = JSON.parse(key) as Probe | null;
    if (asked === null || !ready) return;
    return theClient().probe(asked, (answer) => setHeard({ key, answer }));
  }, [key, ready]);
  return useMemo(() => (heard?.key === key ? heard.answer : null), [heard, key]);
}
