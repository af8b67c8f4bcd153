// A map of what watches: sites, their sensors, and the mirrors that these see.
import type { Sensor, SensorCapturePoint, SignallingHost } from '../api/types';
import { number } from '../format';
import { locale, t, tn } from '../i18n';
import { CertificateOf, ClockOf, DropsOf, LinkOf, SpoolOf, WanOf } from './cells';
import { bySite, dropsOf, seenAt, toneOf } from './sensor_facts';

interface MapProps {
  sensors: Sensor[];
  rates: Map<string, number>;
  now: number;
  // Of the doctor; none until it has answered.
  hosts: SignallingHost[];
  // Of the sensor that is open.
  chosen: string;
}

const PBXS_NAMED = 2;

function Point({ point, sensor, hosts }: { point: SensorCapturePoint; sensor: string; hosts: SignallingHost[] }) {
  const name = point.capturePoint?.name ?? '?';
  const { report } = point;
  const count = (value: string | undefined) => number(value, locale());
  const drops = Object.values(dropsOf(report)).reduce((sum, one) => sum + one, 0);
  const { servers, phones } = seenAt(hosts, sensor, name);
  const voip = Number(report?.census?.sipMessages ?? 0) + Number(report?.census?.rtpPackets ?? 0) > 0;
  return (
    <li class="map-point">
      <span class="row"><strong class="break">{name}</strong>{drops > 0 && <span class="chip bad">{t('sensors.dropped', { n: number(drops, locale()) })}</span>}</span>
      {!report && <span class="muted small">{t('sensors.noReport')}</span>}
      {report && <span class="small">{voip ? t('sensors.sees', { sip: count(report.census?.sipMessages), rtp: count(report.census?.rtpPackets) }) : t('sensors.seesNothing')}</span>}
      {servers.length + phones > 0 && (
        <span class="muted small break">
          {[...servers.slice(0, PBXS_NAMED).map((address) => `${t('doctor.server')} ${address}`), ...(servers.length > PBXS_NAMED ? [`+${servers.length - PBXS_NAMED}`] : []), ...(phones > 0 ? [tn('sensors.phones', phones)] : [])].join(', ')}
        </span>
      )}
    </li>
  );
}

function Card({ sensor, rate, now, hosts, open }: { sensor: Sensor; rate: number; now: number; hosts: SignallingHost[]; open: boolean }) {
  const id = sensor.id ?? '';
  const points = sensor.capturePoints ?? [];
  return (
    <article class={`panel map-sensor ${toneOf(sensor, now)}`} aria-label={id}>
      <div class="row spread"><h3><a href={open ? '/sensors?view=map' : `/sensors/${encodeURIComponent(id)}?view=map`} aria-current={open ? 'true' : undefined}>{id}</a></h3><LinkOf sensor={sensor} /></div>
      <dl class="map-facts">
        <div><dt>{t('sensors.clock')}</dt><dd><ClockOf sensor={sensor} /></dd></div>
        <div><dt>{t('sensors.drops')}</dt><dd><DropsOf sensor={sensor} /></dd></div>
        <div><dt>{t('sensors.wan')}</dt><dd><WanOf sensor={sensor} rate={rate} /></dd></div>
        <div><dt>{t('sensors.spool')}</dt><dd><SpoolOf sensor={sensor} /></dd></div>
        <div><dt>{t('sensors.certificateEnds')}</dt><dd><CertificateOf sensor={sensor} now={now} /></dd></div>
      </dl>
      {points.length > 0
        ? <ul class="map-points" aria-label={t('sensors.pointsOf', { sensor: id })}>{points.map((point) => <Point key={point.capturePoint?.name} point={point} sensor={id} hosts={hosts} />)}</ul>
        : <p class="muted small">{t('sensors.noPoints')}</p>}
    </article>
  );
}

export function SensorMap({ sensors, rates, now, hosts, chosen }: MapProps) {
  return (
    <div class="stack">
      {bySite(sensors).map(([site, here]) => (
        <section key={site} class="map-site" aria-label={site || t('sensors.noSite')}>
          <h2>{site || t('sensors.noSite')} <span class="muted">{tn('sensors.count', here.length)}</span></h2>
          <div class="map-sensors">
            {here.map((sensor) => <Card key={sensor.id} sensor={sensor} rate={rates.get(sensor.id ?? '') ?? NaN} now={now} hosts={hosts} open={sensor.id === chosen} />)}
          </div>
        </section>
      ))}
    </div>
  );
}
