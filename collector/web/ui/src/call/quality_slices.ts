// Quality over time: lines for the charts, and where two capture points of a
// stream differ.
import type { Call, GetQualityResponse, ObservationQuality, QualitySlice, Side, StreamQuality } from '../api/types';
import { durationMs, exactMs } from '../format';
import type { Line } from './chart';
import { fullName } from './ladder_places';
import { recordingStart, streamNumber } from './names';

// Of whom the charts are: of all capture points together, of one, or of each that
// saw a stream.
export type View = { of: 'union' } | { of: 'place'; place: string } | { of: 'stream'; streamId: string };

// One line of a chart.
interface Series {
  label: string;
  stream: StreamQuality;
  slices: QualitySlice[];
}

const LEAST_MS = 5000;

// What a choice of views can have: capture points in the order of the streams, and
// the streams that several of them saw.
export function choicesOf(quality: GetQualityResponse): { places: string[]; streams: string[] } {
  const streams = quality.streams ?? [];
  const seen = (stream: StreamQuality) => (stream.observations ?? []).filter((one) => (one.slices ?? []).length > 0);
  return {
    places: [...new Set(streams.flatMap((stream) => seen(stream).map(fullName)))],
    streams: streams.filter((stream) => seen(stream).length > 1).map((stream) => stream.streamId ?? ''),
  };
}

function seriesOf(quality: GetQualityResponse, view: View, nameOf: (stream: StreamQuality) => string): Series[] {
  return (quality.streams ?? []).flatMap((stream): Series[] => {
    if (view.of === 'union') return [{ label: nameOf(stream), stream, slices: stream.slices ?? [] }];
    const seen = (stream.observations ?? []).filter((one) => (view.of === 'place' ? fullName(one) === view.place : stream.streamId === view.streamId));
    return seen.map((one) => ({ label: view.of === 'place' ? nameOf(stream) : fullName(one), stream, slices: one.slices ?? [] }));
  }).filter((series) => series.slices.length > 0);
}

// The first line of each side has its colour; further ones have others.
const sideColours: Partial<Record<Side, string>> = { SIDE_CALLER: '--caller', SIDE_CALLEE: '--callee' };
const moreColours = ['--good', '--bad', '--muted', '--accent', '--warn'];

function coloursOf(all: Series[]): string[] {
  const used = new Set<string>();
  let more = 0;
  return all.map(({ stream }) => {
    const own = sideColours[stream.side ?? 'SIDE_UNSPECIFIED'];
    const colour = own && !used.has(own) ? own : moreColours[more++ % moreColours.length]!;
    used.add(colour);
    return colour;
  });
}

function lossOf({ packets }: QualitySlice): number | null {
  const expected = Number(packets?.expected ?? 0);
  return expected > 0 ? 100 * (Number(packets?.lost ?? 0) + Number(packets?.discarded ?? 0)) / expected : null;
}

// All on one axis of time: seconds in the recording.
export function linesOf(call: Call, quality: GetQualityResponse, view: View, nameOf: (stream: StreamQuality) => string): { times: number[]; mos: Line[]; loss: Line[] } {
  const all = seriesOf(quality, view, nameOf);
  const start = recordingStart(call);
  const secondOf = (slice: QualitySlice) => Math.max(0, (exactMs(slice.time) - start) / 1000);
  const times = [...new Set(all.flatMap(({ slices }) => slices.map(secondOf)))].sort((a, b) => a - b);
  const colours = coloursOf(all);
  const lines = (value: (slice: QualitySlice) => number | null) => all.map(({ label, slices }, i): Line => {
    const at = new Map(slices.map((slice) => [secondOf(slice), value(slice)]));
    return { label, colour: colours[i]!, values: times.map((time) => at.get(time) ?? null) };
  });
  return { times, mos: lines((slice) => slice.rating?.mosListening ?? null), loss: lines(lossOf) };
}

export interface Span {
  // Seconds in the recording.
  from: number;
  to: number;
  packets: number;
}

// Packets that one capture point of a stream has and its neighbour has not.
export interface Difference {
  stream: number;
  near: string;
  far: string;
  // Whose fault it is: that of the network between them, of the far end's or of
  // the near end's mirror; or nothing tells whether of the first or the second.
  blame: 'network' | 'far' | 'near' | 'either';
  packets: number;
  spans: Span[];
}

// Lost packets by slices of that length.
function lostBySlice(seen: ObservationQuality, origin: number, length: number): Map<number, number> {
  const lost = new Map<number, number>();
  for (const slice of seen.slices ?? []) {
    const index = Math.floor((exactMs(slice.time) - origin) / length + 1e-6);
    lost.set(index, (lost.get(index) ?? 0) + Number(slice.packets?.lost ?? 0));
  }
  return lost;
}

// Runs of slices in which `far` lost more than `near` (positive), or fewer. Slices
// in a row are summed up: what was lost at the end of one may count in the next.
function runsOf(near: Map<number, number>, far: Map<number, number>): { from: number; to: number; packets: number }[] {
  const runs: { from: number; to: number; packets: number }[] = [];
  for (const index of [...new Set([...near.keys(), ...far.keys()])].sort((a, b) => a - b)) {
    const more = (far.get(index) ?? 0) - (near.get(index) ?? 0);
    if (more === 0) continue;
    const last = runs.at(-1);
    if (last && last.to === index) {
      last.to = index + 1;
      last.packets += more;
    } else {
      runs.push({ from: index, to: index + 1, packets: more });
    }
  }
  return runs.filter((run) => run.packets !== 0);
}

function blameFor(call: Call, stream: StreamQuality, near: ObservationQuality, far: ObservationQuality): Difference['blame'] {
  const whole = (call.streams ?? []).find((one) => one.id === stream.streamId);
  const hop = (whole?.hops ?? []).find((one) => one.fromSensor === near.sensor && one.fromCapturePoint === near.capturePoint && one.toSensor === far.sensor && one.toCapturePoint === far.capturePoint);
  if (!hop) return 'either';
  const [lost, byNetwork] = [hop.lost ?? 0, hop.networkLost ?? 0];
  return byNetwork === 0 ? 'far' : byNetwork >= lost ? 'network' : 'either';
}

// Between each two capture points that follow each other on the way of a stream.
export function differencesOf(call: Call, quality: GetQualityResponse): Difference[] {
  const origin = exactMs(call.startTime);
  const shift = (recordingStart(call) - origin) / 1000;
  return (quality.streams ?? []).flatMap((stream) => (stream.observations ?? []).slice(1).flatMap((far, i): Difference[] => {
    const near = stream.observations![i]!;
    const length = Math.max(LEAST_MS, durationMs(near.sliceLength) || 0, durationMs(far.sliceLength) || 0);
    const runs = runsOf(lostBySlice(near, origin, length), lostBySlice(far, origin, length));
    const of = (sign: number, blame: Difference['blame']): Difference[] => {
      const spans = runs.filter((run) => Math.sign(run.packets) === sign)
        .map((run) => ({ from: Math.max(0, run.from * length / 1000 - shift), to: Math.max(0, run.to * length / 1000 - shift), packets: Math.abs(run.packets) }));
      const packets = spans.reduce((sum, span) => sum + span.packets, 0);
      return packets > 0 ? [{ stream: streamNumber(call, stream.streamId), near: fullName(near), far: fullName(far), blame, packets, spans }] : [];
    };
    return [...of(1, blameFor(call, stream, near, far)), ...of(-1, 'near')];
  }));
}
