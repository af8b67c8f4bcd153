// The page Completeness: whether what should be recorded is.
import { useMemo } from 'preact/hooks';
import { rpc } from '../api/client';
import type { DayCompleteness, GetCompletenessResponse } from '../api/types';
import { Chart } from '../call/chart';
import { day, number, percent } from '../format';
import { locale, t } from '../i18n';
import { setQuery } from '../route';
import { mayOpen, useSession } from '../session';
import { useLoad } from '../ui/load';
import { Empty, ErrorNotice, Field, Skeleton, Time } from '../ui/parts';
import { Reconcile } from './reconcile';
import { callsOf, flaws, hasShare, parseDays, searchFor, sharesBySite, startBefore, startFrom, totals, unheard, viewersZone, type Days } from './wholeness';

const colours = ['--accent', '--caller', '--good', '--bad', '--muted'];

function Shares({ days }: { days: DayCompleteness[] }) {
  const { dates, sites } = useMemo(() => sharesBySite(days), [days]);
  if (dates.length < 2) return null;
  return (
    <section class="panel pad stack tight">
      <h2>{t('whole.overTime')}</h2>
      <Chart label={t('whole.overTime')} range={[0, 100]} fixed times={dates.map((_, i) => i)}
        lines={sites.map(({ site, shares }, i) => ({ label: site || t('whole.noSite'), colour: colours[i]!, values: shares }))}
        at={{ label: t('whole.day'), text: (i) => dates[i] ?? '' }} />
    </section>
  );
}

function Row({ one }: { one: DayCompleteness }) {
  const whole = callsOf(one.counts, 'WHOLENESS_WHOLE');
  const answered = Number(one.answered ?? 0);
  return (
    <tr>
      <th scope="row"><a class="nowrap" href={searchFor(one)}>{one.date}</a></th>
      <td>{one.site || '–'}</td>
      <td class="right">{number(answered, locale())}</td>
      <td class="right">{number(whole, locale())}</td>
      <td class="right nowrap">{hasShare(one) ? <span class={`chip ${whole === answered ? 'good' : 'warn'}`}>{percent(whole, answered, locale())}</span> : <span class="muted" title={t('whole.noShare')}>–</span>}</td>
      {flaws.map((flaw) => {
        const calls = callsOf(one.counts, flaw);
        return <td key={flaw} class="right">{calls > 0 ? <a href={searchFor(one, flaw)} aria-label={t('whole.open', { n: calls, what: t(`wholeness.${flaw}`), date: one.date ?? '' })}>{number(calls, locale())}</a> : <span class="muted">–</span>}</td>;
      })}
    </tr>
  );
}

function Table({ days }: { days: DayCompleteness[] }) {
  return (
    <>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('whole.byDay')}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t('whole.day')}</th><th scope="col">{t('sensors.site')}</th>
              <th scope="col" class="right">{t('whole.answered')}</th><th scope="col" class="right">{t('wholeness.WHOLENESS_WHOLE')}</th><th scope="col" class="right">{t('whole.share')}</th>
              {flaws.map((flaw) => <th key={flaw} scope="col" class="right">{t(`wholeness.${flaw}`)}</th>)}
            </tr>
          </thead>
          <tbody>{[...days].reverse().map((one) => <Row key={`${one.date} ${one.site}`} one={one} />)}</tbody>
        </table>
      </div>
      <p class="muted pad">{t('whole.linksText')}{!days.every(hasShare) && ` ${t('whole.noShare')}`}</p>
    </>
  );
}

function Unheard({ days }: { days: Days }) {
  const request = { from: startFrom(days), before: startBefore(days) };
  const asked = useLoad(JSON.stringify(request), (signal) => rpc('SensorService/Diagnose', request, signal));
  const hosts = unheard(asked.value?.hosts);
  return (
    <section class="panel stack tight" aria-label={t('whole.unheard')}>
      <div class="pad stack tight"><h2>{t('whole.unheard')}</h2><p class="muted">{t('whole.unheardText')}</p><a href="/sensors">{t('nav.sensors')}</a></div>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <Skeleton lines={2} />}
      {asked.value && hosts.length === 0 && <p class="pad">{t('whole.allHeard')}</p>}
      {hosts.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label={t('whole.unheard')}>
          <table class="data">
            <thead><tr><th scope="col">{t('doctor.number')}</th><th scope="col">{t('doctor.host')}</th><th scope="col">{t('sensors.site')}</th><th scope="col" class="right">{t('doctor.callsWith')}</th></tr></thead>
            <tbody>
              {hosts.map((host) => (
                <tr key={`${host.site} ${host.address}`}>
                  <th scope="row">{host.number || t('doctor.phone')}</th>
                  <td><span class="mono">{host.address}</span> <span class="muted small mono">{host.mac}</span></td>
                  <td>{host.site}</td>
                  <td class="right">{number(host.calls, locale())}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asked.value?.truncated && <p class="muted pad">{t('doctor.truncated')}</p>}
    </section>
  );
}

function Summary({ found }: { found: GetCompletenessResponse }) {
  const days = found.days ?? [];
  const { whole, answered } = totals(days);
  const told = totals(days.filter(hasShare));
  return (
    <div class="tiles" role="status">
      <div class="tile panel"><strong>{percent(told.whole, told.answered, locale())}</strong><span class="muted">{t('whole.wholeShare')}</span></div>
      <div class="tile panel"><strong>{number(answered, locale())}</strong><span class="muted">{t('whole.answeredCalls')}</span></div>
      <div class="tile panel"><strong>{number(answered - whole, locale())}</strong><span class="muted">{t('whole.notWhole')}</span></div>
    </div>
  );
}

export function Completeness({ query }: { query: URLSearchParams }) {
  const session = useSession();
  const days = parseDays(query, new Date());
  const request = { startFrom: startFrom(days), startBefore: startBefore(days), timeZone: viewersZone() };
  const asked = useLoad<GetCompletenessResponse>(JSON.stringify(request), (signal) => rpc('CompletenessService/GetCompleteness', request, signal));
  const counted = asked.value?.days ?? [];
  const put = (key: 'from' | 'to') => (event: { currentTarget: HTMLInputElement }) => setQuery({ [key]: event.currentTarget.value || null });
  return (
    <>
      <div class="page-head">
        <h1>{t('whole.title')}</h1><span class="muted">{t('whole.intro')}</span><span class="grow" />
        <Field id="w-from" label={t('whole.from')}><input id="w-from" type="date" max={day(new Date())} value={days.from} onChange={put('from')} /></Field>
        <Field id="w-to" label={t('whole.to')}><input id="w-to" type="date" max={day(new Date())} value={days.to} onChange={put('to')} /></Field>
      </div>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <div class="panel"><Skeleton lines={6} /></div>}
      {asked.value && counted.length === 0 && <div class="panel"><Empty icon="completeness" title={t('whole.noneTitle')}><p>{t('whole.noneText')}</p></Empty></div>}
      {asked.value?.truncated && <p class="notice warn"><span>{t('whole.truncated')} <Time value={asked.value.countedFrom} /></span></p>}
      {counted.length > 0 && <><Summary found={asked.value!} /><Shares days={counted} /><section class="panel"><Table days={counted} /></section></>}
      {counted.length > 0 && mayOpen(session, 'sensors') && <Unheard days={days} />}
      <Reconcile />
    </>
  );
}
