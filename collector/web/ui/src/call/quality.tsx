// How well the call could be heard, and where it was lost.
import type { Call, GetQualityResponse, PacketFigures, Rating, Side, StreamQuality } from '../api/types';
import { exactMs, number, percent } from '../format';
import { locale, t } from '../i18n';
import { Mos } from '../ui/parts';
import { Chart, type Line } from './chart';
import { Listening } from './listening';
import { recordingStart, sideClass, streamNumber } from './names';

const n = (value: number | string | undefined, digits = 0) => number(value, locale(), digits);

function FigureCells({ figures, rating }: { figures: PacketFigures | undefined; rating: Rating | undefined }) {
  const expected = Number(figures?.expected ?? 0);
  const share = (part: string | undefined) => (Number(part ?? 0) === 0 ? '0' : `${n(part)} (${percent(Number(part), expected, locale())})`);
  return (
    <>
      <td class="right">{n(expected)}</td>
      <td class="right nowrap">{share(figures?.lost)}</td>
      <td class="right nowrap">{share(figures?.discarded)}</td>
      <td class="right">{n(figures?.reordered)}</td>
      <td class="right nowrap">{n(figures?.jitterMs, 1)} / {n(figures?.maxJitterMs, 1)}</td>
      <td class="right">{n(figures?.delayVariationP95Ms, 1)}</td>
      <td class="right nowrap">{n(figures?.burstGap?.bursts)} / {n(figures?.burstRatio || 1, 1)}</td>
      <td class="right">{rating?.rListening === undefined ? '–' : n(rating.rListening, 1)}</td>
      <td class="right"><Mos mos={rating?.mosListening} worded /></td>
    </>
  );
}

function Remarks({ quality }: { quality: StreamQuality }) {
  const rating = quality.rating;
  const remarks = [
    !rating && t('quality.unrated'),
    rating?.mosConversation !== undefined && t('quality.conversation', { mos: n(rating.mosConversation, 2) }),
    rating?.worstMosListening !== undefined && rating.worstMosListening > 0 && t('quality.worst', { mos: n(rating.worstMosListening, 2) }),
    quality.oneWayDelayMs !== undefined && t('quality.delay', { ms: n(quality.oneWayDelayMs, 1), source: t(`delay.${quality.delaySource ?? 'DELAY_SOURCE_UNSPECIFIED'}`) }),
    Number(quality.lostFurtherOn ?? 0) > 0 && t('quality.behind', { n: n(quality.lostFurtherOn) }),
    Number(quality.notLost ?? 0) > 0 && t('quality.notLost', { n: n(quality.notLost) }),
    quality.codec?.wideband && t('quality.wideband'),
    quality.codec?.provisional && t('quality.provisional', { source: quality.codec.source ?? '' }),
    ...(quality.reports ?? []).map((report) => t('quality.receiver', {
      loss: percent(report.lossRate ?? 0, 1, locale()), discard: percent(report.discardRate ?? 0, 1, locale()),
      mos: report.mosLq !== undefined ? t('quality.receiverMos', { mos: n(report.mosLq, 1) }) : '',
    })),
  ].filter((text): text is string => typeof text === 'string');
  return <ul class="remarks">{remarks.map((text) => <li key={text}>{text}</li>)}</ul>;
}

