// The page Sensors: how they fare, and what the doctor says of their mirrors.
import { useRef, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { Sensor, SensorCapturePoint, SignallingHost } from '../api/types';
import { sensorCommand } from '../calls/calls';
import { number } from '../format';
import { locale, t } from '../i18n';
import { setQuery, useRoute } from '../route';
import { isAdmin, useSession } from '../session';
import { Icon } from '../ui/icons';
import { useEvery, useLoad } from '../ui/load';
import { Command, Empty, ErrorNotice, Skeleton, Time } from '../ui/parts';
import { CertificateOf, ClockOf, DropsOf, LinkOf, SpoolOf, WanOf } from './cells';
import { Doctor } from './doctor';
import { SensorMap } from './map';
import { dropsOf, rateOf } from './sensor_facts';

const POLL_MS = 5000;

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

function Row({ sensor, rate, now, open }: { sensor: Sensor; rate: number; now: number; open: boolean }) {
  return (
    <tr class={open ? 'open' : ''}>
      <th scope="row"><a href={open ? '/sensors' : `/sensors/${encodeURIComponent(sensor.id ?? '')}`} aria-current={open ? 'true' : undefined}>{sensor.id}</a></th>
      <td>{sensor.site}</td>
      <td><LinkOf sensor={sensor} /></td>
      <td><ClockOf sensor={sensor} /></td>
      <td class="right"><DropsOf sensor={sensor} /></td>
      <td><SpoolOf sensor={sensor} /></td>
      <td class="right"><WanOf sensor={sensor} rate={rate} /></td>
      <td><CertificateOf sensor={sensor} now={now} /></td>
      <td class="muted">{sensor.version}</td>
    </tr>
  );
}

function Table({ sensors, rates, now, chosen }: { sensors: Sensor[]; rates: Map<string, number>; now: number; chosen: string }) {
  return (
    <div class="panel scroll-x" tabIndex={0} role="region" aria-label={t('sensors.title')}>
      <table class="data sensors">
        <thead>
          <tr>
            <th scope="col">{t('sensors.sensor')}</th><th scope="col">{t('sensors.site')}</th><th scope="col">{t('sensors.link')}</th>
            <th scope="col">{t('sensors.clock')}</th><th scope="col" class="right">{t('sensors.drops')}</th><th scope="col">{t('sensors.spool')}</th>
            <th scope="col" class="right">{t('sensors.wan')}</th><th scope="col">{t('sensors.certificateEnds')}</th><th scope="col">{t('sensors.version')}</th>
          </tr>
        </thead>
        <tbody>{sensors.map((sensor) => <Row key={sensor.id} sensor={sensor} rate={rates.get(sensor.id ?? '') ?? NaN} now={now} open={sensor.id === chosen} />)}</tbody>
      </table>
    </div>
  );
}

function Head({ map, some }: { map: boolean; some: boolean }) {
  const admin = isAdmin(useSession());
  return (
    <div class="page-head">
      <h1>{t('sensors.title')}</h1>
      <span class="grow" />
      {some && (
        <div class="row" role="group" aria-label={t('sensors.view')}>
          <button type="button" class={`toggle ${map ? '' : 'on'}`} aria-pressed={!map} onClick={() => setQuery({ view: null })}>{t('sensors.asTable')}</button>
          <button type="button" class={`toggle ${map ? 'on' : ''}`} aria-pressed={map} onClick={() => setQuery({ view: 'map' })}>{t('sensors.asMap')}</button>
        </div>
      )}
      {admin && <a class="button" href="/settings"><Icon name="plus" />{t('enroll.create')}</a>}
    </div>
  );
}

export function Sensors({ id }: { id: string }) {
  const map = useRoute().query.get('view') === 'map';
  const before = useRef(new Map<string, { at: number; bytes: number }>());
  const [hosts, setHosts] = useState<SignallingHost[]>([]);
  const asked = useLoad('sensors', async (signal) => {
    const response = await rpc('SensorService/ListSensors', {}, signal);
    const at = Date.now();
    const rates = new Map<string, number>();
    for (const sensor of response.sensors ?? []) {
      const total = Number(sensor.bytesReceived ?? 0);
      rates.set(sensor.id ?? '', rateOf(before.current.get(sensor.id ?? ''), at, total));
      before.current.set(sensor.id ?? '', { at, bytes: total });
    }
    return { ...response, rates, at };
  });
  useEvery(POLL_MS, asked.reload);
  const sensors = asked.value?.sensors ?? [];
  const chosen = sensors.find((sensor) => sensor.id === id);
  const strangers = Object.entries(asked.value?.refusedStrangers ?? {});
  const shown = asked.value && { sensors, rates: asked.value.rates, now: asked.value.at, chosen: id };
  return (
    <>
      <Head map={map} some={sensors.length > 0} />
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <div class="panel"><Skeleton lines={5} /></div>}
      {asked.value && sensors.length === 0 && <div class="panel"><Empty icon="sensors" title={t('sensors.noneTitle')}><p>{t('sensors.noneText')}</p><Command text={sensorCommand} /><p>{t('app.placeholder')}</p></Empty></div>}
      {shown && sensors.length > 0 && (map ? <SensorMap {...shown} hosts={hosts} /> : <Table {...shown} />)}
      {chosen && <More sensor={chosen} />}
      {strangers.length > 0 && <p class="notice warn">{t('sensors.strangers', { list: strangers.map(([reason, count]) => `${reason}: ${count}`).join(', ') })}</p>}
      {sensors.length > 0 && <Doctor sensor={chosen ? id : ''} onHosts={setHosts} />}
    </>
  );
}
