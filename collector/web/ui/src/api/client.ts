// The collector's API as it is in HTTP: one POST a call. What goes on comes by
// watch.ts.
import type { GetAudioRequest, GetPacketsRequest, ListenToCallRequest, Methods } from './types';

// What the collector answered, or that it did not.
export class ApiError extends Error {
  // Connect's words: "not_found", "permission_denied"...; "offline" if there was
  // no answer at all. Of the player: "undecodable", "cut".
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

const inVain = ['invalid_argument', 'failed_precondition', 'out_of_range', 'unauthenticated', 'permission_denied', 'not_found', 'unimplemented'];

// Whether the same may be answered if it is asked again in a while.
export const mayPass = (error: unknown): boolean => !(error instanceof ApiError && inVain.includes(error.code));

type Listener = () => void;
const whenLoggedOut = new Set<Listener>();

// Called whenever the collector no longer knows who we are.
export function onLoggedOut(listener: Listener): () => void {
  whenLoggedOut.add(listener);
  return () => whenLoggedOut.delete(listener);
}

export const tellLoggedOut = (): void => whenLoggedOut.forEach((listener) => listener());

export async function errorOf(response: Response): Promise<ApiError> {
  const body = await response.json().catch(() => ({})) as { code?: string; message?: string };
  const known: Record<number, string> = { 400: 'invalid_argument', 401: 'unauthenticated', 403: 'permission_denied', 404: 'not_found', 429: 'resource_exhausted', 503: 'unavailable' };
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
  if (error.code === 'unauthenticated') tellLoggedOut();
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

// Throws if the login may go on.
export async function logOut(): Promise<void> {
  const response = await send('/session', { method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
  // 401: it had ended already.
  if (!response.ok && response.status !== 401) throw await errorOf(response);
}

export function audioUrl(id: string, request: Omit<GetAudioRequest, 'id'>, download = false): string {
  return `/calls/${id}/audio?request=${encodeURIComponent(JSON.stringify(request))}${download ? '&download=1' : ''}`;
}

// The sound of a call in progress, as a WAV stream.
export async function listen(id: string, request: Omit<ListenToCallRequest, 'id'>, signal: AbortSignal): Promise<Response> {
  const response = await send(`/calls/${id}/listen?request=${encodeURIComponent(JSON.stringify(request))}`, { signal });
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.code === 'unauthenticated') tellLoggedOut();
  throw error;
}

export const faxUrl = (id: string): string => `/calls/${id}/fax`;

export const packetsUrl = (id: string, request: Omit<GetPacketsRequest, 'id'>): string => `/calls/${id}/packets?request=${encodeURIComponent(JSON.stringify(request))}`;
