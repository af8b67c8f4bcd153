// What the legs, streams and observations of a call are called.
import type { Call, Leg, Stream } from '../api/types';
import { exactMs } from '../format';
import { t } from '../i18n';

export interface Place {
  what: string;
  sensor: string;
  point: string;
}

// Of each observation: "leg 1 at s1".
export function placesOf(call: Call): Map<string, Place> {
  const places = new Map<string, Place>();
  const add = (key: 'evidence.leg' | 'evidence.stream', owner: Leg | Stream, index: number) => {
    for (const seen of owner.observations ?? []) {
      const place = seen.sensor ?? '?';
      places.set(seen.id ?? '', { what: t(key, { n: index + 1, place }), sensor: place, point: seen.capturePoint ?? '' });
    }
  };
  (call.legs ?? []).forEach((leg, i) => add('evidence.leg', leg, i));
  (call.streams ?? []).forEach((stream, i) => add('evidence.stream', stream, i));
  return places;
}

// 1, 2...; 0: no stream of the call.
export const streamNumber = (call: Call, id: string | undefined): number => (call.streams ?? []).findIndex((stream) => stream.id === id) + 1;
export const legNumber = (call: Call, id: string | undefined): number => (call.legs ?? []).findIndex((leg) => leg.id === id) + 1;

// A stream of T.38, which is no audio.
export const isFax = (stream: Stream): boolean => stream.transport === 'MEDIA_TRANSPORT_UDPTL';

const times = (streams: Stream[], key: 'startTime' | 'endTime') =>
  streams.filter((stream) => !isFax(stream)).map((stream) => exactMs(stream[key])).filter((time) => !Number.isNaN(time));

// Where the recording begins: with the first packet of what is heard.
// Milliseconds since the epoch; NaN without media.
export function recordingStart(call: Call, streams: Stream[] = call.streams ?? []): number {
  const starts = times(streams, 'startTime');
  return starts.length > 0 ? Math.min(...starts) : NaN;
}

export function recordingEnd(call: Call, streams: Stream[] = call.streams ?? []): number {
  const ends = times(streams, 'endTime');
  return ends.length > 0 ? Math.max(...ends) : NaN;
}

// Of the one who speaks, for styles.
export function sideClass(stream: Stream): 'caller' | 'callee' | '' {
  return stream.side === 'SIDE_CALLER' ? 'caller' : stream.side === 'SIDE_CALLEE' ? 'callee' : '';
}
