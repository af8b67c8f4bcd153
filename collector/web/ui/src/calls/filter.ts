// What the page Calls searches for: as it stands in the address bar, as the
// collector is asked, and whether a call that just changed fits.
import type { Call, CallState, ListCallsRequest } from '../api/types';
import { ms } from '../format';

export const ranges = ['any', '1h', '24h', 'today', 'yesterday', '7d', '30d', 'custom'] as const;
export type Range = typeof ranges[number];

export const states: CallState[] = ['CALL_STATE_SETUP', 'CALL_STATE_RINGING', 'CALL_STATE_ACTIVE', 'CALL_STATE_COMPLETED', 'CALL_STATE_UNANSWERED'];

export interface Filter {
  number: string;
  range: Range;
  // RFC 3339, of range "custom"; empty: open.
  from: string;
  before: string;
  states: CallState[];
  sensor: string;
}

// "active" in the address is CALL_STATE_ACTIVE.
const wordOf = (state: CallState) => state.replace('CALL_STATE_', '').toLowerCase();

export function parseFilter(query: URLSearchParams): Filter {
  const time = (key: string) => {
    const value = query.get(key) ?? '';
    return Number.isNaN(Date.parse(value)) ? '' : new Date(value).toISOString();
  };
  const [from, before] = [time('from'), time('before')];
  const words = (query.get('state') ?? '').split(',');
  const range = query.get('range') as Range | null;
  return {
    number: query.get('number') ?? '',
    range: from || before ? 'custom' : range && ranges.includes(range) ? range : 'any',
    from, before,
    states: states.filter((state) => words.includes(wordOf(state))),
    sensor: query.get('sensor') ?? '',
  };
}

export function toQuery(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.number) query.set('number', filter.number);
  if (filter.range === 'custom' && (filter.from || filter.before)) {
    if (filter.from) query.set('from', filter.from);
    if (filter.before) query.set('before', filter.before);
  } else if (filter.range !== 'any') {
    query.set('range', filter.range);
  }
  if (filter.states.length > 0) query.set('state', filter.states.map(wordOf).join(','));
  if (filter.sensor) query.set('sensor', filter.sensor);
  return query.toString();
}

const HOUR = 3_600_000;

// Begin and end of a range, in the zone of the viewer; null: open.
export function bounds(filter: Filter, now: Date): [Date | null, Date | null] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const ago = (hours: number): [Date, null] => [new Date(now.getTime() - hours * HOUR), null];
  switch (filter.range) {
    case '1h': return ago(1);
    case '24h': return ago(24);
    case '7d': return ago(7 * 24);
    case '30d': return ago(30 * 24);
    case 'today': return [midnight, null];
    // By the calendar: days on which clocks are set have 23 or 25 hours.
    case 'yesterday': return [new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1), midnight];
    case 'custom': return [filter.from ? new Date(filter.from) : null, filter.before ? new Date(filter.before) : null];
    default: return [null, null];
  }
}

export function toRequest(filter: Filter, now: Date): ListCallsRequest {
  const [from, before] = bounds(filter, now);
  return {
    ...(filter.number && { numberPrefix: filter.number }),
    ...(from && { startFrom: from.toISOString() }),
    ...(before && { startBefore: before.toISOString() }),
    ...(filter.states.length > 0 && { states: filter.states }),
    ...(filter.sensor && { sensor: filter.sensor }),
  };
}

export const isOpen = (filter: Filter): boolean => toQuery(filter) === '';

// As the collector decides it (store/call_listing.cc).
export function matches(request: ListCallsRequest, call: Call): boolean {
  const prefix = request.numberPrefix ?? '';
  if (prefix && !(call.caller ?? '').startsWith(prefix) && !(call.callee ?? '').startsWith(prefix)) return false;
  if (request.sensor && !(call.sensors ?? []).includes(request.sensor)) return false;
  if (request.states?.length && !request.states.includes(call.state ?? 'CALL_STATE_UNSPECIFIED')) return false;
  if (request.startFrom && ms(call.startTime) < ms(request.startFrom)) return false;
  return !request.startBefore || ms(call.startTime) < ms(request.startBefore);
}
