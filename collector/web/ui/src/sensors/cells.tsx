// How a sensor fares, for the table and for the map.
import type { Sensor } from '../api/types';
import { bytes, dateTime, number, signedNs, unsignedNs } from '../format';
import { locale, t, tn } from '../i18n';
import { allDrops, certificateOf, spoolOf } from './sensor_facts';

// A clock that is known to be off by more than that is worth a look.
const CLOCK_OFF_NS = 1e9;

export function LinkOf({ sensor }: { sensor: Sensor }) {
  if (sensor.trust?.revokeTime) return <span class="row"><span class="dot bad" />{t('sensors.revoked')}</span>;
  if (sensor.connected) return <span class="row" title={sensor.peer}><span class="dot good" />{t('sensors.connected')}</span>;
  if (!sensor.lastSeenTime) return <span class="row"><span class="dot" />{t('sensors.never')}</span>;
  return <span><span class="row"><span class="dot warn" />{t('sensors.away')}</span><span class="muted small nowrap">{t('sensors.since', { time: dateTime(sensor.lastSeenTime) })}</span></span>;
}

export function ClockOf({ sensor }: { sensor: Sensor }) {
  const clock = sensor.clock;
  if (!clock) return <span class="muted">{t('app.unknown')}</span>;
  if (clock.source === 'CLOCK_SOURCE_REFERENCE') return <span>{t('sensors.reference')}</span>;
  const off = Math.abs(Number(clock.offsetNs ?? 0)) > CLOCK_OFF_NS;
  return (
    <span title={t(`clock.${clock.source ?? 'CLOCK_SOURCE_UNSPECIFIED'}`)}>
      <span class={`nowrap ${off ? 'chip warn' : ''}`}>{t('sensors.clockText', { offset: signedNs(clock.offsetNs, locale()), error: unsignedNs(clock.uncertaintyNs, locale()) })}</span><br />
      <span class="muted small">{t('sensors.against', { reference: clock.reference || t('sensors.collector') })}</span>
    </span>
  );
}

export function SpoolOf({ sensor }: { sensor: Sensor }) {
  const { waiting, discarded } = spoolOf(sensor);
  const tip = (sensor.spools ?? []).map((spool) => `${t(`lane.${spool.lane ?? 'SPOOL_LANE_UNSPECIFIED'}`)}: ${bytes(spool.bytes, locale())} / ${bytes(spool.limitBytes, locale())}`).join('\n');
  return (
    <span title={tip}>
      {waiting > 0 ? tn('sensors.spoolWaiting', waiting) : t('sensors.spoolEmpty')}
      {discarded > 0 && <> <span class="chip bad">{t('sensors.discarded', { n: number(discarded, locale()) })}</span></>}
    </span>
  );
}

export function DropsOf({ sensor }: { sensor: Sensor }) {
  const drops = allDrops(sensor);
  return drops > 0 ? <span class="chip bad">{number(drops, locale())}</span> : <span>{t('sensors.noDrops')}</span>;
}

// Bytes a second, or, while they are not known, in all.
export function WanOf({ sensor, rate }: { sensor: Sensor; rate: number }) {
  const received = bytes(sensor.bytesReceived, locale());
  return <span title={t('sensors.received', { bytes: received })}>{Number.isNaN(rate) ? received : t('sensors.rate', { rate: bytes(rate, locale()) })}</span>;
}

export function CertificateOf({ sensor, now }: { sensor: Sensor; now: number }) {
  const certificate = certificateOf(sensor, now);
  if (!certificate) return <span class="muted" title={t('sensors.noCertificate')}>–</span>;
  const { tone, days, time } = certificate;
  const text = days < 0 ? t('sensors.expired') : days === 0 ? t('sensors.expiresToday') : tn('sensors.expires', days);
  return <span class={`nowrap ${tone && `chip ${tone}`}`} title={dateTime(time)}>{text}</span>;
}
