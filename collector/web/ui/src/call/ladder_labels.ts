// What a row of the ladder says.
import { number } from '../format';
import { locale, t } from '../i18n';
import type { Row } from './ladder_rows';
import { isFax } from './names';

export function labelOf(row: Row): string {
  const stream = row.stream;
  if (stream) {
    const lost = stream.lost ? `, ${t('ladder.lost', { n: number(stream.lost, locale()) })}` : '';
    return t('ladder.rtp', { transport: isFax(stream) ? 'UDPTL' : 'RTP', codec: stream.codec ?? '', packets: number(stream.packets, locale()) }) + lost;
  }
  if (row.rtcp) {
    const count = row.rtcp.length;
    return count > 1 ? t('ladder.rtcpRun', { n: number(count, locale()), last: row.title }) : t('ladder.rtcpOne', { what: row.title });
  }
  const notes = [...row.notes, ...(row.repeated ? [t('ladder.again')] : []), ...(row.cut ? [t('ladder.cut')] : [])];
  return notes.length > 0 ? `${row.title} (${notes.join(', ')})` : row.title;
}
