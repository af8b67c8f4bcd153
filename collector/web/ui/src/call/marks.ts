// What happened in a call, as marks on its recording.
import type { GetQualityResponse, GetTimelineResponse, Side, TimelineEvent, TransferEvent } from '../api/types';
import { durationMs, exactMs, percent } from '../format';
import { locale, t } from '../i18n';

export type MarkKind = 'dtmf' | 'hold' | 'tone' | 'codec' | 'silence' | 'loss' | 'transfer';

export interface Mark {
  kind: MarkKind;
  // Seconds from the beginning of the recording.
  at: number;
  // 0: a moment.
  length: number;
  side: Side;
  text: string;
  // Of losses: hardly to be heard.
  little?: boolean;
}

// Share of packets that most codecs conceal well.
const LITTLE = 0.02;

export function kindOf(event: TimelineEvent): MarkKind | null {
  if (event.dtmf) return 'dtmf';
  if (event.hold) return 'hold';
  if (event.transfer) return 'transfer';
  if (event.tone || event.fax) return 'tone';
  if (event.deadAir || event.unheard) return 'silence';
  return event.codec ? 'codec' : null;
}

// With `replaces` the other call was there before: it takes the place of this one.
function transferWords({ to, replaces }: TransferEvent): string {
  if (replaces) return to ? t('mark.takenOverBy', { to }) : t('mark.takenOver');
  return to ? t('mark.transferTo', { to }) : t('mark.transfer');
}

export function wordsOf(event: TimelineEvent): string {
  if (event.dtmf) return event.dtmf.digit ? t('mark.dtmf', { digit: event.dtmf.digit }) : t('mark.dtmfHidden');
  if (event.hold) return t('mark.hold');
  if (event.transfer) return transferWords(event.transfer);
  if (event.tone) return t('mark.tone', { name: event.tone.name ?? '?' });
  if (event.fax) return t(event.fax.accepted ? 'mark.fax' : 'mark.faxOffered');
  if (event.deadAir) return t('mark.deadAir');
  if (event.unheard) return t('mark.unheard', { why: t(`hearing.${event.unheard.why ?? 'HEARING_UNSPECIFIED'}`) });
  if (event.codec) return t('mark.codec', { name: event.codec.codec ?? '?' });
  return t('app.newer');
}

export function eventMarks(timeline: GetTimelineResponse | undefined, start: number, end: number): Mark[] {
  return (timeline?.events ?? []).flatMap((event): Mark[] => {
    const kind = kindOf(event);
    const at = (exactMs(event.time) - start) / 1000;
    if (!kind || Number.isNaN(at)) return [];
    const open = event.hold && !event.duration;
    const length = open ? Math.max(0, (end - start) / 1000 - at) : (durationMs(event.duration) || 0) / 1000;
    return [{ kind, at: Math.max(0, at), length, side: event.side ?? 'SIDE_UNSPECIFIED', text: wordsOf(event) }];
  });
}

// Slices in which packets were lost or came too late to be played.
export function lossMarks(quality: GetQualityResponse | undefined, start: number): Mark[] {
  return (quality?.streams ?? []).flatMap((stream) => (stream.slices ?? []).flatMap((slice): Mark[] => {
    const expected = Number(slice.packets?.expected ?? 0);
    const missing = Number(slice.packets?.lost ?? 0) + Number(slice.packets?.discarded ?? 0);
    if (missing === 0 || expected === 0) return [];
    const at = (exactMs(slice.time) - start) / 1000;
    const text = t('mark.loss', { percent: percent(missing, expected, locale()) });
    return [{ kind: 'loss', at: Math.max(0, at), length: (durationMs(stream.sliceLength) || 5000) / 1000, side: stream.side ?? 'SIDE_UNSPECIFIED', text, little: missing / expected < LITTLE }];
  }));
}
