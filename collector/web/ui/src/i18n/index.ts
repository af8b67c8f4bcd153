// The language of the pages, and its texts.
import { de } from './de';
import { en, type Key } from './en';

export type { Key };

// Keys that have a .one and a .other.
type Plural = { [K in Key]: K extends `${infer Base}.one` ? Base : never }[Key];

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

const texts: Record<Language, Record<Key, string>> = { en, de };
const STORED = 'callbraid.language';

let current: Language = 'en';

export function chooseLanguage(): Language {
  const wanted = [stored(), ...(navigator.languages ?? [])].map((name) => (name ?? '').slice(0, 2));
  return (wanted.find((name) => name in texts) ?? 'en') as Language;
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export function setLanguage(language: Language, keep = false): void {
  current = language;
  if (typeof document !== 'undefined') document.documentElement.lang = language;
  if (keep) localStorage.setItem(STORED, language);
}

export const language = (): Language => current;
// How numbers are written.
export const locale = (): string => (current === 'de' ? 'de-DE' : 'en-GB');

export function t(key: Key, values: Record<string, string | number> = {}): string {
  // A word for an enum value that is newer than these pages is its own name.
  const text = texts[current][key] as string | undefined ?? key.slice(key.indexOf('.') + 1);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function tn(key: Plural, n: number): string {
  const form = new Intl.PluralRules(locale()).select(n) === 'one' ? 'one' : 'other';
  return t(`${key}.${form}` as Key, { n: n.toLocaleString(locale()) });
}
