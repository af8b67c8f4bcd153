// A page that is loaded when somebody opens it.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ErrorNotice, Skeleton } from './parts';

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let known: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [turn, setTurn] = useState(0);
    const [error, setError] = useState<unknown>(null);
    useEffect(() => {
      let gone = false;
      if (known) return undefined;
      load().then((page) => { known = page; if (!gone) setTurn((old) => old + 1); }, (why: unknown) => { if (!gone) setError(why); });
      return () => { gone = true; };
    }, [turn]);
    // It was replaced by a newer version: its name is another one now.
    if (error != null) return <ErrorNotice error={error} onRetry={() => location.reload()} />;
    const Page = known;
    return Page ? <Page {...props} /> : <div class="panel"><Skeleton lines={8} /></div>;
  };
}
