// Server streams of the collector, as server-sent events.
import { tellLoggedOut, whoAmI } from './client';
import type { Streams } from './types';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
// A stream that lives so long is no failure, even if it told nothing.
const LASTING_MS = 30_000;

export type Link = 'connecting' | 'live' | 'away';

// Follows a server stream until the returned function is called. After a break
// it comes back by itself, later each time; `onLink` tells how it stands, and
// whether what happened meanwhile is told: by the id of the last event, if the
// stream has ids and the collector still knows.
//
// A page that nobody sees has no connection: of those a browser has six for a
// host, so that as many tabs would leave none to ask anything by.
export function watch<S extends keyof Streams>(stream: S, request: Streams[S]['request'],
    onMessage: (message: Streams[S]['response']) => void, onLink: (link: Link, resumed: boolean) => void): () => void {
  let lastId = '';
  const url = () => `/events/callbraid.v1.${stream}?request=${encodeURIComponent(JSON.stringify({ ...request, ...(lastId && { resumeToken: lastId }) }))}`;
  let source: EventSource | null = null;
  let timer = 0;
  let lasting = 0;
  let wait = FIRST_WAIT_MS;
  let stopped = false;
  const close = () => {
    window.clearTimeout(timer);
    window.clearTimeout(lasting);
    source?.close();
    source = null;
  };
  const later = () => {
    close();
    onLink('away', false);
    timer = window.setTimeout(connect, wait);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  };
  // The collector answers first and looks at what was asked then: that a stream
  // is open does not say that it works.
  const works = () => { wait = FIRST_WAIT_MS; };
  const connect = () => {
    onLink('connecting', false);
    const mine = source = new EventSource(url());
    const here = () => mine === source;
    mine.onopen = () => {
      if (!here()) return;
      lasting = window.setTimeout(works, LASTING_MS);
      onLink('live', lastId !== '');
    };
    mine.onmessage = (event) => {
      if (!here()) return;
      works();
      onMessage(JSON.parse(event.data as string) as Streams[S]['response']);
      if (event.lastEventId) lastId = event.lastEventId;
    };
    mine.addEventListener('end', (event) => {
      if (!here()) return;
      const { code } = JSON.parse((event as MessageEvent<string>).data) as { code?: string };
      // It was away for too long, or may see something else now.
      if (code === 'out_of_range' || code === 'invalid_argument') lastId = '';
      if (code !== 'unauthenticated' && code !== 'permission_denied') return later();
      stop();
      onLink('away', false);
      if (code === 'unauthenticated') tellLoggedOut();
    });
    // An EventSource does not say why: whether we are still known, the session tells.
    mine.onerror = () => {
      if (!here()) return;
      later();
      whoAmI().then((session) => { if (!session && !stopped) tellLoggedOut(); }, () => {});
    };
  };
  const onSight = () => {
    if (document.hidden) close();
    else if (!source) { window.clearTimeout(timer); connect(); }
  };
  const stop = () => {
    stopped = true;
    document.removeEventListener('visibilitychange', onSight);
    close();
  };
  document.addEventListener('visibilitychange', onSight);
  if (!document.hidden) connect();
  return stop;
}
