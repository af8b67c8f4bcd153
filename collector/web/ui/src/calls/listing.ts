// Calls that fit a filter, page by page, and kept up to date.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { ListCallsRequest, WatchCallsResponse } from '../api/types';
import { watch, type Link } from '../api/watch';
import { Feed } from './feed';
import { matches, toQuery, toRequest, type Filter } from './filter';
import { withChanges, withFirstPage, withNextPage, type Listing } from './merge';

const PAGE = 100;
// Changes are gathered for so long, so that a busy collector does not redraw the
// list a hundred times a second.
const GATHER_MS = 250;
// A list that grew by itself to more than that begins anew with its first page.
const MOST = 3000;
// Changes that wait while the list is scrolled away from its top.
const WAITING = 5000;

export interface Calls {
  listing: Listing | undefined;
  error: unknown;
  busy: boolean;
  link: Link;
  // Calls that came while the list was scrolled away from its top.
  fresh: number;
  showFresh: () => void;
  loadMore: () => void;
  reload: () => void;
}

// The collector looks at a bounded number of calls a request: a page may be
// empty, and still have one behind it.
async function page(request: ListCallsRequest, token: string, signal?: AbortSignal): Promise<Listing> {
  for (let next = token; ;) {
    const response = await rpc('CallService/ListCalls', { ...request, pageSize: PAGE, ...(next && { pageToken: next }) }, signal);
    next = response.nextPageToken ?? '';
    if (response.calls?.length || !next) return { calls: response.calls ?? [], next };
  }
}

const atTop = () => window.scrollY < 160;

export function useCalls(filter: Filter): Calls {
  const key = toQuery(filter);
  // Calls that another filter found are not shown under this one.
  const [found, setFound] = useState<{ key: string; listing: Listing | undefined }>({ key, listing: undefined });
  const listing = found.key === key ? found.listing : undefined;
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(true);
  const [link, setLink] = useState<Link>('connecting');
  const [waiting, setWaiting] = useState<WatchCallsResponse[]>([]);
  const [turn, setTurn] = useState(0);
  const request = useRef<ListCallsRequest>({});
  const now = useRef<{ listing: Listing | undefined; loading: boolean }>({ listing: undefined, loading: false });
  now.current.listing = listing;

  const change = useCallback((next: (old: Listing) => Listing) => {
    setFound((old) => (old.listing ? { ...old, listing: next(old.listing) } : old));
  }, []);
  const apply = useCallback((changes: WatchCallsResponse[]) => change((old) => withChanges(old, request.current, changes)), []);

  useEffect(() => {
    const abort = new AbortController();
    request.current = toRequest(filter, new Date());
    setFound((old) => (old.key === key ? old : { key, listing: undefined }));
    setBusy(true);
    setError(null);
    setWaiting([]);
    const feed = new Feed({
      ask: () => page(request.current, '', abort.signal),
      onPage: (got, anew) => {
        setFound((old) => ({ key, listing: old.listing && old.key === key && !anew ? withFirstPage(old.listing, got) : got }));
        setError(null);
      },
      onError: setError,
      onAnswer: () => setBusy(false),
    });
    feed.first();

    const timer = window.setInterval(() => {
      const changes = feed.take();
      if (changes.length === 0) return;
      if (atTop()) {
        apply(changes);
        // Nobody looks at the end of a list that grows at its top.
        if ((now.current.listing?.calls.length ?? 0) > MOST) feed.anew();
        return;
      }
      const shown = new Set(now.current.listing?.calls.map((call) => call.id));
      apply(changes.filter((one) => shown.has(one.call?.id)));
      setWaiting((old) => [...old, ...changes.filter((one) => !shown.has(one.call?.id))].slice(-WAITING));
    }, GATHER_MS);
    // What changed before the watch began is in the first page; what changed
    // while it was away it tells, or else the first page has it.
    const stop = watch('CallService/WatchCalls', {}, (one) => feed.add(one), (state, resumed) => {
      setLink(state);
      if (state === 'live' && !resumed) feed.first();
    });
    return () => { feed.stop(); abort.abort(); window.clearInterval(timer); stop(); };
  }, [key, turn]);

  const showFresh = useCallback(() => {
    window.scrollTo({ top: 0 });
    apply(waiting);
    setWaiting([]);
  }, [waiting]);
  useEffect(() => {
    const onScroll = () => { if (atTop() && waiting.length > 0) showFresh(); };
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, [waiting]);

  const loadMore = useCallback(() => {
    const before = now.current.listing;
    if (!before?.next || now.current.loading) return;
    now.current.loading = true;
    const asked = request.current;
    page(asked, before.next).then(
      (got) => { if (asked === request.current) change((old) => withNextPage(old, got)); },
      // A page token ends with the collector's life: begin anew.
      () => { if (asked === request.current) setTurn((old) => old + 1); },
    ).finally(() => { now.current.loading = false; });
  }, []);
  const reload = useCallback(() => setTurn((old) => old + 1), []);

  const fresh = new Set(waiting.filter(({ change, call }) => change === 'CHANGE_UPDATED' && call && matches(request.current, call)).map(({ call }) => call!.id)).size;
  return { listing, error, busy, link, fresh, showFresh, loadMore, reload };
}
