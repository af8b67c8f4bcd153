import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stream } from '../src/api/types';
import { eventMarks, lossMarks } from '../src/call/marks';
import { stagesOf } from '../src/call/path_stages';
import { setLanguage, type Language } from '../src/i18n';
import { WavOutline, scaled } from '../src/call/wav';

function wav(samples: number[][], rate = 8000, dataSize?: number): Uint8Array {
  const channels = samples.length;
  const frames = samples[0]!.length;
  const bytes = Buffer.alloc(44 + frames * channels * 2);
  bytes.write('RIFF', 0); bytes.writeUInt32LE(bytes.length - 8, 4); bytes.write('WAVEfmt ', 8); bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20); bytes.writeUInt16LE(channels, 22); bytes.writeUInt32LE(rate, 24); bytes.writeUInt32LE(rate * channels * 2, 28);
  bytes.writeUInt16LE(channels * 2, 32); bytes.writeUInt16LE(16, 34); bytes.write('data', 36); bytes.writeUInt32LE(dataSize ?? frames * channels * 2, 40);
  for (let i = 0; i < frames; ++i) for (let c = 0; c < channels; ++c) bytes.writeInt16LE(samples[c]![i]!, 44 + (i * channels + c) * 2);
  return bytes;
}

test('the outline of a recording does not depend on how it arrives', () => {
  const left = Array.from({ length: 1000 }, (_, i) => (i < 500 ? 0 : -16384));
  const right = Array.from({ length: 1000 }, (_, i) => (i === 250 ? 32767 : 0));
  const file = wav([left, right]);
  for (const step of [1, 7, 64, 4096]) {
    const outline = new WavOutline(10, file.length);
    for (let at = 0; at < file.length; at += step) outline.push(file.subarray(at, at + step));
    assert.equal(outline.duration, 0.125);
    assert.deepEqual([...outline.peaks[0]!], [0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5]);
    assert.equal(outline.peaks[1]!.findIndex((value) => value > 0.9), 2);
  }
});

test('a recording whose size is not in its header has the length of its file', () => {
  const file = wav([Array(800).fill(1000)], 8000, 0xffffffff);
  const outline = new WavOutline(4, file.length);
  outline.push(file);
  assert.equal(outline.duration, 0.1);
});

test('what is no recording is refused, what is short is waited for', () => {
  assert.throws(() => new WavOutline(4, 20).push(Buffer.from('{"code":"not_found"}')));
  const outline = new WavOutline(4, 44);
  outline.push(wav([[1]]).subarray(0, 30));
  assert.equal(outline.begun, false);
});

test('quiet recordings fill the height, silence stays silent', () => {
  assert.deepEqual(scaled([new Float32Array([0.25, 0.5]), new Float32Array([0.125])]).map((row) => [...row]), [[0.5, 1], [0.25]]);
  assert.deepEqual([...scaled([new Float32Array([0, 0])])[0]!], [0, 0]);
});

test('marks stand where the recording has them', () => {
  const start = Date.parse('2026-11-23T09:00:00Z');
  const marks = eventMarks({ events: [
    { time: '2026-11-23T09:00:03Z', duration: '0.180s', side: 'SIDE_CALLER', dtmf: { digit: '5' } },
    { time: '2026-11-23T09:00:04Z', side: 'SIDE_CALLEE', hold: {} },
    { time: '2026-11-23T08:59:59Z', duration: '1s', tone: { name: 'CED' } },
    { time: '2026-11-23T09:00:05Z' },
    { time: '2026-11-23T09:00:06Z', duration: '4s', side: 'SIDE_CALLEE', unheard: { why: 'HEARING_NO_PACKETS' } },
  ] }, start, start + 10_000);
  assert.deepEqual(marks.map((mark) => [mark.kind, mark.at, mark.length, mark.text]), [['dtmf', 3, 0.18, 'key 5'], ['hold', 4, 6, 'hold'], ['tone', 0, 1, 'tone CED'], ['silence', 6, 4, 'not heard: no packets']]);
  const losses = lossMarks({ streams: [{ side: 'SIDE_CALLER', sliceLength: '5s', slices: [
    { time: '2026-11-23T09:00:00Z', packets: { expected: '250' } }, { time: '2026-11-23T09:00:05Z', packets: { expected: '250', lost: '5', discarded: '5' } },
  ] }] }, start);
  assert.deepEqual(losses.map((mark) => [mark.at, mark.length, mark.text, mark.little]), [[5, 5, '4.0 % lost or late', false]]);
});

test('a transfer is a mark, with who comes in', () => {
  const time = '2026-11-23T09:00:03Z';
  const words = (language: Language) => {
    setLanguage(language);
    return eventMarks({ events: [{}, { to: '104' }, { replaces: true }, { to: '104', replaces: true }].map((transfer) => ({ time, side: 'SIDE_CALLEE', transfer })) }, Date.parse(time), Date.parse(time) + 5000).map((mark) => `${mark.kind} ${mark.length} ${mark.text}`);
  };
  assert.deepEqual(words('de'), ['transfer 0 weitergeleitet', 'transfer 0 weitergeleitet an 104', 'transfer 0 übernommen', 'transfer 0 übernommen von 104']);
  assert.deepEqual(words('en'), ['transfer 0 transferred', 'transfer 0 transferred to 104', 'transfer 0 taken over', 'transfer 0 taken over by 104']);
});

test('a path goes from sender to receiver, and knows what it does not know', () => {
  const stream: Stream = {
    source: '10.0.0.1:4000', destination: '10.0.0.3:4000', packets: 754,
    observations: [{ sensor: 's1', capturePoint: 'a' }, { sensor: 's2', capturePoint: 'b' }, { sensor: 's3', capturePoint: 'c' }],
    hops: [{ fromSensor: 's1', fromCapturePoint: 'a', toSensor: 's2', toCapturePoint: 'b', packets: 754, lost: 30, networkLost: 23 }],
    captureLosses: [{ sensor: 's2', capturePoint: 'b', seenFurtherOn: 7 }],
  };
  const stages = stagesOf(stream);
  assert.deepEqual(stages.map((stage) => stage.kind), ['end', 'stretch', 'point', 'stretch', 'point', 'stretch', 'point', 'stretch', 'end']);
  const stretches = stages.filter((stage) => stage.kind === 'stretch');
  assert.deepEqual(stretches.map((stage) => stage.lost), [undefined, 23, undefined, undefined]);
  assert.equal(stages[4]!.kind === 'point' && stages[4]!.loss?.seenFurtherOn, 7);
  const told = stagesOf({ ...stream, reception: { expected: 700, lostAfter: 3 }, lostBefore: 2, lost: 2 }).filter((stage) => stage.kind === 'stretch');
  assert.deepEqual([told[0]!.lost, told[0]!.of, told.at(-1)!.lost, told.at(-1)!.of], [2, 756, 3, 700]);
});
