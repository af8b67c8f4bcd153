import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, GetQualityResponse, Hop, QualitySlice } from '../src/api/types';
import { choicesOf, differencesOf, linesOf, type View } from '../src/call/quality_slices';

const at = (second: number) => new Date(Date.parse('2026-11-23T09:00:00Z') + second * 1000).toISOString();
// Lost packets of slices of five seconds, of 250 packets each; null: nothing came.
const slices = (...lost: (number | null)[]): QualitySlice[] => lost.flatMap((n, i) => (n === null ? [] : [{ time: at(i * 5), packets: { expected: '250', ...(n > 0 && { lost: String(n) }) }, rating: { mosListening: 4.4 - n / 10 } }]));
const call = (hops: Hop[] = []): Call => ({ startTime: at(0), streams: [{ id: 'a', startTime: at(2), hops }, { id: 'b', startTime: at(3) }] });
const seen = (sensor: string, ...lost: (number | null)[]) => ({ sensor, capturePoint: 'eth1', sliceLength: '5s', slices: slices(...lost) });
const quality: GetQualityResponse = { streams: [
  { streamId: 'a', side: 'SIDE_CALLER', slices: slices(0, 0, 0), observations: [seen('s1', 0, 0, 0), seen('s2', 0, 25, 0)] },
  { streamId: 'b', side: 'SIDE_CALLER', slices: slices(0, 5), observations: [seen('s1', 0, 5)] },
] };
const hop = (lost: number, networkLost: number): Hop => ({ fromSensor: 's1', fromCapturePoint: 'eth1', toSensor: 's2', toCapturePoint: 'eth1', lost, networkLost });
const lines = (view: View) => linesOf(call(), quality, view, (stream) => `stream ${stream.streamId}`);

test('charts are of all capture points, of one, or of each that saw a stream', () => {
  assert.deepEqual(choicesOf(quality), { places: ['s1 · eth1', 's2 · eth1'], streams: ['a'] });
  const told = (view: View) => lines(view).loss.map((line) => [line.label, line.colour, ...line.values]);
  assert.deepEqual(told({ of: 'union' }), [['stream a', '--caller', 0, 0, 0], ['stream b', '--good', 0, 2, null]]);
  assert.deepEqual(told({ of: 'place', place: 's2 · eth1' }), [['stream a', '--caller', 0, 10, 0]]);
  assert.deepEqual(told({ of: 'stream', streamId: 'a' }), [['s1 · eth1', '--caller', 0, 0, 0], ['s2 · eth1', '--good', 0, 10, 0]]);
  // Seconds in the recording, which begins two seconds after the call.
  assert.deepEqual(lines({ of: 'union' }).times, [0, 3, 8]);
  assert.deepEqual(lines({ of: 'place', place: 's2 · eth1' }).mos[0]!.values, [4.4, 1.9000000000000004, 4.4]);
  assert.deepEqual(lines({ of: 'place', place: 'gone' }), { times: [], mos: [], loss: [] });
});

test('where two capture points differ, the stretch between them is told, or the mirror', () => {
  const found = (...hops: Hop[]) => differencesOf(call(hops), quality).map(({ stream, near, far, blame, packets, spans }) => [stream, near, far, blame, packets, ...spans.map((span) => `${span.from}-${span.to}`)]);
  assert.deepEqual(found(), [[1, 's1 · eth1', 's2 · eth1', 'either', 25, '3-8']]);
  assert.equal(found(hop(25, 25))[0]![3], 'network');
  assert.equal(found(hop(25, 0))[0]![3], 'far');
  assert.equal(found(hop(25, 20))[0]![3], 'either');
});

test('what the near end lost and the far end has, the near mirror missed', () => {
  const [first] = differencesOf(call(), { streams: [{ streamId: 'a', observations: [seen('s1', 0, 7, 0), seen('s2', 0, 0, 0)] }] });
  assert.deepEqual([first!.blame, first!.packets], ['near', 7]);
});

test('a loss that counts in the next slice elsewhere is no difference', () => {
  const of = (...pair: (number | null)[][]) => differencesOf(call(), { streams: [{ streamId: 'a', observations: [seen('s1', ...pair[0]!), seen('s2', ...pair[1]!)] }] });
  assert.deepEqual(of([0, 3, 0, 0], [0, 0, 3, 0]), []);
  assert.deepEqual(of([2, 2], [2, 2]), []);
  assert.deepEqual(of([0, 3, 0, 0], [0, 1, 6, 0])[0]!.packets, 4);
  // Of different lengths: by the longer one.
  const coarse = { ...seen('s2', 4), sliceLength: '10s' };
  assert.deepEqual(differencesOf(call(), { streams: [{ streamId: 'a', observations: [seen('s1', 0, 4), coarse] }] }), []);
});
