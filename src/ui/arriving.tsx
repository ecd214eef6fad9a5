/**
 * Components that are loaded after the first picture. Unlike React.lazy they are drawn at once when they are here already,
 * so that what was warmed never flashes.
 */
import { useEffect, useState, type ComponentType } from 'react';

/** A component that may be on its way. */
export interface Arriving<P extends object> {
  (props: P): React.ReactNode;
  /** Loads it ahead of need; a failure is left to the next one who needs it. */
  warm(): Promise<void>;
}

/** Makes one. `load` brings the component; `Meanwhile` stands where it will be. A failed load is thrown when it is drawn. */
export function arriving<P extends object>(
  load: () => Promise<ComponentType<P>>,
  Meanwhile?: ComponentType,
): Arriving<P> {
  let here: ComponentType<P> | null = null;
  let loading: Promise<void> | null = null;
  const bring = (): Promise<void> => {
    loading ??= load().then(
      (component) => {
        here = component;
      },
      (error: unknown) => {
        loading = null;
        throw error;
      },
    );
    return loading;
  };
  function Shown(props: P) {
    const [, setCame] = useState(here !== null);
    const [failure, setFailure] = useState<Error | null>(null);
    useEffect(() => {
      if (here !== null) return;
      bring().then(
        () => setCame(true),
        (error: unknown) => setFailure(error instanceof Error ? error : new Error(String(error))),
      );
    }, []);
    if (failure !== null) throw failure;
    const Here = here;
    return Here === null ? Meanwhile && <Meanwhile /> : <Here {...props} />;
  }
  return Object.assign(Shown, { warm: () => bring().catch(() => undefined) });
}
