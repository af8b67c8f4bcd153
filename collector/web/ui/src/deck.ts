// The one recording that plays. It goes on while one looks at other pages.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, audioUrl, tellLoggedOut } from './api/client';
import type { Call, GetAudioRequest } from './api/types';
import { isFax } from './call/names';
import { playbackError } from './playback_error';

export type Choice = Omit<GetAudioRequest, 'id'>;

export const audio = new Audio();
audio.preload = 'none';
// In the document, so that the browser and its extensions find what plays; it shows nothing.
document.body.append(audio);

interface Deck {
  call: Call | null;
  choice: Choice;
  error: ApiError | null;
}

let deck: Deck = { call: null, choice: {}, error: null };
// Seconds; where it stood before something went wrong.
let place = 0;
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

for (const event of ['play', 'pause', 'ended', 'timeupdate', 'durationchange', 'seeked', 'ratechange', 'emptied', 'waiting', 'playing']) {
  audio.addEventListener(event, tell);
}
audio.addEventListener('error', async () => {
  if (!deck.call?.id || !audio.getAttribute('src')) return;
  const failed = deck;
  const { error: media } = audio;
  // To the element it goes on.
  audio.pause();
  const error = await playbackError(audioUrl(deck.call.id, deck.choice), media);
  if (deck !== failed) return;
  deck = { ...deck, error };
  tell();
  if (error.code === 'unauthenticated') tellLoggedOut();
});
audio.addEventListener('timeupdate', () => { if (!audio.error) place = audio.currentTime; });

export function isOn(call: Call | undefined, choice?: Choice): boolean {
  return !!call && deck.call?.id === call.id && (!choice || JSON.stringify(choice) === JSON.stringify(deck.choice));
}

// Plays, from `at` seconds on if it is told; what broke off goes on where it did.
export function play(call: Call, choice: Choice, at?: number): void {
  if (!isOn(call, choice) || deck.error || audio.error) {
    const rate = audio.playbackRate;
    if (isOn(call, choice)) at ??= place;
    place = at ?? 0;
    deck = { call, choice, error: null };
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

export function seek(call: Call, choice: Choice, at: number): void {
  if (isOn(call, choice) && !deck.error && !audio.error) audio.currentTime = at;
  else play(call, choice, at);
}

// What of this call plays, or is held; null: nothing.
export const chosen = (call: Call): Choice | null => (isOn(call) ? deck.choice : null);

export function eject(): void {
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
  deck = { call: null, choice: {}, error: null };
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
