// Plays the recording of a call.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { Call, GetQualityResponse, GetTimelineResponse } from '../api/types';
import { audio, isOn, play, playable, seek, toggle, useDeck, type Choice } from '../deck';
import { bytes, clock } from '../format';
import { locale, t } from '../i18n';
import { isGuest, useSession } from '../session';
import { Icon } from '../ui/icons';
import { Copy, ErrorNotice } from '../ui/parts';
import { eventMarks, lossMarks } from './marks';
import { isFax } from './names';
import { useOutline } from './outline';
import { choiceOf, ears, endOf, linkAt, placeIn, sourceOf, startOf, streamsIn, type Ear } from './sources';
import { Track } from './track';

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const ZOOMS = [1, 2, 4, 8, 16];

interface PlayerProps {
  call: Call;
  timeline: GetTimelineResponse | undefined;
  quality: GetQualityResponse | undefined;
  // Seconds to begin at, from a deep link.
  begin: number;
  // What of the call is heard, and shown.
  choice: Choice;
  onChoose: (choice: Choice) => void;
  digitsShown: boolean;
  onDigits: () => void;
}

// Space plays wherever the focus is, but where it means something itself.
function useSpace(act: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== ' ' || event.ctrlKey || event.altKey || event.metaKey) return;
      if (target.matches('input, select, textarea, button, a, summary') || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

function Source({ call, source, onChoose }: { call: Call; source: string; onChoose: (source: string) => void }) {
  return (
    <select aria-label={t('player.source')} value={source} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{t('player.whole')}</option>
      {(Object.keys(ears) as Ear[]).map((ear) => <option key={ear} value={ear}>{t(`player.heardBy.${ear}`)}</option>)}
      {(call.streams ?? []).map((stream, i) => !isFax(stream) && (
        <option key={stream.id} value={stream.id}>
          {t('player.stream', { n: i + 1, side: t(`side.${stream.side ?? 'SIDE_UNSPECIFIED'}`), codec: stream.codec || '?' })}
        </option>
      ))}
    </select>
  );
}

function Zoom({ zoom, onZoom }: { zoom: number; onZoom: (zoom: number) => void }) {
  const at = ZOOMS.indexOf(zoom);
  return (
    <span class="row" role="group" aria-label={t('player.zoom')}>
      <button type="button" class="button plain icon-only" disabled={at === 0} aria-label={t('player.zoomOut')} title={t('player.zoomOut')} onClick={() => onZoom(ZOOMS[at - 1]!)}><Icon name="minus" /></button>
      <button type="button" class="button plain icon-only" disabled={at === ZOOMS.length - 1} aria-label={t('player.zoomIn')} title={t('player.zoomIn')} onClick={() => onZoom(ZOOMS[at + 1]!)}><Icon name="plus" /></button>
    </span>
  );
}

export function Player({ call, timeline, quality, begin, choice, onChoose, digitsShown, onDigits }: PlayerProps) {
  const deck = useDeck();
  const guest = isGuest(useSession());
  const [zoom, setZoom] = useState(1);
  const [speed, setSpeed] = useState(audio.playbackRate);
  const [at, setAt] = useState(begin);
  const on = isOn(call, choice);
  const source = sourceOf(choice);
  const streams = useMemo(() => streamsIn(call, choice), [call, source]);
  const start = startOf(call, choice);
  const end = endOf(call, choice);
  const heard = on && (deck.playing || deck.time > 0) && deck.duration > 0;
  const { outline, tooLong, findings, drawAnyway } = useOutline(call.id!, choice, heard);
  const duration = outline?.duration || (on && deck.duration) || Math.max(0, (end - start) / 1000) || 0;
  const time = on ? deck.time : at;
  const marks = useMemo(() => {
    // Losses of others are not heard.
    const heardOf = quality && { ...quality, streams: quality.streams?.filter((one) => streams.some((stream) => stream.id === one.streamId)) ?? [] };
    return [...eventMarks(timeline, start, end), ...lossMarks(heardOf, start)];
  }, [timeline, quality, streams, start, end, t('mark.hold')]);
  const hasDigits = (timeline?.events ?? []).some((event) => event.dtmf);
  const playOrPause = () => (on ? toggle(call, choice) : play(call, choice, at > 0 ? at : undefined));
  const playing = on && deck.playing;
  useSpace(() => { if (playable(call)) playOrPause(); });

  if (!playable(call)) return <p class="panel pad muted">{t('player.noMedia')}</p>;
  // The moment stays, so that one can compare; of what is over by then, the beginning.
  const choose = (nextSource: string, gaps: boolean) => {
    const next = choiceOf(nextSource, gaps);
    const moved = placeIn(call, choice, next, time);
    const there = moved * 1000 < endOf(call, next) - startOf(call, next) ? moved : 0;
    onChoose(next);
    setAt(there);
    if (playing) play(call, next, there);
  };
  const seekTo = (seconds: number) => {
    if (!on) setAt(seconds);
    seek(call, choice, seconds);
  };
  const pace = (next: number) => {
    audio.defaultPlaybackRate = audio.playbackRate = next;
    setSpeed(next);
  };
  return (
    <section class="panel player" aria-label={t('player.label')}>
      <div class="controls">
        <button type="button" class="big-play" aria-label={t(playing ? 'player.pause' : 'player.play')} onClick={playOrPause}><Icon name={playing ? 'pause' : 'play'} /></button>
        <span class="times"><strong>{clock(time * 1000)}</strong> <span class="muted">/ {clock(duration * 1000)}</span></span>
        <Copy text={() => linkAt(location.origin, call, choice, time)} label={t('player.link')} icon="link" />
        <Source call={call} source={source} onChoose={(next) => choose(next, choice.noConcealment === true)} />
        <select aria-label={t('player.speed')} value={speed} onChange={(event) => pace(Number(event.currentTarget.value))}>
          {SPEEDS.map((one) => <option key={one} value={one}>{one.toLocaleString(locale())} ×</option>)}
        </select>
        <label class="check small"><input type="checkbox" checked={choice.noConcealment === true}
          onChange={(event) => choose(source, event.currentTarget.checked)} />{t('player.gaps')}</label>
        <span class="grow" />
        {hasDigits && !digitsShown && !guest && <button type="button" class="button" title={t('player.digitsText')} onClick={onDigits}>{t('player.digits')}</button>}
        {tooLong > 0 && <button type="button" class="button" onClick={drawAnyway}>{t('player.draw', { size: bytes(tooLong, locale()) })}</button>}
        <Zoom zoom={zoom} onZoom={setZoom} />
      </div>
      <Track streams={streams} whole={!choice.streamId} start={start} duration={duration} time={time} on={on} outline={outline} marks={marks} zoom={zoom} onSeek={seekTo} />
      {on && deck.error && <ErrorNotice error={deck.error} />}
      {findings && <p class="notice">{findings}</p>}
      {!outline && !heard && <p class="muted small hint-line">{t('player.first')}</p>}
    </section>
  );
}

export const loadTimeline = (id: string, withDigits: boolean, signal: AbortSignal): Promise<GetTimelineResponse> =>
  rpc('CallService/GetTimeline', { id, ...(withDigits && { withDigits }) }, signal);
