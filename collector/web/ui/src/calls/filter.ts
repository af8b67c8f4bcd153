// What the page Calls searches for: as it stands in the address bar, as the
// collector is asked, and whether a call that just changed fits.
import type { Call, CallFlag, CallState, ListCallsRequest } from '../api/types';
import { durationMs, exactMs, ms } from '../format';
import { sitesOf } from './sites';

export const ranges = ['any', '1h', '24h', 'today', 'yesterday', '7d', '30d', 'custom'] as const;
export type Range = typeof ranges[number];

export const states: CallState[] = ['CALL_STATE_SETUP', 'CALL_STATE_RINGING', 'CALL_STATE_ACTIVE', 'CALL_STATE_COMPLETED', 'CALL_STATE_UNANSWERED'];

// The compiler asks for more when there are more.
const allFlags: Record<Exclude<CallFlag, 'CALL_FLAG_UNSPECIFIED'>, true> = {
  CALL_FLAG_NO_MEDIA: true, CALL_FLAG_ONE_WAY: true, CALL_FLAG_NO_SIGNALLING: true, CALL_FLAG_BEGAN_BEFORE_CAPTURE: true,
  CALL_FLAG_ENCRYPTED: true, CALL_FLAG_CAPTURE_LOSS: true, CALL_FLAG_UNKNOWN_CODEC: true, CALL_FLAG_MEDIA_DELETED: true,
};
export const flags = Object.keys(allFlags) as CallFlag[];

export interface Filter {
  // Part of a number or name.
  text: string;
  // Beginning of a number.
  number: string;
  range: Range;
  // RFC 3339, of range "custom"; empty: open.
  from: string;
  before: string;
  states: CallState[];
  sensor: string;
  site: string;
  flags: CallFlag[];
  // As typed: "5m", "90s". Empty: any.
  longer: string;
  shorter: string;
  // Listening MOS, less than and at least, as typed: "3.5". Empty: any.
  mosBelow: string;
  mosAbove: string;
  tag: string;
  // On legal hold.
  hold: boolean;
}

// "active" in the address is CALL_STATE_ACTIVE, "one-way" CALL_FLAG_ONE_WAY.
const wordOf = (value: CallState | CallFlag) => value.replace(/^CALL_(STATE|FLAG)_/, '').toLowerCase().replaceAll('_', '-');
export const stateOf = (word: string): CallState | undefined => states.find((state) => wordOf(state) === word);
export const flagOf = (word: string): CallFlag | undefined => flags.find((flag) => wordOf(flag) === word);

