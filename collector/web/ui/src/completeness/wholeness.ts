// What the page Completeness counts, and where its numbers lead.
import type { DayCompleteness, SignallingHost, Wholeness, WholenessCount } from '../api/types';
import { day } from '../format';

export type Flaw = Exclude<Wholeness, 'WHOLENESS_UNSPECIFIED' | 'WHOLENESS_WHOLE'>;

// Worst first, each with the word of its flag in a search.
const flagWords: Record<Flaw, string> = {
  WHOLENESS_MEDIA_DELETED: 'media-deleted', WHOLENESS_NO_MEDIA: 'no-media', WHOLENESS_ONE_WAY: 'one-way', WHOLENESS_ENCRYPTED: 'encrypted', WHOLENESS_UNKNOWN_CODEC: 'unknown-codec',
  WHOLENESS_BEGAN_BEFORE_CAPTURE: 'began-before-capture', WHOLENESS_LOSSY: 'capture-loss',
};
export const flaws = Object.keys(flagWords) as Flaw[];

export function callsOf(counts: WholenessCount[] | undefined, wholeness: Wholeness): number {
  return Number(counts?.find((count) => count.wholeness === wholeness)?.calls ?? 0);
}

// Whole and answered calls, of some days and sites together.
export function totals(days: DayCompleteness[]): { whole: number; answered: number } {
  return days.reduce((sum, one) => ({
    whole: sum.whole + callsOf(one.counts, 'WHOLENESS_WHOLE'), answered: sum.answered + Number(one.answered ?? 0),
  }), { whole: 0, answered: 0 });
}

// Where media were deleted, nobody can tell any more how many calls were whole.
export const hasShare = (one: DayCompleteness): boolean => callsOf(one.counts, 'WHOLENESS_MEDIA_DELETED') === 0;

export interface Days {
  // "2026-11-23", both of them included.
  from: string;
  to: string;
}

const isDay = (text: string | null): text is string => /^\d{4}-\d\d-\d\d$/.test(text ?? '') && !Number.isNaN(Date.parse(text!));

// The last seven days, unless the address says others.
export function parseDays(query: URLSearchParams, now: Date): Days {
  const [from, to] = [query.get('from'), query.get('to')];
  const last = isDay(to) ? to : day(now);
  const weekBefore = new Date(`${last}T12:00:00`);
  weekBefore.setDate(weekBefore.getDate() - 6);
  const first = isDay(from) ? from : day(weekBefore);
  return first <= last ? { from: first, to: last } : { from: last, to: first };
}

// Midnight before a day, or so many days later, in the viewer's zone: by the
// calendar, for days on which clocks are set have 23 or 25 hours.
function midnight(date: string, later = 0): string {
  const at = new Date(`${date}T00:00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

export const startFrom = (days: Days): string => midnight(days.from);
export const startBefore = (days: Days): string => midnight(days.to, 1);

// As the collector takes it.
export function viewersZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone && zone !== 'Etc/Unknown' ? zone : 'UTC';
}

// The page Calls, with the answered calls of a day that have a flaw, whatever
// else they have, and that a site saw, first or not: those that are counted,
// and others.
export function searchFor(one: DayCompleteness, flaw?: Flaw): string {
  const query = new URLSearchParams({ from: midnight(one.date ?? ''), before: midnight(one.date ?? '', 1), state: 'active,completed' });
  if (flaw) query.set('flag', flagWords[flaw]);
  if (one.site) query.set('site', one.site);
  return `/calls?${query}`;
}

export interface SharesOfSite {
  site: string;
  // In percent, for each date; null where nothing was answered, or no share
  // can be told.
  shares: (number | null)[];
}

const MOST_SITES = 5;

// What the picture shows: dates, and the shares of the sites with most calls.
export function sharesBySite(days: DayCompleteness[]): { dates: string[]; sites: SharesOfSite[] } {
  const dates = [...new Set(days.map((one) => one.date ?? ''))].sort();
  const bySite = new Map<string, DayCompleteness[]>();
  for (const one of days) bySite.set(one.site ?? '', [...bySite.get(one.site ?? '') ?? [], one]);
  const busiest = [...bySite].sort(([, a], [, b]) => totals(b).answered - totals(a).answered).slice(0, MOST_SITES);
  return {
    dates,
    sites: busiest.map(([site, mine]) => ({
      site,
      shares: dates.map((date) => {
        const { whole, answered } = totals(mine.filter((one) => one.date === date && hasShare(one)));
        return answered > 0 ? 100 * whole / answered : null;
      }),
    })),
  };
}

// Phones that signalled calls and were heard in none.
export const unheard = (hosts: SignallingHost[] | undefined): SignallingHost[] =>
  (hosts ?? []).filter((host) => !host.isServer && (host.calls ?? 0) > 0 && !host.callsHeard);
