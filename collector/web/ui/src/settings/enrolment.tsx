// Which sensors may connect.
import { useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { EnrollSensorResponse, Sensor, SensorTrust } from '../api/types';
import { dateTime } from '../format';
import { t } from '../i18n';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { Command, Dialog, ErrorNotice, Field, Skeleton, Time } from '../ui/parts';
import { words } from './rights';
import { Confirm } from './tokens';

function Enroll({ onDone }: { onDone: () => void }) {
  const [form, setForm] = useState({ id: '', site: '', points: '', hours: 1 });
  const [error, setError] = useState<unknown>(null);
  const [made, setMade] = useState<EnrollSensorResponse | null>(null);
  const put = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      setMade(await rpc('SensorService/EnrollSensor', { id: form.id.trim(), site: form.site.trim(), capturePoints: words(form.points), validSeconds: form.hours * 3600 }));
    } catch (reason) {
      setError(reason);
    }
  };
  if (made) {
    const command = `echo '${made.token}' > ${form.id.trim()}.token\ncallbraid-sensor enroll --collector COLLECTOR:PORT \\\n    --token-file ${form.id.trim()}.token --out ./tls`;
    return (
      <Dialog title={t('enroll.secretTitle', { name: form.id.trim() })} onClose={onDone}>
        <p>{t('enroll.secretText', { time: dateTime(made.expireTime) })}</p>
        <Command text={command} />
        <p class="muted">{t('app.placeholder')}</p>
        <div class="row"><button type="button" class="button primary" onClick={onDone}>{t('app.close')}</button></div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t('enroll.create')} onClose={onDone}>
      <form class="stack" onSubmit={submit}>
        <Field id="e-id" label={t('enroll.id')}><input id="e-id" required maxLength={64} pattern="[A-Za-z0-9._\-]+" autoFocus autocomplete="off" value={form.id} onInput={(event) => put({ id: event.currentTarget.value })} /></Field>
        <Field id="e-site" label={t('enroll.site')} hint={t('enroll.siteText')}><input id="e-site" required maxLength={64} pattern="[A-Za-z0-9._\-]+" value={form.site} onInput={(event) => put({ site: event.currentTarget.value })} /></Field>
        <Field id="e-points" label={t('enroll.points')} hint={t('enroll.pointsText')}><input id="e-points" value={form.points} onInput={(event) => put({ points: event.currentTarget.value })} /></Field>
        <Field id="e-hours" label={t('enroll.hours')}>
          <span class="row"><input id="e-hours" type="number" min={1} max={720} required value={form.hours} onInput={(event) => put({ hours: Number(event.currentTarget.value) })} />{t('enroll.hoursUnit')}</span>
        </Field>
        {error != null && <ErrorNotice error={error} />}
        <div class="row"><button class="button primary">{t('enroll.make')}</button><button type="button" class="button" onClick={onDone}>{t('app.cancel')}</button></div>
      </form>
    </Dialog>
  );
}

function State({ trust }: { trust: SensorTrust | undefined }) {
  if (trust?.revokeTime) return <span class="chip bad">{t('enroll.revokedAt', { time: dateTime(trust.revokeTime) })}</span>;
  if (trust?.tokenExpireTime) return <span class="chip accent">{t('enroll.invited', { time: dateTime(trust.tokenExpireTime) })}</span>;
  return trust?.enrollTime ? <span class="chip good">{t('enroll.enrolled')}</span> : <span class="muted">{t('enroll.notHere')}</span>;
}

function Row({ sensor, onRevoke, onAllow }: { sensor: Sensor; onRevoke: () => void; onAllow: () => void }) {
  const trust = sensor.trust;
  const bound = [trust?.site || trust?.invitedSite, ...(trust?.capturePoints ?? trust?.invitedCapturePoints ?? [])].filter(Boolean).join(' · ');
  return (
    <tr>
      <th scope="row">{sensor.id}</th>
      <td><State trust={trust} /></td>
      <td>{bound || '–'}</td>
      <td><Time value={trust?.certificateExpireTime} /></td>
      <td class="right">
        {trust?.revokeTime
          ? <button type="button" class="button" aria-label={t('enroll.allowOf', { name: sensor.id ?? '' })} onClick={onAllow}>{t('enroll.allow')}</button>
          : <button type="button" class="button" aria-label={t('enroll.revokeOf', { name: sensor.id ?? '' })} onClick={onRevoke}>{t('enroll.revoke')}</button>}
      </td>
    </tr>
  );
}

export function Enrolment() {
  const asked = useLoad('trust', (signal) => rpc('SensorService/ListSensors', {}, signal));
  const [enrolling, setEnrolling] = useState(false);
  const [revoking, setRevoking] = useState<Sensor | null>(null);
  const [error, setError] = useState<unknown>(null);
  const sensors = asked.value?.sensors ?? [];
  const allow = (sensor: Sensor) => {
    setError(null);
    rpc('SensorService/AllowSensor', { id: sensor.id! }).then(asked.reload, setError);
  };
  const heads = ['sensors.sensor', 'enroll.state', 'enroll.boundTo', 'enroll.certificate'] as const;
  return (
    <section class="panel" aria-label={t('enroll.title')}>
      <div class="row spread pad"><h2>{t('enroll.title')}</h2><button type="button" class="button" onClick={() => setEnrolling(true)}><Icon name="plus" />{t('enroll.create')}</button></div>
      {(asked.error ?? error) != null && <ErrorNotice error={asked.error ?? error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <Skeleton lines={3} />}
      {sensors.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label={t('enroll.title')}>
          <table class="data">
            <thead><tr>{heads.map((head) => <th key={head} scope="col">{t(head)}</th>)}<th scope="col"><span class="hidden-label">{t('enroll.revoke')}</span></th></tr></thead>
            <tbody>{sensors.map((sensor) => <Row key={sensor.id} sensor={sensor} onRevoke={() => setRevoking(sensor)} onAllow={() => allow(sensor)} />)}</tbody>
          </table>
        </div>
      )}
      {enrolling && <Enroll onDone={() => { setEnrolling(false); asked.reload(); }} />}
      {revoking && (
        <Confirm title={t('enroll.revokeOf', { name: revoking.id ?? '' })} text={t('enroll.revokeAsk', { name: revoking.id ?? '' })} action={t('enroll.revoke')}
          onYes={() => rpc('SensorService/RevokeSensor', { id: revoking.id! })} onNo={() => { setRevoking(null); asked.reload(); }} />
      )}
    </section>
  );
}
