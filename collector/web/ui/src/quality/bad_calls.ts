// Calls that could be heard badly, and what they have in common: a number, the
// hosts of a leg, the sites on the way.
import type { Call, ListCallsRequest, ListCallsResponse, Stream } from '../api/types';
import { mosOf, parseFilter, toQuery, type Filter } from '../calls/filter';
import { compareTimes, hostOf } from '../format';

// MOS below which a call is bad, as people choose it; and unless they do.
export const limits = ['2', '2.5', '3', '3.5', '4'];
const USUAL = '3.5';
export const limitOf = (filter: Filter): string => filter.mosBelow.replace(',', '.') || USUAL;

// A page of calls has every leg and stream of them: this is what a look costs at
// most. The collector looks at a bounded number of calls a page, so pages may be
// short.
const PAGE = 100;
const MOST_PAGES = 10;
export const MOST_CALLS = PAGE * MOST_PAGES;

// The time is the one that the counts are asked for.
export function askForBad(filter: Filter, time: { startFrom?: string; startBefore?: string }): ListCallsRequest {
  return {
    ...(time.startFrom && { startFrom: time.startFrom }), ...(time.startBefore && { startBefore: time.startBefore }),
    maxMos: mosOf(limitOf(filter))!, ...(filter.site && { site: filter.site }),
  };
}

export interface BadCalls {
  // Newest first.
  calls: Call[];
  // There are older ones, or there may be.
  more: boolean;
}

export async function findBad(request: ListCallsRequest, ask: (request: ListCallsRequest) => Promise<ListCallsResponse>): Promise<BadCalls> {
  // By id: a call that changes meanwhile may come twice.
  const calls = new Map<string, Call>();
  let next = '';
  for (let page = 0; page < MOST_PAGES; ++page) {
    const response = await ask({ ...request, pageSize: PAGE, ...(next && { pageToken: next }) });
    for (const call of response.calls ?? []) calls.set(call.id ?? '', call);
    next = response.nextPageToken ?? '';
    if (!next) break;
  }
  return { calls: [...calls.values()], more: next !== '' };
}

export interface Group {
  // What its calls have in common.
  name: string[];
  calls: Call[];
  worst: Call;
  meanMos: number;
  // When the first and the last of them started.
  first: string;
  last: string;
}

const mosIn = (call: Call): number => call.listeningMos ?? NaN;

export const worstFirst = (calls: Call[]): Call[] => [...calls].sort((a, b) => mosIn(a) - mosIn(b) || compareTimes(b.startTime, a.startTime));

// Most calls first; of as many, the worst.
function grouped(calls: Call[], namesOf: (call: Call) => string[][]): Group[] {
  const found = new Map<string, { name: string[]; calls: Call[] }>();
  for (const call of calls) {
    for (const [key, name] of new Map(namesOf(call).map((one) => [JSON.stringify(one), one]))) {
      const group = found.get(key);
      if (group) group.calls.push(call);
      else found.set(key, { name, calls: [call] });
    }
  }
  return [...found.values()].map(({ name, calls: own }) => {
    const times = own.map((call) => call.startTime ?? '').sort(compareTimes);
    return { name, calls: own, worst: worstFirst(own)[0]!, meanMos: own.reduce((sum, call) => sum + mosIn(call), 0) / own.length, first: times[0]!, last: times.at(-1)! };
  }).sort((a, b) => b.calls.length - a.calls.length || a.meanMos - b.meanMos || a.name.join().localeCompare(b.name.join()));
}

// Of caller and callee; '' is one that is not known.
export const byNumber = (calls: Call[]): Group[] => grouped(calls, (call) => [[call.caller ?? ''], [call.callee ?? '']]);

// Those by which the call is bad. What is worse than the call itself is music on
// hold, which does not count.
function badStreams(call: Call, below: number): Stream[] {
  return (call.streams ?? []).filter(({ listeningMos }) => listeningMos !== undefined && listeningMos < below && !(listeningMos < mosIn(call)));
}

// By the two hosts of the leg that a bad stream belongs to, whoever called: a
// trunk, or a phone and its PBX. Without signalling, of the stream.
export function byHosts(calls: Call[], below: number): Group[] {
  return grouped(calls, (call) => badStreams(call, below).map((stream) => {
    const between = (call.legs ?? []).find((leg) => leg.id === stream.legId) ?? stream;
    return [hostOf(between.source), hostOf(between.destination)].sort();
  }));
}

// By each two sites that a bad stream passed one after the other, in whatever
// direction; by the only one; or by none.
export function bySites(calls: Call[], below: number): Group[] {
  return grouped(calls, (call) => {
    const ways = badStreams(call, below).flatMap((stream) => {
      const passed = (stream.observations ?? []).map((seen) => seen.site ?? '').filter((site, i, all) => site && site !== all[i - 1]);
      return passed.length < 2 ? [passed] : passed.slice(1).map((site, i) => [passed[i]!, site].sort());
    });
    const known = ways.filter((way) => way.length > 0);
    return known.length > 0 ? known : [[]];
  });
}

// That saw each of these calls, at that site if one is named.
function sensorOfAll(calls: Call[], site = ''): string {
  const seenBy = (call: Call) => [...(call.legs ?? []), ...(call.streams ?? [])].flatMap((part) => part.observations ?? [])
    .filter((seen) => !site || seen.site === site).map((seen) => seen.sensor ?? '');
  return (calls[0] ? seenBy(calls[0]) : []).find((sensor) => sensor && calls.every((call) => seenBy(call).includes(sensor))) ?? '';
}

// The page Calls, with bad calls of the time and site that were asked for.
export function searchFor(asked: ListCallsRequest, only: Partial<Pick<Filter, 'number' | 'site' | 'sensor'>> = {}): string {
  const { startFrom: from = '', startBefore: before = '', site = '' } = asked;
  return `/calls?${toQuery({ ...parseFilter(new URLSearchParams()), range: 'custom', from, before, mosBelow: String(asked.maxMos), site, ...only })}`;
}

// A number may be no longer in a search.
const NUMBER_LENGTH = 64;

// With those of one number and others that begin so; '' if it is not known.
export const searchNumber = (asked: ListCallsRequest, { name: [number = ''] }: Group): string =>
  (number ? searchFor(asked, { number: number.slice(0, NUMBER_LENGTH) }) : '');

// A search knows no hosts: those of a sensor that saw all of them.
export const searchHosts = (asked: ListCallsRequest, { calls }: Group): string => searchFor(asked, { sensor: sensorOfAll(calls) });

// A search knows one site, and a sensor, which may be at the other.
export function searchSites(asked: ListCallsRequest, { name, calls }: Group): string {
  const site = asked.site || name[0] || '';
  const other = name.find((one) => one !== site);
  return searchFor(asked, { site, sensor: other ? sensorOfAll(calls, other) : '' });
}
