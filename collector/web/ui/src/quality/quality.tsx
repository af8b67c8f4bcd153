// The page Quality: how many calls there were, when and where, and how good.
import { useMemo, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { CallFlag, CallInterval, CallState, CountCallsResponse } from '../api/types';
import { Chart, type Line } from '../call/chart';
import { parseFilter, toQuery, type Filter, type Range } from '../calls/filter';
import { CustomRange, RangeSelect, SiteSelect } from '../calls/range';
import { clock, day, number, percent } from '../format';
import { locale, t } from '../i18n';
import { navigate } from '../route';
import { useLoad } from '../ui/load';
import { Empty, ErrorNotice, Skeleton } from '../ui/parts';
import { askForBad, limitOf } from './bad_calls';
import { askFor, callsIn, countedRanges, meanMos, meanTalkMs, sitesIn, stepOf, steps, sumOf, withRange, worstMos, type Step, type Sum } from './counts';
import { Worst } from './worst';

// From below.
const stack: { state: CallState; colour: string }[] = [
  { state: 'CALL_STATE_COMPLETED', colour: '--accent' }, { state: 'CALL_STATE_ACTIVE', colour: '--good' }, { state: 'CALL_STATE_RINGING', colour: '--warn' },
  { state: 'CALL_STATE_SETUP', colour: '--line-strong' }, { state: 'CALL_STATE_UNANSWERED', colour: '--bad' },
];
// What is heard, or rather not.
const hurts: { flag: CallFlag; colour: string }[] = [
  { flag: 'CALL_FLAG_NO_MEDIA', colour: '--bad' }, { flag: 'CALL_FLAG_ONE_WAY', colour: '--caller' }, { flag: 'CALL_FLAG_CAPTURE_LOSS', colour: '--muted' },
];

const two = (value: number) => String(value).padStart(2, '0');

// "2026-11-23", or "2026-11-23 10:15" where intervals are shorter than days.
function beginning(interval: CallInterval | undefined, long: boolean): string {
  if (!interval?.startTime) return '';
  const at = new Date(interval.startTime);
  return long ? day(at) : `${day(at)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const mosText = (mos: number | null) => (mos === null ? '–' : number(mos, locale(), 1));

interface Counted { intervals: CallInterval[]; sums: Sum[]; total: Sum; long: boolean; site: string }

function Charts({ intervals, sums, total, long, site }: Counted) {
  if (intervals.length < 2) return null;
  const times = intervals.map((_, i) => i);
  const at = { label: t('stats.start'), text: (i: number) => beginning(intervals[i], long).slice(long ? 0 : 'yyyy-'.length) };
  const open = (i: number) => navigate(callsIn(intervals[i]?.startTime, intervals[i]?.endTime, site));
  const states: Line[] = stack.filter(({ state }) => total.states[state]).map(({ state, colour }) => ({ label: t(`state.${state}`), colour, values: sums.map((sum) => sum.states[state] ?? 0) }));
  const answered: Line = { label: '%', colour: '--accent', values: sums.map((sum) => (sum.calls > 0 ? 100 * sum.answered / sum.calls : null)) };
  const flawed: Line[] = hurts.filter(({ flag }) => total.flags[flag]).map(({ flag, colour }) => ({ label: t(`flag.${flag}`), colour, values: sums.map((sum) => sum.flags[flag] ?? 0) }));
  const mos: Line[] = [
    { label: t('stats.meanMos'), colour: '--accent', values: sums.map(meanMos) }, { label: t('stats.worstMos'), colour: '--bad', values: sums.map(worstMos) },
  ];
  const chart = (title: string, lines: Line[], range: [number, number], more: { fixed?: boolean; stacked?: boolean } = {}) => lines.length > 0 && (
    <section class="panel pad stack tight">
      <h2>{title}</h2>
      <Chart label={title} range={range} times={times} lines={lines} at={at} onPick={open} {...more} />
    </section>
  );
  return (
    <>
      {chart(t('stats.overTime'), states, [0, 1], { stacked: true })}
      <p class="muted">{t('stats.pick')}</p>
      <div class="halves">
        {chart(t('stats.answeredShare'), [answered], [0, 100], { fixed: true })}
        {chart(t('stats.flawed'), flawed, [0, 1])}
        {total.heard > 0 && chart(t('stats.mos'), mos, [1, 5], { fixed: true })}
      </div>
    </>
  );
}

// Without `link`: the calls can not be asked for.
function Cells({ sum, link }: { sum: Sum; link?: ((flag?: CallFlag) => string) | undefined }) {
  return (
    <>
      <td class="right">{number(sum.calls, locale())}</td>
      <td class="right nowrap">{percent(sum.answered, sum.calls, locale())}</td>
      <td class="right">{clock(meanTalkMs(sum))}</td>
      {hurts.map(({ flag }) => <td key={flag} class="right">{!sum.flags[flag] ? <span class="muted">–</span> : link ? <a href={link(flag)}>{number(sum.flags[flag], locale())}</a> : number(sum.flags[flag], locale())}</td>)}
      <td class="right">{mosText(meanMos(sum))}</td>
      <td class="right">{mosText(worstMos(sum))}</td>
    </>
  );
}

function Titles({ first }: { first: string }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th><th scope="col" class="right">{t('stats.calls')}</th><th scope="col" class="right">{t('stats.answered')}</th><th scope="col" class="right">{t('stats.meanTalk')}</th>
        {hurts.map(({ flag }) => <th key={flag} scope="col" class="right">{t(`flag.${flag}`)}</th>)}
        <th scope="col" class="right">{t('stats.meanMos')}</th><th scope="col" class="right">{t('stats.worstMos')}</th>
      </tr>
    </thead>
  );
}

function Sites({ intervals, only }: { intervals: CallInterval[]; only: (site: string) => string }) {
  const rows = useMemo(() => sitesIn(intervals).map((site) => ({
    site, sum: sumOf(intervals.flatMap((interval) => interval.counts ?? []).filter((one) => (one.site ?? '') === site)),
  })), [intervals]);
  const [first, last] = [intervals[0]?.startTime, intervals[intervals.length - 1]?.endTime];
  return (
    <section class="panel" aria-label={t('stats.bySite')}>
      <h2 class="pad">{t('stats.bySite')}</h2>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('stats.bySite')}>
        <table class="data">
          <Titles first={t('stats.site')} />
          <tbody>
            {rows.map(({ site, sum }) => (
              <tr key={site}>
                <th scope="row">{site ? <a href={only(site)} title={t('stats.only', { site })}>{site}</a> : <span class="muted">{t('stats.noSite')}</span>}</th>
                <Cells sum={sum} link={site ? (flag) => callsIn(first, last, site, flag) : undefined} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

// The same as the charts, for those who cannot see them.
function Intervals({ intervals, sums, long, site }: Counted) {
  const rows = intervals.map((interval, i) => ({ interval, sum: sums[i]! })).filter(({ sum }) => sum.calls > 0).reverse();
  return (
    <details class="panel">
      <summary class="pad"><strong>{t('stats.byTime')}</strong></summary>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('stats.byTime')}>
        <table class="data">
          <Titles first={t('stats.start')} />
          <tbody>
            {rows.map(({ interval, sum }) => {
              const time = beginning(interval, long);
              const link = (flag?: CallFlag) => callsIn(interval.startTime, interval.endTime, site, flag);
              return <tr key={interval.startTime}><th scope="row"><a class="nowrap" href={link()} aria-label={t('stats.open', { time })}>{time}</a></th><Cells sum={sum} link={link} /></tr>;
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Summary({ total }: { total: Sum }) {
  const tiles: [string, string][] = [
    [number(total.calls, locale()), t('stats.calls')], [percent(total.answered, total.calls, locale()), t('stats.answered')], [clock(meanTalkMs(total)), t('stats.meanTalk')],
    ...hurts.map(({ flag }): [string, string] => [number(total.flags[flag], locale()), t(`flag.${flag}`)]),
  ];
  if (total.heard > 0) tiles.push([mosText(meanMos(total)), t('stats.meanMos')]);
  return <div class="tiles" role="status">{tiles.map(([value, label]) => <div key={label} class="tile panel"><strong>{value}</strong><span class="muted">{label}</span></div>)}</div>;
}

function addressOf({ range, from, before, site, mosBelow }: Filter, step: Step | ''): string {
  const query = new URLSearchParams(toQuery({ ...parseFilter(new URLSearchParams()), range, from, before, site, mosBelow }));
  if (step) query.set('step', step);
  return `/quality?${query}`;
}

export function Quality({ query }: { query: URLSearchParams }) {
  const filter = withRange(parseFilter(query));
  const step = stepOf(query.get('step'));
  const [custom, setCustom] = useState(false);
  // The same as long as time and site are: what is asked of them stands when intervals or the limit change.
  const now = useMemo(() => new Date(), [filter.range, filter.from, filter.before, filter.site]);
  // One of each question, so that an answer is one to the question that stands.
  const { byTime, bySite } = useMemo(() => askFor(filter, step, now), [query.toString()]);
  const asked = useLoad<CountCallsResponse>(JSON.stringify(byTime), (signal) => rpc('CallService/CountCalls', byTime, signal));
  const sites = useLoad<CountCallsResponse>(JSON.stringify(bySite), (signal) => rpc('CallService/CountCalls', bySite, signal));
  const bad = useMemo(() => askForBad(filter, byTime), [byTime]);
  const atSites = sites.value?.intervals ?? [];
  const show = (next: Filter, by = step) => navigate(addressOf(next, by));
  const pick = (range: Range) => {
    setCustom(range === 'custom');
    if (range !== 'custom') show({ ...filter, range, from: '', before: '' });
  };
  const counted = useMemo((): Counted | null => {
    const intervals = asked.value?.intervals;
    if (!intervals) return null;
    const sums = intervals.map((interval) => sumOf(interval.counts ?? []));
    return { intervals, sums, total: sumOf(intervals.flatMap((interval) => interval.counts ?? [])), long: parseFloat(byTime.interval!) >= steps.day, site: filter.site };
  }, [asked.value]);
  const none = asked.value && !counted?.total.calls;
  const range: Range = custom ? 'custom' : filter.range;
  return (
    <>
      <div class="page-head"><h1>{t('stats.title')}</h1><span class="muted">{t('stats.intro')}</span></div>
      <div class="panel pad stack tight">
        <div class="row">
          <RangeSelect value={range} choices={countedRanges} onPick={pick} />
          <SiteSelect value={filter.site} sites={sitesIn(atSites).filter(Boolean)} onPick={(site) => show({ ...filter, site })} />
          <select aria-label={t('stats.step')} value={step || 'auto'} onChange={(event) => show(filter, stepOf(event.currentTarget.value))}>
            {(['auto', ...Object.keys(steps)] as ('auto' | Step)[]).map((one) => <option key={one} value={one}>{t(`stats.step.${one}`)}</option>)}
          </select>
        </div>
        {range === 'custom' && <CustomRange filter={filter} onChange={(next) => show(next)} />}
      </div>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {asked.error == null && sites.error != null && <ErrorNotice error={sites.error} onRetry={sites.reload} />}
      {!asked.value && asked.error == null && <div class="panel"><Skeleton lines={6} /></div>}
      {none && <div class="panel"><Empty icon="quality" title={t('stats.noneTitle')}><p>{t('stats.noneText')}</p></Empty></div>}
      {counted && !none && (
        <>
          <Summary total={counted.total} /><Charts {...counted} />
          {!filter.site && <Sites intervals={atSites} only={(site) => addressOf({ ...filter, site }, step)} />}<Intervals {...counted} />
          <p class="muted">{t('stats.note')}</p>
        </>
      )}
      <Worst asked={bad} limit={limitOf(filter)} onLimit={(mosBelow) => show({ ...filter, mosBelow })} />
    </>
  );
}