function StreamTable({ call, quality }: { call: Call; quality: StreamQuality }) {
  const index = streamNumber(call, quality.streamId);
  const stream = call.streams?.[index - 1];
  const several = (quality.observations ?? []).length > 1;
  return (
    <section class="panel">
      <div class="row pad">
        <h3 class={stream ? sideClass(stream) : ''}>
          {quality.side ? t('quality.title', { n: index, side: t(`side.${quality.side}`) }) : t('quality.titleUnknown', { n: index })}
        </h3>
        <Mos mos={quality.rating?.mosListening} worded />
        <span class="muted break">{quality.codec?.name || stream?.codec} · {stream?.source} → {stream?.destination}</span>
      </div>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('quality.titleUnknown', { n: index })}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t('quality.where')}</th>
              <th scope="col" class="right">{t('quality.expected')}</th>
              <th scope="col" class="right">{t('quality.lost')}</th>
              <th scope="col" class="right">{t('quality.late')}</th>
              <th scope="col" class="right">{t('quality.reordered')}</th>
              <th scope="col" class="right" title={t('quality.jitterText')}>{t('quality.jitter')}</th>
              <th scope="col" class="right" title={t('quality.p95Text')}>{t('quality.p95')}</th>
              <th scope="col" class="right" title={t('quality.burstsText')}>{t('quality.bursts')}</th>
              <th scope="col" class="right">{t('quality.r')}</th>
              <th scope="col" class="right" title={t('quality.mosText')}>{t('quality.mos')}</th>
            </tr>
          </thead>
          <tbody>
            <tr class="union"><th scope="row">{t('quality.union')}</th><FigureCells figures={quality.packets} rating={quality.rating} /></tr>
            {several && quality.observations!.map((seen) => (
              <tr key={seen.id}><th scope="row" title={seen.capturePoint}>{seen.sensor} · {seen.capturePoint}</th><FigureCells figures={seen.packets} rating={seen.rating} /></tr>
            ))}
          </tbody>
        </table>
      </div>
      <Remarks quality={quality} />
    </section>
  );
}

// The first stream of each side has its colour; further ones have others.
const sideColours: Partial<Record<Side, string>> = { SIDE_CALLER: '--caller', SIDE_CALLEE: '--callee' };
const moreColours = ['--good', '--bad', '--muted'];

function coloursOf(streams: StreamQuality[]): string[] {
  const used = new Set<string>();
  let more = 0;
  return streams.map((stream) => {
    const own = sideColours[stream.side ?? 'SIDE_UNSPECIFIED'];
    const colour = own && !used.has(own) ? own : moreColours[more++ % moreColours.length]!;
    used.add(colour);
    return colour;
  });
}

// Slices of all streams on one axis of time: seconds in the recording.
export function linesOf(call: Call, quality: GetQualityResponse): { times: number[]; mos: Line[]; loss: Line[] } {
  const streams = (quality.streams ?? []).filter((stream) => (stream.slices ?? []).length > 0);
  const start = recordingStart(call);
  const secondOf = (time: string | undefined) => Math.max(0, (exactMs(time) - start) / 1000);
  const times = [...new Set(streams.flatMap((stream) => stream.slices!.map((slice) => secondOf(slice.time))))].sort((a, b) => a - b);
  const colours = coloursOf(streams);
  const line = (stream: StreamQuality, i: number, value: (slice: NonNullable<StreamQuality['slices']>[number]) => number | null): Line => {
    const at = new Map(stream.slices!.map((slice) => [secondOf(slice.time), value(slice)]));
    const index = streamNumber(call, stream.streamId);
    return { label: t('path.stream', { n: index }), colour: colours[i]!, values: times.map((time) => at.get(time) ?? null) };
  };
  return {
    times,
    mos: streams.map((stream, i) => line(stream, i, (slice) => slice.rating?.mosListening ?? null)),
    loss: streams.map((stream, i) => line(stream, i, (slice) => {
      const expected = Number(slice.packets?.expected ?? 0);
      return expected > 0 ? 100 * (Number(slice.packets?.lost ?? 0) + Number(slice.packets?.discarded ?? 0)) / expected : null;
    })),
  };
}

export function Quality({ call, quality }: { call: Call; quality: GetQualityResponse }) {
  const streams = quality.streams ?? [];
  if (streams.length === 0) return <p class="panel pad muted">{t('quality.none')}</p>;
  const { times, mos, loss } = linesOf(call, quality);
  return (
    <div class="stack">
      <Listening call={call} />
      {streams.map((stream) => <StreamTable key={stream.streamId} call={call} quality={stream} />)}
      {times.length > 1 && (
        <section class="panel pad stack tight">
          <h2>{t('quality.overTime')}</h2>
          <p class="muted small">{t('quality.chartMos')}</p>
          <Chart label={t('quality.chartMos')} times={times} lines={mos} range={[1, 4.6]} fixed />
          <p class="muted small">{t('quality.chartLoss')}</p>
          <Chart label={t('quality.chartLoss')} times={times} lines={loss} range={[0, 2]} />
        </section>
      )}
    </div>
  );
}
