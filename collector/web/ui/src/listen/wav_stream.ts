// A WAV stream as it comes: 44 bytes of header, then 16-bit PCM in stereo.
const HEADER = 44;
const FRAME = 4;

export class WavReader {
  sampleRate = 0;
  private rest = new Uint8Array(0);

  // The samples of caller and callee that are whole by now, -1 to 1; null before
  // the header is.
  push(bytes: Uint8Array): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] | null {
    const all = new Uint8Array(this.rest.length + bytes.length);
    all.set(this.rest);
    all.set(bytes, this.rest.length);
    let at = 0;
    const view = new DataView(all.buffer);
    if (this.sampleRate === 0) {
      if (all.length < HEADER) {
        this.rest = all;
        return null;
      }
      this.sampleRate = view.getUint32(24, true);
      at = HEADER;
    }
    const count = Math.floor((all.length - at) / FRAME);
    const channels: [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] = [new Float32Array(count), new Float32Array(count)];
    for (let i = 0; i < count; i += 1, at += FRAME) {
      channels[0][i] = view.getInt16(at, true) / 32768;
      channels[1][i] = view.getInt16(at + 2, true) / 32768;
    }
    this.rest = all.slice(at);
    return channels;
  }
}

const QUIETEST_DB = -60;

// From silence (0) to full scale (1), in even steps of loudness.
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, 1 - db / QUIETEST_DB));
}
