// The page Sensors: how they fare, and what the doctor says of their mirrors.
import { useRef } from 'preact/hooks';
import { rpc } from '../api/client';
import type { Sensor, SensorCapturePoint } from '../api/types';
import { sensorCommand } from '../calls/calls';
import { bytes, dateTime, number, signedNs, unsignedNs } from '../format';
import { locale, t, tn } from '../i18n';
import { useEvery, useLoad } from '../ui/load';
import { Command, Empty, ErrorNotice, Skeleton, Time } from '../ui/parts';
import { Doctor } from './doctor';
import { allDrops, dropsOf, rateOf, spoolOf } from './sensor_facts';

const POLL_MS = 5000;
// A clock that is known to be off by more than that is worth a look.
const CLOCK_OFF_NS = 1e9;

function LinkOf({ sensor }: { sensor: Sensor }) {
  if (sensor.trust?.revokeTime) return <span class="row"><span class="dot bad" />{t('sensors.revoked')}</span>;
  if (sensor.connected) return <span class="row" title={sensor.peer}><span class="dot good" />{t('sensors.connected')}</span>;
  if (!sensor.lastSeenTime) return <span class="row"><span class="dot" />{t('sensors.never')}</span>;
  return <span><span class="row"><span class="dot warn" />{t('sensors.away')}</span><span class="muted small nowrap">{t('sensors.since', { time: dateTime(sensor.lastSeenTime) })}</span></span>;
}

