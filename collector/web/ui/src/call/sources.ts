// What can be heard of a call: all of it as it was spoken, as it reached one of
// the parties, or one stream; and when that begins.
import type { Call, Perspective, Side, Stream } from '../api/types';
import type { Choice } from '../deck';
import { exactMs } from '../format';
import { isFax, recordingEnd, recordingStart } from './names';

// Each party's ear.
export const ears = { caller: 'PERSPECTIVE_HEARD_BY_CALLER', callee: 'PERSPECTIVE_HEARD_BY_CALLEE' } as const satisfies Record<string, Perspective>;
export type Ear = keyof typeof ears;

const isEar = (source: string): source is Ear => Object.hasOwn(ears, source);

// As a control has it: '' for the whole call, an ear, or the id of a stream.
export function sourceOf(choice: Choice): string {
  const ear = (Object.keys(ears) as Ear[]).find((one) => ears[one] === choice.perspective);
  return ear ?? choice.streamId ?? '';
}

export function choiceOf(source: string, gaps: boolean): Choice {
  const what: Choice = isEar(source) ? { perspective: ears[source] } : source ? { streamId: source } : {};
  return gaps ? { ...what, noConcealment: true } : what;
}

const hostOf = (endpoint = '') => endpoint.replace(/:[^:]*$/, '');

// How many legs lie between each leg and the caller. This and what follows is as
// the collector decides it (playout/stream_facts.cc, call_layout.cc).
function depthsOf(call: Call): number[] {
  const legs = call.legs ?? [];
  const depths: number[] = [];
  legs.forEach((leg, i) => {
    const before = legs.slice(0, i).map((other, j) => (
      hostOf(other.destination) === hostOf(leg.source) && hostOf(other.source) !== hostOf(leg.destination) ? depths[j]! + 1 : 0));
    depths.push(Math.max(0, ...before));
  });
  return depths;
}

function overlap(a: Stream, b: Stream): boolean {
  return Math.min(exactMs(a.endTime), exactMs(b.endTime)) - Math.max(exactMs(a.startTime), exactMs(b.startTime)) > 1000;
}

// What somebody has on an end of its own, it does not hear from further away.
function reaching(call: Call, streams: Stream[], ear: Ear): Stream[] {
  const other: Side = ear === 'caller' ? 'SIDE_CALLEE' : 'SIDE_CALLER';
  const depths = depthsOf(call);
  const last = Math.max(0, ...depths);
  const distanceOf = (stream: Stream) => {
    const leg = (call.legs ?? []).findIndex((one) => one.id === stream.legId);
    return leg < 0 ? depths.length : ear === 'caller' ? depths[leg]! : last - depths[leg]!;
  };
  const kept: Stream[] = [];
  for (const stream of streams.filter((one) => one.side === other).sort((a, b) => distanceOf(a) - distanceOf(b))) {
    if (!kept.some((nearer) => distanceOf(nearer) < distanceOf(stream) && overlap(nearer, stream))) kept.push(stream);
  }
  return streams.filter((one) => one.side !== other || kept.includes(one));
}

// The streams that a recording is made of.
export function streamsIn(call: Call, choice: Choice): Stream[] {
  const source = sourceOf(choice);
  const streams = (call.streams ?? []).filter((stream) => !isFax(stream));
  if (isEar(source)) return reaching(call, streams, source);
  return source ? streams.filter((stream) => stream.id === source) : streams;
}

// Milliseconds since the epoch; NaN without media.
export const startOf = (call: Call, choice: Choice): number => recordingStart(call, streamsIn(call, choice));
export const endOf = (call: Call, choice: Choice): number => recordingEnd(call, streamsIn(call, choice));

// Seconds into what `to` chooses of a place in what `from` does.
export function placeIn(call: Call, from: Choice, to: Choice, seconds: number): number {
  const shift = (startOf(call, from) - startOf(call, to)) / 1000 || 0;
  return Math.max(0, seconds + shift);
}

// A link that begins at this place of the whole call.
export function linkAt(origin: string, call: Call, choice: Choice, seconds: number): string {
  const at = Math.floor(placeIn(call, choice, {}, seconds));
  return `${origin}/calls/${call.id}${at > 0 ? `?t=${at}` : ''}`;
}
