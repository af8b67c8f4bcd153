// The recording as a strip: marks, waveform (or, before it is known, where each
// side's media lies), and where one is.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Side, Stream } from '../api/types';
import { audio } from '../deck';
import { clock, exactMs } from '../format';
import { t } from '../i18n';
import type { Mark } from './marks';
import type { Outline } from './outline';

interface TrackProps {
  // That it is made of.
  streams: Stream[];
  // Of two parties, one above the other.
  whole: boolean;
  // Milliseconds since the epoch.
  start: number;
  // Seconds.
  duration: number;
  time: number;
  on: boolean;
  outline: Outline | null;
  marks: Mark[];
  zoom: number;
  onSeek: (seconds: number) => void;
}

const share = (part: number, whole: number) => `${Math.min(100, Math.max(0, 100 * part / Math.max(whole, 0.001)))}%`;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function Waveform({ outline, on, sides }: { outline: Outline; on: boolean; sides: Side[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const again = () => setTheme((old) => old + 1);
    window.addEventListener('themechange', again);
    return () => window.removeEventListener('themechange', again);
  }, []);
  useEffect(() => {
    let gone = false;
    let erase = () => {};
    // A medium of its own while another call plays: that one's progress is not ours.
    Promise.all([import('./waveform'), import('./wav')]).then(([waveform, wav]) => {
      if (gone || !box.current) return;
      const lanes = sides.map((side) => {
        const name = side === 'SIDE_CALLEE' ? '--callee' : '--caller';
        return { wave: `color-mix(in srgb, ${colour(name)} 45%, ${colour('--panel')})`, heard: colour(name) };
      });
      erase = waveform.draw(box.current, on ? audio : new Audio(), wav.scaled(outline.peaks), outline.duration, { lanes });
    }, () => {});
    return () => { gone = true; erase(); };
  }, [outline, on, theme, sides.join()]);
  return <div class="wave" ref={box} data-drawn={outline.peaks.length} />;
}

// Where media lies, by the times of its first and last packets.
function Extents({ streams, start, duration, side }: { streams: Stream[]; start: number; duration: number; side: Side }) {
  return (
    <div class="lane">
      {streams.filter((stream) => (stream.side ?? 'SIDE_UNSPECIFIED') === side).map((stream) => {
        const at = (exactMs(stream.startTime) - start) / 1000;
        const length = (exactMs(stream.endTime) - exactMs(stream.startTime)) / 1000;
        return <span key={stream.id} class={`extent ${side === 'SIDE_CALLEE' ? 'callee' : 'caller'}`} style={{ left: share(at, duration), width: share(length, duration) }} />;
      })}
    </div>
  );
}

function Marks({ marks, duration }: { marks: Mark[]; duration: number }) {
  return (
    <div class="marks">
      {marks.map((mark, i) => (
        <span key={i} class={`mark ${mark.kind} ${mark.side === 'SIDE_CALLEE' ? 'callee' : ''} ${mark.length > 1 ? 'long' : ''} ${mark.little ? 'little' : ''}`}
          style={{ left: share(mark.at, duration), width: mark.length > 1 ? share(mark.length, duration) : 'auto' }} title={`${clock(mark.at * 1000)} ${mark.text}`}>
          {mark.kind === 'dtmf' ? mark.text.split(' ').pop() : mark.kind === 'loss' ? '' : mark.text}
        </span>
      ))}
    </div>
  );
}

const STEPS: Record<string, number> = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

export function Track(props: TrackProps) {
  const { streams, whole, start, duration, time, outline, marks, zoom, on } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const sides: Side[] = whole ? ['SIDE_CALLER', 'SIDE_CALLEE'] : [streams[0]?.side ?? 'SIDE_UNSPECIFIED'];
  useEffect(() => {
    // Zoomed in, the place that plays stays in sight.
    const box = scroller.current;
    if (!box || zoom === 1 || !on) return;
    const x = time / Math.max(duration, 0.001) * box.scrollWidth;
    if (x < box.scrollLeft || x > box.scrollLeft + box.clientWidth - 40) box.scrollLeft = Math.max(0, x - 60);
  }, [time, zoom, on]);
  const seekTo = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    props.onSeek(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? duration : step !== undefined ? time + step : NaN;
    if (Number.isNaN(to)) return;
    event.preventDefault();
    event.stopPropagation();
    props.onSeek(Math.min(duration, Math.max(0, to)));
  };
  const losses = marks.filter((mark) => mark.kind === 'loss');
  return (
    <div class="track-frame">
      <div class="lane-names" aria-hidden="true">
        {sides.map((side) => <span key={side} class={side === 'SIDE_CALLEE' ? 'callee' : 'caller'}>{t(`side.${side}`)}</span>)}
      </div>
      <div class="track-scroll" ref={scroller}>
        <div class="track" role="slider" tabIndex={0} aria-label={t('player.seek')} aria-valuemin={0} aria-valuemax={Math.round(duration)}
          aria-valuenow={Math.round(time)} aria-valuetext={`${clock(time * 1000)} / ${clock(duration * 1000)}`}
          style={{ width: `${zoom * 100}%` }} onClick={seekTo} onKeyDown={onKey}>
          <Marks marks={marks.filter((mark) => mark.kind !== 'loss')} duration={duration} />
          {outline
            ? <Waveform outline={outline} on={on} sides={sides} />
            : <div class="lanes">{sides.map((side) => <Extents key={side} streams={streams} start={start} duration={duration} side={side} />)}</div>}
          {losses.length > 0 && <div class="losses"><Marks marks={losses} duration={duration} /></div>}
          <span class="playhead" style={{ left: share(time, duration) }} />
        </div>
      </div>
    </div>
  );
}
