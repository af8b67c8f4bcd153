// Which page the address bar names. Paths are deep links; what a page searches
// for stands behind the "?".
import { useEffect, useState } from 'preact/hooks';

export type Page = 'calls' | 'call' | 'live' | 'quality' | 'completeness' | 'sensors' | 'audit' | 'settings' | 'unknown';

export interface Route {
  page: Page;
  // Of a call or a sensor.
  id: string;
  query: URLSearchParams;
}

export function parseRoute(path: string, search: string): Route {
  const [first = '', second = '', ...more] = path.split('/').filter(Boolean).map(decode);
  const query = new URLSearchParams(search);
  if (more.length > 0) return { page: 'unknown', id: '', query };
  if (first === '' ) return { page: 'calls', id: '', query };
  if (first === 'calls') return { page: second ? 'call' : 'calls', id: second, query };
  if (first === 'sensors') return { page: 'sensors', id: second, query };
  if (!second && (first === 'live' || first === 'quality' || first === 'completeness' || first === 'audit' || first === 'settings')) return { page: first, id: '', query };
  return { page: 'unknown', id: '', query };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// The secret of a link to a shared call, which is then no more in the address
// bar, nor in the history; '' if there is none.
export function takeShare(): string {
  const secret = shareIn(location.hash);
  if (secret) history.replaceState(null, '', location.pathname + location.search);
  return secret;
}

export function shareIn(hash: string): string {
  return /^#share=(cbt_[\w-]+)$/.exec(hash)?.[1] ?? '';
}

const listeners = new Set<() => void>();

export function navigate(to: string, replace = false): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  listeners.forEach((listener) => listener());
}

// Puts `changes` into the query of the present page; null or '' removes.
export function setQuery(changes: Record<string, string | null>, replace = true): void {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(changes)) {
    if (value) query.set(key, value);
    else query.delete(key);
  }
  const text = query.toString();
  navigate(location.pathname + (text ? `?${text}` : ''), replace);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.pathname, location.search));
  useEffect(() => {
    const update = () => setRoute(parseRoute(location.pathname, location.search));
    listeners.add(update);
    window.addEventListener('popstate', update);
    return () => { listeners.delete(update); window.removeEventListener('popstate', update); };
  }, []);
  return route;
}

// Links within the pages do not load them anew.
export function onLinkClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.('a[href]');
  if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
  if (link.dataset['server'] !== undefined) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
  window.scrollTo(0, 0);
}