function ClockOf({ sensor }: { sensor: Sensor }) {
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

function SpoolOf({ sensor }: { sensor: Sensor }) {
  const { waiting, discarded } = spoolOf(sensor);
  const tip = (sensor.spools ?? []).map((spool) => `${t(`lane.${spool.lane ?? 'SPOOL_LANE_UNSPECIFIED'}`)}: ${bytes(spool.bytes, locale())} / ${bytes(spool.limitBytes, locale())}`).join('\n');
  return (
    <span title={tip}>
      {waiting > 0 ? tn('sensors.spoolWaiting', waiting) : t('sensors.spoolEmpty')}
      {discarded > 0 && <> <span class="chip bad">{t('sensors.discarded', { n: number(discarded, locale()) })}</span></>}
    </span>
  );
}

function Points({ points }: { points: SensorCapturePoint[] }) {
  const total = (value: string | undefined) => number(value, locale());
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={t('sensors.points')}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t('sensors.points')}</th>
            {(['sensors.packets', 'sensors.sip', 'sensors.rtp', 'sensors.mirrored', 'sensors.kernel', 'sensors.nic', 'sensors.tunnel'] as const).map((key) => <th key={key} scope="col" class="right">{t(key)}</th>)}
            <th scope="col">{t('sensors.upTo')}</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => {
            const report = point.report;
            const drops = dropsOf(report);
            const upTo = report?.timeNs ? new Date(Number(BigInt(report.timeNs) / 1_000_000n)).toISOString() : undefined;
            return (
              <tr key={point.capturePoint?.name}>
                <th scope="row" class="break">{point.capturePoint?.name}</th>
                <td class="right">{total(report?.packets)}</td>
                <td class="right">{total(report?.census?.sipMessages)}</td>
                <td class="right">{total(report?.census?.rtpPackets)}</td>
                <td class="right">{total(report?.mirrorCopies)}</td>
                {[drops.kernel, drops.nic, drops.tunnel].map((count, i) => <td key={i} class="right">{count > 0 ? <span class="chip bad">{number(count, locale())}</span> : '0'}</td>)}
                <td><Time value={upTo} />{report?.final && <span class="muted small"> {t('sensors.ended')}</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function More({ sensor }: { sensor: Sensor }) {
  const refused = Object.entries(sensor.refused ?? {});
  return (
    <section class="panel" aria-label={t('sensors.points')}>
      <h2 class="pad">{sensor.id}</h2>
      <Points points={sensor.capturePoints ?? []} />
      <dl class="facts-line pad">
        <div class="fact"><dt class="muted small">{t('sensors.stored')}</dt><dd>{number(sensor.framesStored, locale())}</dd></div>
        <div class="fact"><dt class="muted small">{t('sensors.waiting')}</dt><dd>{number(sensor.observationsWaiting, locale())}</dd></div>
        <div class="fact"><dt class="muted small">{t('sensors.refused')}</dt><dd>{refused.length > 0 ? refused.map(([reason, count]) => `${reason}: ${count}`).join(', ') : t('app.none')}</dd></div>
        {sensor.trust?.certificateExpireTime && <div class="fact"><dt class="muted small">{t('sensors.certificate')}</dt><dd><Time value={sensor.trust.certificateExpireTime} /></dd></div>}
      </dl>
    </section>
  );
}

function Row({ sensor, rate, open }: { sensor: Sensor; rate: number; open: boolean }) {
  const drops = allDrops(sensor);
  return (
    <tr class={open ? 'open' : ''}>
      <th scope="row"><a href={open ? '/sensors' : `/sensors/${encodeURIComponent(sensor.id ?? '')}`} aria-current={open ? 'true' : undefined}>{sensor.id}</a></th>
      <td>{sensor.site}</td>
      <td><LinkOf sensor={sensor} /></td>
      <td><ClockOf sensor={sensor} /></td>
      <td class="right">{drops > 0 ? <span class="chip bad">{number(drops, locale())}</span> : t('sensors.noDrops')}</td>
      <td><SpoolOf sensor={sensor} /></td>
      <td class="right" title={t('sensors.received', { bytes: bytes(sensor.bytesReceived, locale()) })}>
        {Number.isNaN(rate) ? bytes(sensor.bytesReceived, locale()) : t('sensors.rate', { rate: bytes(rate, locale()) })}
      </td>
      <td class="muted">{sensor.version}</td>
    </tr>
  );
}

export function Sensors({ id }: { id: string }) {
  const before = useRef(new Map<string, { at: number; bytes: number }>());
  const asked = useLoad('sensors', async (signal) => {
    const response = await rpc('SensorService/ListSensors', {}, signal);
    const at = Date.now();
    const rates = new Map<string, number>();
    for (const sensor of response.sensors ?? []) {
      const total = Number(sensor.bytesReceived ?? 0);
      rates.set(sensor.id ?? '', rateOf(before.current.get(sensor.id ?? ''), at, total));
      before.current.set(sensor.id ?? '', { at, bytes: total });
    }
    return { ...response, rates };
  });
  useEvery(POLL_MS, asked.reload);
  const sensors = asked.value?.sensors ?? [];
  const chosen = sensors.find((sensor) => sensor.id === id);
  const strangers = Object.entries(asked.value?.refusedStrangers ?? {});
  return (
    <>
      <div class="page-head"><h1>{t('sensors.title')}</h1></div>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      <div class="panel">
        {!asked.value && asked.error == null && <Skeleton lines={5} />}
        {asked.value && sensors.length === 0 && <Empty icon="sensors" title={t('sensors.noneTitle')}><p>{t('sensors.noneText')}</p><Command text={sensorCommand} /></Empty>}
        {sensors.length > 0 && (
          <div class="scroll-x" tabIndex={0} role="region" aria-label={t('sensors.title')}>
            <table class="data sensors">
              <thead>
                <tr>
                  <th scope="col">{t('sensors.sensor')}</th><th scope="col">{t('sensors.site')}</th><th scope="col">{t('sensors.link')}</th>
                  <th scope="col">{t('sensors.clock')}</th><th scope="col" class="right">{t('sensors.drops')}</th><th scope="col">{t('sensors.spool')}</th>
                  <th scope="col" class="right">{t('sensors.wan')}</th><th scope="col">{t('sensors.version')}</th>
                </tr>
              </thead>
              <tbody>{sensors.map((sensor) => <Row key={sensor.id} sensor={sensor} rate={asked.value!.rates.get(sensor.id ?? '') ?? NaN} open={sensor.id === id} />)}</tbody>
            </table>
          </div>
        )}
      </div>
      {chosen && <More sensor={chosen} />}
      {strangers.length > 0 && <p class="notice warn">{t('sensors.strangers', { list: strangers.map(([reason, count]) => `${reason}: ${count}`).join(', ') })}</p>}
      {sensors.length > 0 && <Doctor sensor={chosen ? id : ''} />}
    </>
  );
}