// Seconds of "90s", "5m", "1h30m", "1:30", "90"; null: no length.
export function lengthOf(text: string): number | null {
  const clock = /^(?:(\d{1,4}):)?(\d{1,4}):(\d\d)$/.exec(text);
  const units = /^(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?(?:(\d{1,6})s?)?$/.exec(text);
  const [h, m, s] = (clock ?? (text ? units : null))?.slice(1).map((part) => Number(part ?? 0)) ?? [];
  return h === undefined ? null : (h * 60 + m!) * 60 + s!;
}

// MOS of "3.5", or "3,5" as Germans write it; null: none, from 1 to 5.
export function mosOf(text: string): number | null {
  const mos = /^\d([.,]\d{1,3})?$/.test(text) ? Number(text.replace(',', '.')) : NaN;
  return mos >= 1 && mos <= 5 ? mos : null;
}

export function parseFilter(query: URLSearchParams): Filter {
  const time = (key: string) => {
    const value = query.get(key) ?? '';
    return Number.isNaN(Date.parse(value)) ? '' : new Date(value).toISOString();
  };
  const [from, before] = [time('from'), time('before')];
  const words = (key: string) => (query.get(key) ?? '').split(',');
  const length = (key: string) => (lengthOf(query.get(key) ?? '') === null ? '' : query.get(key)!);
  const mos = (key: string) => (mosOf(query.get(key) ?? '') === null ? '' : query.get(key)!);
  const range = query.get('range') as Range | null;
  return {
    text: query.get('text') ?? '',
    number: query.get('number') ?? '',
    range: from || before ? 'custom' : range && ranges.includes(range) ? range : 'any',
    from, before,
    states: states.filter((state) => words('state').includes(wordOf(state))),
    sensor: query.get('sensor') ?? '',
    site: query.get('site') ?? '',
    flags: flags.filter((flag) => words('flag').includes(wordOf(flag))),
    longer: length('longer'),
    shorter: length('shorter'),
    mosBelow: mos('mos-below'),
    mosAbove: mos('mos-above'),
    tag: query.get('tag') ?? '',
    hold: query.get('on') === 'hold',
  };
}

export function toQuery(filter: Filter): string {
  const query = new URLSearchParams();
  if (filter.text) query.set('text', filter.text);
  if (filter.number) query.set('number', filter.number);
  if (filter.range === 'custom' && (filter.from || filter.before)) {
    if (filter.from) query.set('from', filter.from);
    if (filter.before) query.set('before', filter.before);
  } else if (filter.range !== 'any') {
    query.set('range', filter.range);
  }
  if (filter.states.length > 0) query.set('state', states.filter((state) => filter.states.includes(state)).map(wordOf).join(','));
  if (filter.flags.length > 0) query.set('flag', flags.filter((flag) => filter.flags.includes(flag)).map(wordOf).join(','));
  for (const key of ['sensor', 'site', 'longer', 'shorter', 'tag'] as const) if (filter[key]) query.set(key, filter[key]);
  if (filter.mosBelow) query.set('mos-below', filter.mosBelow);
  if (filter.mosAbove) query.set('mos-above', filter.mosAbove);
  if (filter.hold) query.set('on', 'hold');
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
  const [longer, shorter] = [lengthOf(filter.longer), lengthOf(filter.shorter)];
  const [minMos, maxMos] = [mosOf(filter.mosAbove), mosOf(filter.mosBelow)];
  return {
    ...(filter.text && { text: filter.text }),
    ...(filter.number && { numberPrefix: filter.number }),
    ...(from && { startFrom: from.toISOString() }),
    ...(before && { startBefore: before.toISOString() }),
    ...(filter.states.length > 0 && { states: filter.states }),
    ...(filter.flags.length > 0 && { flags: filter.flags }),
    ...(filter.sensor && { sensor: filter.sensor }),
    ...(filter.site && { site: filter.site }),
    ...(longer !== null && { minLength: `${longer}s` }),
    ...(shorter !== null && { maxLength: `${shorter}s` }),
    ...(minMos !== null && { minMos }),
    ...(maxMos !== null && { maxMos }),
    ...(filter.tag && { tag: filter.tag }),
    ...(filter.hold && { onHold: true }),
  };
}

export const isOpen = (filter: Filter): boolean => toQuery(filter) === '';

function hasText(call: Call, text: string): boolean {
  const wanted = text.toLowerCase();
  return [call.caller, call.callee, call.callerName, call.calleeName].some((part) => part?.toLowerCase().includes(wanted));
}

function fitsLength(request: ListCallsRequest, call: Call, now: number): boolean {
  const length = Math.max(0, (call.endTime ? exactMs(call.endTime) : now) - exactMs(call.startTime));
  return !(length < durationMs(request.minLength)) && !(length >= durationMs(request.maxLength));
}

function fitsMos({ minMos, maxMos }: ListCallsRequest, { listeningMos }: Call): boolean {
  if (minMos === undefined && maxMos === undefined) return true;
  return listeningMos !== undefined && !(listeningMos < minMos!) && !(listeningMos >= maxMos!);
}

// As the collector decides it (store/call_listing.cc).
export function matches(request: ListCallsRequest, call: Call, now = Date.now()): boolean {
  const prefix = request.numberPrefix ?? '';
  if (prefix && !(call.caller ?? '').startsWith(prefix) && !(call.callee ?? '').startsWith(prefix)) return false;
  if (request.sensor && !(call.sensors ?? []).includes(request.sensor)) return false;
  if (request.states?.length && !request.states.includes(call.state ?? 'CALL_STATE_UNSPECIFIED')) return false;
  if (request.startFrom && ms(call.startTime) < ms(request.startFrom)) return false;
  if (request.startBefore && ms(call.startTime) >= ms(request.startBefore)) return false;
  if (request.site && !sitesOf(call).includes(request.site)) return false;
  if (request.flags?.length && !request.flags.some((flag) => call.flags?.includes(flag))) return false;
  if (request.tag && !call.annotation?.tags?.includes(request.tag)) return false;
  if (request.onHold && !call.hold) return false;
  if (!fitsMos(request, call)) return false;
  if (request.text && !hasText(call, request.text)) return false;
  return fitsLength(request, call, now);
}
