import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WavReader, levelOf } from '../src/listen/wav_stream';

// A header of 16 kHz, then three frames.
function stream(): Uint8Array {
  const bytes = new Uint8Array(44 + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(24, 16000, true);
  [[16384, -16384], [1, 2], [-32768, 32767]].forEach(([caller, callee], i) => {
    view.setInt16(44 + 4 * i, caller!, true);
    view.setInt16(46 + 4 * i, callee!, true);
  });
  return bytes;
}

test('a WAV stream is read in whatever pieces it comes', () => {
  for (const size of [1, 3, 7, 43, 44, 45, 56]) {
    const wav = new WavReader();
    const heard: [number[], number[]] = [[], []];
    const all = stream();
    for (let at = 0; at < all.length; at += size) {
      const samples = wav.push(all.slice(at, at + size));
      if (!samples) continue;
      heard[0].push(...samples[0]);
      heard[1].push(...samples[1]);
    }
    assert.equal(wav.sampleRate, 16000);
    assert.deepEqual(heard, [[0.5, 1 / 32768, -1], [-0.5, 2 / 32768, 32767 / 32768]], `pieces of ${size}`);
  }
});

test('a level is in decibels', () => {
  assert.equal(levelOf(new Float32Array(100)), 0);
  assert.equal(levelOf(new Float32Array(100).fill(1)), 1);
  assert.ok(Math.abs(levelOf(new Float32Array(100).fill(0.0316)) - 0.5) < 0.01);
});
