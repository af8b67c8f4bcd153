// What stands beside the ladder: the row that was chosen, as it was captured.
import { useMemo, useState } from 'preact/hooks';
import type { Call } from '../api/types';
import { timeOfDay, utc } from '../format';
import { t } from '../i18n';
import { labelOf } from './ladder_labels';
import { fullName } from './ladder_places';
import type { Row } from './ladder_rows';
import type { RtcpPacket } from './ladder_rtcp';
import { isFax, streamNumber } from './names';
import { hexOf, isBinary, partsOf, textOf } from './sip';

// Text of the message, whatever is in it: it is put in as text, never as markup.
function Raw({ text }: { text: string }) {
  const lines = useMemo(() => partsOf(text), [text]);
  return (
    <pre class="raw" tabIndex={0} aria-label={t('ladder.raw')}>
      {lines.map((parts, i) => <span key={i} class="line">{parts.map((part, j) => <span key={j} class={part.kind}>{part.text}</span>)}{'\n'}</span>)}
    </pre>
  );
}

// Of RTCP the collector tells what it says, not its bytes.
function Reports({ label, packets }: { label: string; packets: RtcpPacket[] }) {
  return (
    <div class="stack tight">
      <h3>{label}</h3>
      <p class="mono break">{packets[0]!.source} → {packets[0]!.destination}</p>
      <ol class="reports">
        {packets.map((packet) => (
          <li key={packet.stamp}>
            <span class="mono muted small" title={utc(packet.stamp)}>{timeOfDay(packet.stamp)}</span> <span>{packet.summary}</span>{' '}
            <span class="muted small break">{packet.seen.map(fullName).join(', ')}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

export function Detail({ call, row }: { call: Call; row: Row | undefined }) {
  const [at, setAt] = useState(0);
  if (!row) return <p class="muted">{t('ladder.pick')}</p>;
  if (row.stream) {
    const stream = row.stream;
    return (
      <div class="stack tight">
        <h3>{t('path.stream', { n: streamNumber(call, stream.id) })}: {labelOf(row)}</h3>
        <p class="mono break">{stream.source} → {stream.destination}</p>
        {!isFax(stream) && <p class="muted small">SSRC {(stream.ssrc ?? 0).toString(16).padStart(8, '0')}</p>}
        {(stream.findings ?? []).map((finding) => <p key={finding}>{finding}</p>)}
      </div>
    );
  }
  if (row.rtcp) return <Reports label={labelOf(row)} packets={row.rtcp} />;
  const seen = row.seen[Math.min(at, row.seen.length - 1)]!;
  const where = (one: typeof seen) => fullName(one.record);
  return (
    <div class="stack tight">
      <h3>{labelOf(row)}</h3>
      {row.seen.length > 1 && (
        <div class="chips">
          {row.seen.map((one, i) => <button key={i} type="button" class={`toggle ${one === seen ? 'on' : ''}`} aria-pressed={one === seen} onClick={() => setAt(i)}>{where(one)}</button>)}
        </div>
      )}
      <p class="muted small break" title={utc(seen.record.time)}>
        {t('ladder.captured', { point: where(seen), time: timeOfDay(seen.record.time) })}, {seen.record.source} → {seen.record.destination}, {(seen.record.transport ?? '').replace('TRANSPORT_', '')}
      </p>
      {isBinary(seen.record.protocol) ? <pre class="raw hex" tabIndex={0} aria-label={t('ladder.raw')}>{hexOf(seen.record.message)}</pre> : <Raw text={textOf(seen.record.message)} />}
      {seen.record.truncated && <p class="muted small">{t('ladder.rawCut')}</p>}
    </div>
  );
}
