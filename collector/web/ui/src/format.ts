// Numbers and times for people. Nothing here knows a language: words come from
// i18n, and the way numbers are written from its locale.

// Milliseconds since the epoch of an RFC 3339 time; NaN if there is none.
export function ms(time: string | undefined): number {
  return time ? Date.parse(time) : NaN;
}

// Milliseconds since the epoch, to a quarter of a microsecond; Date.parse() cuts
// behind the millisecond.
export function exactMs(time: string | undefined): number {
  const match = /^(.*?)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(time ?? '');
  if (!match) return NaN;
  return Date.parse(match[1]! + match[3]!) + Number(match[2] ?? 0) * 1000;
}

// Which of two RFC 3339 times comes first, to the nanosecond, as sort() wants it.
// A number of milliseconds has no room for that.
export function compareTimes(a: string | undefined, b: string | undefined): number {
  const parts = (time: string | undefined): [number, number] => {
    const match = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time ?? '');
    return match ? [Date.parse(match[1]! + match[3]!), Number((match[2] ?? '').padEnd(9, '0').slice(0, 9))] : [0, 0];
  };
  const [first, second] = [parts(a), parts(b)];
  return first[0] - second[0] || first[1] - second[1];
}

// Milliseconds of "3.760599s".
export function durationMs(duration: string | undefined): number {
  return duration ? parseFloat(duration) * 1000 : NaN;
}

// "0:09", "12:05", "1:02:03".
export function clock(millis: number): string {
  if (!Number.isFinite(millis) || millis < 0) return '–';
  const seconds = Math.floor(millis / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// "+0.003", "+12.400": seconds from a beginning.
export function offset(millis: number): string {
  return `${millis < 0 ? '−' : '+'}${(Math.abs(millis) / 1000).toFixed(3)}`;
}

export function number(value: number | string | undefined, locale: string, digits = 0): string {
  const n = Number(value ?? 0);
  return n.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function percent(part: number, whole: number, locale: string): string {
  if (whole <= 0) return '–';
  const share = 100 * part / whole;
  return `${number(share, locale, share > 0 && share < 9.95 ? 1 : 0)} %`;
}

export function bytes(value: number | string | undefined, locale: string): string {
  let n = Number(value ?? 0);
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) { n /= 1000; ++unit; }
  return `${number(n, locale, unit > 0 && n < 99.95 ? 1 : 0)} ${units[unit]}`;
}

// Of nanoseconds, signed: "+12.3 ms", "−3 µs", "+1.204 s".
export function signedNs(value: string | number | undefined, locale: string): string {
  const ns = Number(value ?? 0);
  const size = Math.abs(ns);
  const sign = ns < 0 ? '−' : '+';
  if (size >= 1e9) return `${sign}${number(size / 1e9, locale, 3)} s`;
  if (size >= 1e5) return `${sign}${number(size / 1e6, locale, 1)} ms`;
  return `${sign}${number(size / 1e3, locale, 0)} µs`;
}

export const unsignedNs = (value: string | number | undefined, locale: string): string => signedNs(value, locale).slice(1);

const pad = (value: number, width = 2) => String(value).padStart(width, '0');

// In the viewer's zone: "2026-11-23 10:11:15". The order of the digits is the same in all languages.
export function dateTime(time: string | undefined): string {
  const at = new Date(ms(time));
  if (Number.isNaN(at.getTime())) return '–';
  return `${day(at)} ${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

export function day(at: Date): string {
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

// "10:11:15.678".
export function timeOfDay(time: string | undefined): string {
  const at = new Date(ms(time));
  if (Number.isNaN(at.getTime())) return '–';
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

// For tooltips: "2026-11-23 09:11:15.675910 UTC".
export function utc(time: string | undefined): string {
  return time ? `${time.replace('T', ' ').replace(/Z$/, '')} UTC` : '';
}

// Host of "10.0.0.1:5060", "[2001:db8::1]:5060".
export function hostOf(endpoint: string | undefined): string {
  const text = endpoint ?? '';
  const colon = text.lastIndexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  return host.replace(/^\[(.*)\]$/, '$1') || '?';
}

export function portOf(endpoint: string | undefined): string {
  const text = endpoint ?? '';
  const colon = text.lastIndexOf(':');
  return colon < 0 ? '' : text.slice(colon + 1);
}
