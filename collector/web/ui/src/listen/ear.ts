// The one call in progress that one listens to. It goes on while one looks at
// other pages, and ends where a recording begins to play.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, listen } from '../api/client';
import type { Call } from '../api/types';
import { audio } from '../deck';
import { WavReader, levelOf } from './wav_stream';

// How far behind the collector is asked to be, and what is kept here on top of
// it against jitter of the network. More than the most is left out.
const DELAY_S = 1.5;
const LEAD_S = 0.2;
const MOST_S = 1.5;
const LOOK_MS = 100;

export type Phase =
  // Asked; nothing was to be heard yet.
  | 'waiting'
  | 'live'
  // The browser wants to be asked by a click first.
  | 'blocked'
  | 'ended'
  | 'failed';

export interface Heard {
  call: Call | null;
  phase: Phase;
  // Seconds behind what is said.
  behind: number;
  // Of caller and callee, 0 to 1.
  levels: [number, number];
  error: unknown;
  // What is silent although something is sent, in words of the collector.
  findings: string;
}

const SILENT: Heard = { call: null, phase: 'ended', behind: 0, levels: [0, 0], error: null, findings: '' };
let heard = SILENT;
const listeners = new Set<() => void>();

function change(part: Partial<Heard>): void {
  heard = { ...heard, ...part };
  listeners.forEach((listener) => listener());
}

// What plays the samples: buffer after buffer, each where the one before ends.
class Sound {
  private readonly context: AudioContext;
  private readonly analysers: AnalyserNode[];
  private readonly splitter: ChannelSplitterNode;
  private end = 0;

  constructor(private readonly sampleRate: number) {
    // At the rate of the samples: the browser then resamples all of it at once.
    this.context = new AudioContext({ sampleRate });
    this.splitter = this.context.createChannelSplitter(2);
    this.analysers = [0, 1].map((channel) => {
      const analyser = this.context.createAnalyser();
      analyser.fftSize = 1024;
      this.splitter.connect(analyser, channel);
      return analyser;
    });
  }

  add(channels: [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>]): void {
    const length = channels[0].length;
    const now = this.context.currentTime;
    if (length === 0 || this.end - now > MOST_S) return;
    if (this.end < now) this.end = now + LEAD_S;
    const buffer = this.context.createBuffer(2, length, this.sampleRate);
    channels.forEach((samples, channel) => buffer.copyToChannel(samples, channel));
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.connect(this.splitter);
    source.start(this.end);
    this.end += length / this.sampleRate;
  }

  get buffered(): number { return Math.max(0, this.end - this.context.currentTime); }
  get blocked(): boolean { return this.context.state === 'suspended'; }
  resume(): Promise<void> { return this.context.resume(); }
  levels(): [number, number] {
    return this.analysers.map((analyser) => {
      const samples = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(samples);
      return levelOf(samples);
    }) as [number, number];
  }
  close(): void { void this.context.close(); }
}

// One at a time: what the last one still does means nothing.
let turn = 0;
let request: AbortController | null = null;
let sound: Sound | null = null;
let timer = 0;

function silence(): void {
  turn += 1;
  request?.abort();
  request = null;
  sound?.close();
  sound = null;
  window.clearInterval(timer);
}

export function stopListening(): void {
  silence();
  change(SILENT);
}

function look(): void {
  if (!sound) return;
  change({ behind: DELAY_S + sound.buffered, levels: sound.levels(), phase: sound.blocked ? 'blocked' : 'live' });
}

// An answer comes with the first sound, or says after a while that there was
// none yet.
async function firstSound(call: Call, signal: AbortSignal): Promise<Response> {
  for (;;) {
    try {
      return await listen(call.id!, { delay: `${DELAY_S}s` }, signal);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'deadline_exceeded')) throw error;
    }
  }
}

export async function startListening(call: Call): Promise<void> {
  silence();
  audio.pause();
  const mine = turn;
  request = new AbortController();
  change({ ...SILENT, call, phase: 'waiting' });
  try {
    const response = await firstSound(call, request.signal);
    if (mine !== turn) return;
    change({ findings: response.headers.get('Callbraid-Findings') ?? '' });
    const reader = response.body!.getReader();
    const wav = new WavReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (mine !== turn) return;
      if (done) break;
      const samples = wav.push(value);
      if (!samples) continue;
      if (!sound) {
        sound = new Sound(wav.sampleRate);
        timer = window.setInterval(look, LOOK_MS);
      }
      sound.add(samples);
    }
    // What is still to be heard of it.
    await new Promise((resolve) => setTimeout(resolve, (sound?.buffered ?? 0) * 1000));
    if (mine !== turn) return;
    silence();
    change({ phase: 'ended', levels: [0, 0] });
  } catch (error) {
    if (mine !== turn) return;
    silence();
    change({ phase: 'failed', levels: [0, 0], error });
  }
}

// After a click, where the browser asked for one.
export async function unblock(): Promise<void> {
  await sound?.resume();
  look();
}

export const hears = (call: Call | undefined): boolean => !!call && heard.call?.id === call.id && ['waiting', 'live', 'blocked'].includes(heard.phase);

audio.addEventListener('play', () => { if (heard.call) stopListening(); });

export function useHeard(): Heard {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const listener = () => setTurn((old) => old + 1);
    listeners.add(listener);
    return () => { listeners.delete(listener); };
  }, []);
  return heard;
}

// Whether this call is listened to; draws anew only when that changes.
export function useHears(call: Call): boolean {
  const [on, setOn] = useState(() => hears(call));
  useEffect(() => {
    const listener = () => setOn(hears(call));
    listeners.add(listener);
    listener();
    return () => { listeners.delete(listener); };
  }, [call.id]);
  return on;
}
