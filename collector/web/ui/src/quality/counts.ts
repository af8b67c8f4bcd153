// What the page Quality asks for, and what its numbers come to.
import type { CallCounts, CallFlag, CallInterval, CallState, CountCallsRequest } from '../api/types';
import { bounds, flagWord, ranges, type Filter, type Range } from '../calls/filter';
import { viewersZone } from '../completeness/wholeness';
import { durationMs } from '../format';

// In seconds.
export const steps = { quarter: 900, hour: 3600, day: 86_400, week: 604_800 } as const;
export type Step = keyof typeof steps;
export const stepOf = (text: string | null): Step | '' => (text !== null && text in steps ? text as Step : '');

// In seconds: that of an interval.
const longest = 366 * 86_400;

// Without "any time": how long that is, nobody knows.
export const countedRanges = ranges.filter((range): range is Exclude<Range, 'any'> => range !== 'any');
// Of a page that is opened without one.
export const withRange = (filter: Filter): Filter => (filter.range === 'any' ? { ...filter, range: '7d' } : filter);

// So that there are some to some hundred of them.
function fitting(seconds: number): Step {
  return seconds <= 86_400 ? 'quarter' : seconds <= 8 * 86_400 ? 'hour' : seconds <= 200 * 86_400 ? 'day' : 'week';
}

// By time for the charts; by site for the table, whatever time that is, as both
// at once may be more than one answer has.
export interface Questions { byTime: CountCallsRequest; bySite: CountCallsRequest }

export function askFor(filter: Filter, step: Step | '', now: Date): Questions {
  const [first, last] = bounds(filter, now);
  const before = last ?? now;
  // A time with an end only.
  const from = first ?? new Date(before.getTime() - 7 * 86_400_000);
  const chosen = step || fitting((before.getTime() - from.getTime()) / 1000);
  const time = { startFrom: from.toISOString(), startBefore: before.toISOString(), timeZone: viewersZone() };
  return {
    byTime: { ...time, interval: `${steps[chosen]}s`, ...(filter.site && { site: filter.site }) },
    bySite: { ...time, interval: `${longest}s`, bySite: true },
  };
}

export interface Sum {
  calls: number;
  answered: number;
  states: Partial<Record<CallState, number>>;
  flags: Partial<Record<CallFlag, number>>;
  talkMs: number;
  // Lower bounds, and how many calls of each; all of these, and their sum.
  mos: Map<number, number>;
  heard: number;
  mosSum: number;
}

export function sumOf(all: CallCounts[]): Sum {
  const sum: Sum = { calls: 0, answered: 0, states: {}, flags: {}, talkMs: 0, mos: new Map(), heard: 0, mosSum: 0 };
  for (const one of all) {
    sum.calls += Number(one.calls ?? 0);
    sum.answered += Number(one.answered ?? 0);
    sum.talkMs += durationMs(one.talk) || 0;
    for (const { state, calls } of one.states ?? []) if (state) sum.states[state] = (sum.states[state] ?? 0) + Number(calls ?? 0);
    for (const { flag, calls } of one.flags ?? []) if (flag) sum.flags[flag] = (sum.flags[flag] ?? 0) + Number(calls ?? 0);
    let heard = 0;
    for (const { from, calls } of one.mos ?? []) {
      sum.mos.set(from ?? 0, (sum.mos.get(from ?? 0) ?? 0) + Number(calls ?? 0));
      heard += Number(calls ?? 0);
    }
    sum.heard += heard;
    sum.mosSum += heard * (one.meanMos ?? 0);
  }
  return sum;
}

export const meanMos = (sum: Sum): number | null => (sum.heard > 0 ? sum.mosSum / sum.heard : null);

// Below this a tenth of the calls is, as far as tenths of a MOS tell.
export function worstMos(sum: Sum): number | null {
  const tenth = sum.heard / 10;
  let before = 0;
  for (const from of [...sum.mos.keys()].sort((a, b) => a - b)) {
    const calls = sum.mos.get(from)!;
    if (before + calls >= tenth) return Math.min(from + 0.1 * (tenth - before) / calls, meanMos(sum)!);
    before += calls;
  }
  return null;
}

// Mean, of those that are over.
export const meanTalkMs = (sum: Sum): number => sum.talkMs / (sum.states.CALL_STATE_COMPLETED ?? 0);

export const sitesIn = (intervals: CallInterval[]): string[] =>
  [...new Set(intervals.flatMap((interval) => interval.counts ?? []).map((one) => one.site ?? ''))].sort();

// The page Calls, with what was counted; at a site, with what it saw second, too.
export function callsIn(startTime: string | undefined, endTime: string | undefined, site: string, flag?: CallFlag): string {
  const query = new URLSearchParams({ from: startTime ?? '', before: endTime ?? '' });
  if (flag) query.set('flag', flagWord(flag));
  if (site) query.set('site', site);
  return `/calls?${query}`;
}
