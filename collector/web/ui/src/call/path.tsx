// The path picture: for each stream, from phone to phone, what happened where.
import type { Call, Stream } from '../api/types';
import { hostOf, number, percent, portOf } from '../format';
import { locale, t } from '../i18n';
import { isFax, sideClass } from './names';
import { stagesOf, type Point, type Stage, type Stretch } from './path_stages';

const decimal = (value: number | undefined, digits = 1) => number(value ?? 0, locale(), digits);

function lossClass(lost: number, of: number): string {
  if (lost === 0) return 'good';
  return lost / Math.max(1, of) < 0.01 ? 'warn' : 'bad';
}

function StretchView({ stage }: { stage: Stretch }) {
  const known = stage.lost !== undefined;
  const tone = known ? lossClass(stage.lost!, stage.of ?? 0) : 'unknown';
  const hop = stage.hop;
  const place = stage.place === 'before' ? t('path.before') : stage.place === 'after' ? t('path.after') : '';
  return (
    <li class={`stretch ${tone}`} title={known ? place : t('path.notKnown')}>
      <span class="wire" aria-hidden="true" />
      <span class="facts">
        {known
          ? <strong class={`tone ${tone}`}>{stage.lost === 0 ? t('path.noLoss') : t('path.lost', { percent: percent(stage.lost!, stage.of ?? 0, locale()) })}</strong>
          : <span class="muted">?<span class="hidden-label">{t('path.notKnown')}</span></span>}
        {known && stage.lost! > 0 && <span>{number(stage.lost, locale())} / {number(stage.of, locale())}</span>}
        {hop?.delayMs !== undefined && (
          <span title={t('path.delayText')}>{t('path.delay', { delay: decimal(hop.delayMs), error: decimal(hop.delayUncertaintyMs) })}</span>
        )}
        {hop?.delayVariationP95Ms !== undefined && <span>{t('path.variation', { p95: decimal(hop.delayVariationP95Ms) })}</span>}
        {hop?.duplicated ? <span>{t('path.duplicated', { n: number(hop.duplicated, locale()) })}</span> : null}
        {hop?.reordered ? <span>{t('path.reordered', { n: number(hop.reordered, locale()) })}</span> : null}
        {stage.reported && <span class="muted">{t('path.reported')}</span>}
      </span>
    </li>
  );
}

function PointView({ stage }: { stage: Point }) {
  const { seen, loss } = stage;
  const missed = (loss?.seenFurtherOn ?? 0) + (loss?.reportedArrived ?? 0);
  return (
    <li class="node point">
      <span class="muted small">{t('path.point')}</span>
      <strong>{seen.sensor}</strong>
      <span class="small break">{seen.site ? `${seen.site} · ` : ''}{seen.capturePoint}</span>
      <span class="small">{t('path.packets', { n: number(seen.packets, locale()) })}</span>
      <span class="small muted">{t('path.jitter', { mean: decimal(seen.jitterMs), max: decimal(seen.maxJitterMs) })}</span>
      {missed > 0 && <span class="chip warn" title={t('path.captureLossText', { n: missed })}>{t('path.captureLoss')}: {number(missed, locale())}</span>}
    </li>
  );
}

function StageView({ stage, side }: { stage: Stage; side: 'caller' | 'callee' | '' }) {
  if (stage.kind === 'stretch') return <StretchView stage={stage} />;
  if (stage.kind === 'point') return <PointView stage={stage} />;
  return (
    <li class={`node end ${side}`}>
      <span class="muted small">{t(stage.sender ? 'path.sender' : 'path.receiver')}</span>
      <strong class="break">{hostOf(stage.endpoint)}</strong>
      <span class="muted small">:{portOf(stage.endpoint)}</span>
    </li>
  );
}

function StreamPath({ stream, index }: { stream: Stream; index: number }) {
  const side = sideClass(stream);
  const stages = stagesOf(stream);
  return (
    <section class="panel pad stack tight" aria-label={t('path.stream', { n: index + 1 })}>
      <div class="row">
        <h3>{t('path.stream', { n: index + 1 })}</h3>
        <span class={side}>{t(`side.${stream.side ?? 'SIDE_UNSPECIFIED'}`)}</span>
        <span class="muted">{stream.codec || '?'}{stream.clockRate ? `/${stream.clockRate}` : ''}, {t('path.packets', { n: number(stream.packets, locale()) })}{!isFax(stream) && <>, SSRC <span class="mono">{(stream.ssrc ?? 0).toString(16).padStart(8, '0')}</span></>}</span>
        {stream.encryption && <span class="chip warn">{t('path.encrypted', { how: stream.encryption })}</span>}
      </div>
      <ol class="path">{stages.map((stage, i) => <StageView key={i} stage={stage} side={i === 0 ? side : side === 'caller' ? 'callee' : side === 'callee' ? 'caller' : ''} />)}</ol>
      {(stream.findings ?? []).map((finding) => <p key={finding} class="notice">{finding}</p>)}
    </section>
  );
}

export function Path({ call }: { call: Call }) {
  const streams = call.streams ?? [];
  if (streams.length === 0) return <p class="panel pad muted">{t('path.none')}</p>;
  return <div class="stack">{streams.map((stream, i) => <StreamPath key={stream.id} stream={stream} index={i} />)}</div>;
}
