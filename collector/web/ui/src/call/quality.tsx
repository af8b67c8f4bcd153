// How well the call could be heard, and where it was lost.
import type { Call, GetQualityResponse, PacketFigures, Rating, StreamQuality } from '../api/types';
import { number, percent } from '../format';
import { locale, t } from '../i18n';
import { Mos } from '../ui/parts';
import { Listening } from './listening';
import { sideClass, streamNumber } from './names';
import { OverTime } from './quality_time';

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

export function Quality({ call, quality }: { call: Call; quality: GetQualityResponse }) {
  const streams = quality.streams ?? [];
  if (streams.length === 0) return <p class="panel pad muted">{t('quality.none')}</p>;
  return (
    <div class="stack">
      <Listening call={call} />
      {streams.map((stream) => <StreamTable key={stream.streamId} call={call} quality={stream} />)}
      <OverTime call={call} quality={quality} />
    </div>
  );
}
