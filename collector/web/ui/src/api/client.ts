// The collector's API as it is in HTTP: one POST a call, server-sent events for
// what goes on.
import type { GetAudioRequest, ListenToCallRequest, Methods, Streams } from './types';

// What the collector answered, or that it did not.
export class ApiError extends Error {
  // Connect's words: "not_found", "permission_denied"...; "offline" if there was
  // no answer at all.
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

type Listener = () => void;
const whenLoggedOut = new Set<Listener>();

// Called whenever the collector no longer knows who we are.
export function onLoggedOut(listener: Listener): () => void {
  whenLoggedOut.add(listener);
  return () => whenLoggedOut.delete(listener);
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = await response.json().catch(() => ({})) as { code?: string; message?: string };
  const known: Record<number, string> = { 401: 'unauthenticated', 403: 'permission_denied', 404: 'not_found', 429: 'resource_exhausted', 503: 'unavailable' };
  return new ApiError(body.code ?? known[response.status] ?? 'unknown', body.message ?? `HTTP ${response.status}`);
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('offline', '');
  }
}

export async function rpc<M extends keyof Methods>(method: M, request: Methods[M]['request'], signal?: AbortSignal): Promise<Methods[M]['response']> {
  const response = await send(`/callbraid.v1.${method}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request), signal: signal ?? null,
  });
  if (response.ok) return await response.json() as Methods[M]['response'];
  const error = await errorOf(response);
  if (error.code === 'unauthenticated') whenLoggedOut.forEach((listener) => listener());
  throw error;
}

export interface Session {
  name: string;
  role: 'ROLE_GUEST' | 'ROLE_VIEWER' | 'ROLE_OPERATOR' | 'ROLE_AUDITOR' | 'ROLE_ADMIN';
  sites?: string[];
  numbers?: string[];
  // Of a guest: what is shared.
  calls?: string[];
  // Logged in by one.
  password?: boolean;
  // No login is needed here: everybody is an admin.
  open?: boolean;
}

// Who we are; null: nobody.
export async function whoAmI(): Promise<Session | null> {
  const response = await send('/session', { cache: 'no-store' });
  if (response.status === 401) return null;
  if (!response.ok) throw await errorOf(response);
  return await response.json() as Session;
}

// By an API token, or as a user.
export async function logIn(by: { token: string } | { name: string; password: string }): Promise<void> {
  const response = await send('/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(by) });
  if (!response.ok) throw await errorOf(response);
}

export async function logOut(): Promise<void> {
  await send('/session', { method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export type Link = 'connecting' | 'live' | 'away';

// Follows a server stream until the returned function is called. After a break
// it comes back by itself, later each time; `onLink` tells how it stands, and
// whether what happened meanwhile is told: by the id of the last event, if the
// stream has ids and the collector still knows.
export function watch<S extends keyof Streams>(stream: S, request: Streams[S]['request'],
    onMessage: (message: Streams[S]['response']) => void, onLink: (link: Link, resumed: boolean) => void): () => void {
  let lastId = '';
  const url = () => `/events/callbraid.v1.${stream}?request=${encodeURIComponent(JSON.stringify({ ...request, ...(lastId && { resumeToken: lastId }) }))}`;
  let source: EventSource | null = null;
  let timer = 0;
  let wait = FIRST_WAIT_MS;
  let stopped = false;
  const later = () => {
    source?.close();
    if (stopped) return;
    onLink('away', false);
    timer = window.setTimeout(connect, wait);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  };
  const connect = () => {
    onLink('connecting', false);
    source = new EventSource(url());
    source.onopen = () => { wait = FIRST_WAIT_MS; onLink('live', lastId !== ''); };
    source.onmessage = (event) => {
      onMessage(JSON.parse(event.data as string) as Streams[S]['response']);
      if (event.lastEventId) lastId = event.lastEventId;
    };
    source.addEventListener('end', (event) => {
      const { code } = JSON.parse((event as MessageEvent<string>).data) as { code?: string };
      // It was away for too long, or may see something else now.
      if (code === 'out_of_range' || code === 'invalid_argument') lastId = '';
      if (code === 'unauthenticated') whenLoggedOut.forEach((listener) => listener());
      if (code === 'unauthenticated' || code === 'permission_denied') { source?.close(); onLink('away', false); } else later();
    });
    // An EventSource does not say why: whether we are still known, the session tells.
    source.onerror = () => {
      later();
      whoAmI().then((session) => { if (!session) whenLoggedOut.forEach((listener) => listener()); }, () => {});
    };
  };
  connect();
  return () => { stopped = true; window.clearTimeout(timer); source?.close(); };
}

export function audioUrl(id: string, request: Omit<GetAudioRequest, 'id'>, download = false): string {
  return `/calls/${id}/audio?request=${encodeURIComponent(JSON.stringify(request))}${download ? '&download=1' : ''}`;
}

// The sound of a call in progress, as a WAV stream.
export async function listen(id: string, request: Omit<ListenToCallRequest, 'id'>, signal: AbortSignal): Promise<Response> {
  const response = await send(`/calls/${id}/listen?request=${encodeURIComponent(JSON.stringify(request))}`, { signal });
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.code === 'unauthenticated') whenLoggedOut.forEach((listener) => listener());
  throw error;
}

export const faxUrl = (id: string): string => `/calls/${id}/fax`;

export const packetsUrl = (id: string): string => `/calls/${id}/packets`;
