// The list of calls that is shown, newest first, and what changes do to it.
import type { Call, ListCallsRequest, WatchCallsResponse } from '../api/types';
import { compareTimes } from '../format';
import { matches } from './filter';

export interface Listing {
  calls: Call[];
  // Empty: there are no older ones.
  next: string;
}

const newestFirst = (a: Call, b: Call) => compareTimes(b.startTime, a.startTime);

// The first page again: what it has is newer than what we have of it; older
// pages stay.
export function withFirstPage(old: Listing, page: Listing): Listing {
  const last = page.calls.at(-1);
  if (!last || !page.next) return page;
  const known = new Set(page.calls.map((call) => call.id));
  const older = old.calls.filter((call) => !known.has(call.id) && compareTimes(call.startTime, last.startTime) < 0);
  return older.length > 0 ? { calls: [...page.calls, ...older], next: old.next } : page;
}

export function withNextPage(old: Listing, page: Listing): Listing {
  const known = new Set(old.calls.map((call) => call.id));
  return { calls: [...old.calls, ...page.calls.filter((call) => !known.has(call.id))], next: page.next };
}

// What changes make of the list. A call that is older than all that is shown
// comes with its page.
export function withChanges(old: Listing, request: ListCallsRequest, changes: WatchCallsResponse[]): Listing {
  const calls = new Map(old.calls.map((call) => [call.id, call]));
  const last = old.calls.at(-1);
  let changed = false;
  for (const { change, call } of changes) {
    if (!call?.id) continue;
    if (change !== 'CHANGE_UPDATED' || !matches(request, call)) {
      changed = calls.delete(call.id) || changed;
    } else if (calls.has(call.id) || !old.next || !last || compareTimes(call.startTime, last.startTime) >= 0) {
      calls.set(call.id, call);
      changed = true;
    }
  }
  return changed ? { ...old, calls: [...calls.values()].sort(newestFirst) } : old;
}
