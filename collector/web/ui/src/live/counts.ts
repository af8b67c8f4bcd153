// Calls in progress, and those that just began, counted.
import type { Call, WatchCallsResponse } from '../api/types';
import { isRunning } from '../calls/talk';
import { exactMs, ms } from '../format';

const MINUTE_MS = 60_000;

// By name, most first.
export function tally(calls: Iterable<Call>, namesOf: (call: Call) => string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const call of calls) for (const name of namesOf(call)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

export interface Busy {
  name: string;
  inProgress: number;
  // In the last minute.
  begun: number;
}

// Where there is anything to count; most calls in progress first.
export function busiest(current: Iterable<Call>, begun: Iterable<Call>, namesOf: (call: Call) => string[]): Busy[] {
  const [going, fresh] = [new Map(tally(current, namesOf)), new Map(tally(begun, namesOf))];
  return [...new Set([...going.keys(), ...fresh.keys()])]
    .map((name) => ({ name, inProgress: going.get(name) ?? 0, begun: fresh.get(name) ?? 0 }))
    .sort((a, b) => b.inProgress - a.inProgress || b.begun - a.begun || a.name.localeCompare(b.name));
}

// What a change makes of the calls in progress. The map is changed.
export function follow(current: Map<string, Call>, change: WatchCallsResponse): void {
  const call = change.call;
  if (!call?.id) return;
  if (change.change === 'CHANGE_UPDATED' && isRunning(call)) current.set(call.id, call);
  else current.delete(call.id);
}

// Calls begun in the last minute, whether or not they go on.
export class Begun {
  private readonly all = new Map<string, { call: Call; until: number }>();

  // `known`: it goes on, and was heard of before.
  take({ change, call }: WatchCallsResponse, known: boolean, now: number): void {
    if (!call?.id) return;
    // Counted as what it is a part of.
    if (change !== 'CHANGE_UPDATED') { this.all.delete(call.id); return; }
    // Where it was seen is known better each time; when it began, from the first.
    const counted = this.all.get(call.id);
    if (known && !counted) return;
    const until = counted?.until ?? Math.min(ms(call.startTime), now) + MINUTE_MS;
    if (until > now) this.all.set(call.id, { call, until });
  }

  // Lets go of those that are older by now; true if there were any.
  forget(now: number): boolean {
    const before = this.all.size;
    for (const [id, { until }] of this.all) if (until <= now) this.all.delete(id);
    return this.all.size < before;
  }

  calls(): Call[] {
    return [...this.all.values()].map(({ call }) => call);
  }
}

export const newestFirst = (calls: Iterable<Call>): Call[] => [...calls].sort((a, b) => exactMs(b.startTime) - exactMs(a.startTime));
