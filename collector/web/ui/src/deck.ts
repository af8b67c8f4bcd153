// The one recording that plays. It goes on while one looks at other pages.
import { useEffect, useState } from 'preact/hooks';
import { audioUrl } from './api/client';
import type { Call, GetAudioRequest } from './api/types';
import { isFax } from './call/names';

export type Choice = Omit<GetAudioRequest, 'id'>;

export const audio = new Audio();
audio.preload = 'none';
// In the document, so that the browser and its extensions find what plays; it shows nothing.
document.body.append(audio);

interface Deck {
  call: Call | null;
  choice: Choice;
  // In words of the collector; empty: none.
  error: string;
}

let deck: Deck = { call: null, choice: {}, error: '' };
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

for (const event of ['play', 'pause', 'ended', 'timeupdate', 'durationchange', 'seeked', 'ratechange', 'emptied', 'waiting', 'playing']) {
  audio.addEventListener(event, tell);
}
audio.addEventListener('error', async () => {
  if (!deck.call?.id || !audio.getAttribute('src')) return;
  const failed = deck;
  // The element does not say why; whoever asks for a byte is told.
  const response = await fetch(audioUrl(deck.call.id, deck.choice), { headers: { Range: 'bytes=0-0' } }).catch(() => null);
  const body = await response?.json().catch(() => null) as { message?: string } | null;
  if (deck === failed) deck = { ...deck, error: body?.message ?? (response ? `HTTP ${response.status}` : '…') };
  tell();
});

export function isOn(call: Call | undefined, choice?: Choice): boolean {
  return !!call && deck.call?.id === call.id && (!choice || JSON.stringify(choice) === JSON.stringify(deck.choice));
}

// Plays, from `at` seconds on if it is told.
export function play(call: Call, choice: Choice, at?: number): void {
  if (!isOn(call, choice) || deck.error) {
    const rate = audio.playbackRate;
    deck = { call, choice, error: '' };
    audio.src = audioUrl(call.id!, choice);
    audio.playbackRate = audio.defaultPlaybackRate = rate;
  }
  if (at !== undefined) audio.currentTime = at;
  audio.play().catch(() => {
    // The element's own error event tells why; a pause before the first sound is none.
  });
  tell();
}

export function toggle(call: Call, choice: Choice): void {
  if (isOn(call, choice) && !audio.paused) audio.pause();
  else play(call, choice);
}

export function eject(): void {
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
  deck = { call: null, choice: {}, error: '' };
  tell();
}

export interface DeckState extends Deck {
  playing: boolean;
  // Seconds.
  time: number;
  duration: number;
}

export function useDeck(): DeckState {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const listener = () => setTurn((turn) => turn + 1);
    listeners.add(listener);
    return () => { listeners.delete(listener); };
  }, []);
  return { ...deck, playing: !audio.paused && !audio.ended, time: audio.currentTime, duration: Number.isFinite(audio.duration) ? audio.duration : 0 };
}

export type Place = 'off' | 'on' | 'playing';

// Where this call stands; draws anew only when that changes, not at each tick.
export function usePlace(call: Call): Place {
  const here = (): Place => (!isOn(call) ? 'off' : audio.paused || audio.ended ? 'on' : 'playing');
  const [place, setPlace] = useState<Place>(here);
  useEffect(() => {
    const listener = () => setPlace(here());
    listeners.add(listener);
    listener();
    return () => { listeners.delete(listener); };
  }, [call.id]);
  return place;
}

export const playable = (call: Call | undefined): boolean => (call?.streams ?? []).some((stream) => (stream.packets ?? 0) > 0 && !isFax(stream));
