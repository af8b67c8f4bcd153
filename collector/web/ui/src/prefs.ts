// What this browser keeps: colours, saved searches. Never a token.
export type Theme = 'auto' | 'light' | 'dark';

function read(key: string): string | null {
  try {
    return localStorage.getItem(`callbraid.${key}`);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`callbraid.${key}`, value);
  } catch {
    // Private windows of some browsers keep nothing.
  }
}

export function theme(): Theme {
  const kept = read('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(): void {
  const chosen = theme();
  const dark = chosen === 'dark' || (chosen === 'auto' && darkSystem.matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  window.dispatchEvent(new Event('themechange'));
}

darkSystem.addEventListener('change', applyTheme);

export function setTheme(chosen: Theme): void {
  write('theme', chosen);
  applyTheme();
}

export interface SavedSearch {
  name: string;
  // As behind the "?" of the address.
  query: string;
}

export function savedSearches(): SavedSearch[] {
  try {
    const list = JSON.parse(read('searches') ?? '[]') as unknown;
    return Array.isArray(list) ? list.filter((one): one is SavedSearch => typeof one?.name === 'string' && typeof one?.query === 'string') : [];
  } catch {
    return [];
  }
}

export function keepSearches(list: SavedSearch[]): void {
  write('searches', JSON.stringify(list.slice(0, 50)));
}
