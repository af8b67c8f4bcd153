// The same marks as a list: for the keyboard, for reading, for jumping there.
import type { Call, GetTimelineResponse } from '../api/types';
import { clock, durationMs, exactMs, number } from '../format';
import { locale, t } from '../i18n';
import { Time } from '../ui/parts';
import { kindOf, wordsOf } from './marks';
import { legNumber, streamNumber } from './names';

function seenIn(call: Call, legId: string | undefined, streamId: string | undefined): string {
  const [leg, stream] = [legNumber(call, legId), streamNumber(call, streamId)];
  return leg > 0 ? t('evidence.legTitle', { n: leg }) : stream > 0 ? t('path.stream', { n: stream }) : '';
}

export function MarksTable({ call, timeline, start, onJump }: { call: Call; timeline: GetTimelineResponse | undefined; start: number; onJump: (seconds: number) => void }) {
  const events = timeline?.events ?? [];
  if (events.length === 0) return <p class="panel pad muted">{t('mark.none')}</p>;
  return (
    <div class="panel scroll-x">
      <table class="data">
        <thead><tr>{(['mark.time', 'mark.inCall', 'mark.by', 'mark.what', 'mark.for', 'mark.seenIn'] as const).map((key) => <th key={key} scope="col">{t(key)}</th>)}</tr></thead>
        <tbody>
          {events.map((event, i) => {
            const at = exactMs(event.time) - start;
            const source = event.dtmf?.source;
            return (
              <tr key={i}>
                <td><Time value={event.time} /></td>
                <td><button type="button" class="button plain" onClick={() => onJump(Math.max(0, at / 1000))}>{clock(at)}</button></td>
                <td>{t(`side.${event.side ?? 'SIDE_UNSPECIFIED'}`)}</td>
                <td><span class={`mark-name ${kindOf(event) ?? ''}`}>{wordsOf(event)}</span></td>
                <td class="nowrap">{event.duration ? `${number(durationMs(event.duration) / 1000, locale(), 2)} s` : '–'}</td>
                <td>{seenIn(call, event.legId, event.streamId)}{source && <span class="muted"> {t(`dtmf.${source}`)}</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {timeline?.truncated && <p class="muted pad">{t('mark.truncated')}</p>}
    </div>
  );
}
