// Calls in progress, counted.
import type { Call, WatchCallsResponse } from '../api/types';
import { isRunning } from '../calls/talk';
import { exactMs } from '../format';

// By name, most first.
export function tally(calls: Call[], namesOf: (call: Call) => string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const call of calls) for (const name of namesOf(call)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

// What a change makes of the calls in progress. The map is changed.
export function follow(current: Map<string, Call>, change: WatchCallsResponse): void {
  const call = change.call;
  if (!call?.id) return;
  if (change.change === 'CHANGE_UPDATED' && isRunning(call)) current.set(call.id, call);
  else current.delete(call.id);
}

export const newestFirst = (calls: Iterable<Call>): Call[] => [...calls].sort((a, b) => exactMs(b.startTime) - exactMs(a.startTime));
