// The outline of a recording, while it comes over the network. Memory does not
// grow with its length.

const UNKNOWN_SIZE = 0xffffffff;

export class WavOutline {
  // Of each channel: the loudest sample of each of `buckets` equal stretches, 0 to 1.
  peaks: Float32Array[] = [];
  // Seconds; 0 before the header came.
  duration = 0;
  private head = new Uint8Array(0);
  private rest = new Uint8Array(0);
  private frames = 0;
  private total = 0;
  private channels = 0;

  constructor(private readonly buckets: number, private readonly fileBytes: number) {}

  get begun(): boolean {
    return this.channels > 0;
  }

  // Throws what is no PCM with 16 bits.
  push(chunk: Uint8Array): void {
    if (!this.begun) {
      this.head = joined(this.head, chunk);
      const data = this.readHeader();
      if (data < 0) return;
      chunk = this.head.subarray(data);
    }
    const all = this.rest.length > 0 ? joined(this.rest, chunk) : chunk;
    const whole = all.length - all.length % (2 * this.channels);
    this.measure(all.subarray(0, whole));
    this.rest = all.slice(whole);
  }

  // Where samples begin; -1: more is needed.
  private readHeader(): number {
    const view = new DataView(this.head.buffer, this.head.byteOffset, this.head.byteLength);
    const name = (at: number) => String.fromCharCode(...this.head.subarray(at, at + 4));
    if (view.byteLength < 12) return -1;
    if (name(0) !== 'RIFF' || name(8) !== 'WAVE') throw new Error('not a WAV file');
    let rate = 0;
    let channels = 0;
    for (let at = 12; at + 8 <= view.byteLength;) {
      const size = view.getUint32(at + 4, true);
      if (name(at) === 'fmt ') {
        if (at + 24 > view.byteLength) return -1;
        if (view.getUint16(at + 22, true) !== 16) throw new Error('not 16 bits');
        channels = view.getUint16(at + 10, true);
        rate = view.getUint32(at + 12, true);
      } else if (name(at) === 'data') {
        if (channels < 1 || rate < 1) throw new Error('no format');
        const bytes = size === UNKNOWN_SIZE || size === 0 ? Math.max(0, this.fileBytes - at - 8) : size;
        this.channels = channels;
        this.total = Math.floor(bytes / (2 * channels));
        this.duration = this.total / rate;
        this.peaks = Array.from({ length: channels }, () => new Float32Array(this.buckets));
        return at + 8;
      }
      at += 8 + size + size % 2;
    }
    return -1;
  }

  private measure(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const step = 2 * this.channels;
    for (let at = 0; at < bytes.length; at += step, ++this.frames) {
      const bucket = Math.min(this.buckets - 1, Math.floor(this.frames * this.buckets / this.total));
      for (let channel = 0; channel < this.channels; ++channel) {
        const loud = Math.abs(view.getInt16(at + 2 * channel, true)) / 32768;
        const row = this.peaks[channel]!;
        if (loud > row[bucket]!) row[bucket] = loud;
      }
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

// Quiet recordings show as well as loud ones: the loudest sample of all channels
// fills the height.
export function scaled(peaks: Float32Array[]): Float32Array[] {
  const loudest = peaks.reduce((most, row) => row.reduce((a, b) => Math.max(a, b), most), 0);
  const factor = loudest > 0.01 ? 1 / loudest : 1;
  return peaks.map((row) => row.map((value) => value * factor));
}
