// What is asked of the collector for a page, and how that stands.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<T> {
  // The newest answer, also while a newer one is on its way.
  value: T | undefined;
  error: unknown;
  busy: boolean;
  reload: () => void;
}

// Asks anew whenever `key` changes; an answer to an older question is dropped.
export function useLoad<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | undefined; error: unknown; busy: boolean }>({ key, value: undefined, error: null, busy: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ key, value: old.key === key ? old.value : undefined, error: null, busy: true }));
    latest.current(abort.signal).then(
      (value) => { if (!abort.signal.aborted) setState({ key, value, error: null, busy: false }); },
      (error: unknown) => { if (!abort.signal.aborted) setState((old) => ({ ...old, error, busy: false })); });
    return () => abort.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((old) => old + 1), []);
  return { value: state.key === key ? state.value : undefined, error: state.error, busy: state.busy, reload };
}

// The same again every so many milliseconds while somebody looks.
export function useEvery(millis: number, act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const timer = window.setInterval(() => { if (!document.hidden) latest.current(); }, millis);
    return () => window.clearInterval(timer);
  }, [millis]);
}
