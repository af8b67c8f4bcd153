// The page Live: calls in progress.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Call, CallState } from '../api/types';
import { watch, type Link } from '../api/watch';
import { sitesOf } from '../calls/sites';
import { CallTable } from '../calls/table';
import { number } from '../format';
import { locale, t } from '../i18n';
import { useEvery } from '../ui/load';
import { Empty, LinkState, Skeleton } from '../ui/parts';
import { Begun, busiest, follow, newestFirst, type Busy } from './counts';

const GATHER_MS = 300;
const SHOWN = 200;
const NAMED = 20;

interface Now {
  calls: Call[];
  // In the last minute.
  begun: Call[];
}

function useLive(): { now: Now | undefined; link: Link } {
  const [now, setNow] = useState<Now>();
  const [link, setLink] = useState<Link>('connecting');
  const changed = useRef(false);
  useEffect(() => {
    let current = new Map<string, Call>();
    const begun = new Begun();
    const stop = watch('CallService/WatchCalls', { includeCurrent: true }, (change) => {
      begun.take(change, current.has(change.call?.id ?? ''), Date.now());
      follow(current, change);
      changed.current = true;
    }, (state, resumed) => {
      setLink(state);
      // All that goes on is told anew, unless only what changed is.
      if (state === 'live' && !resumed) { current = new Map(); changed.current = true; }
    });
    const timer = window.setInterval(() => {
      if (!begun.forget(Date.now()) && !changed.current) return;
      changed.current = false;
      setNow({ calls: newestFirst(current.values()), begun: begun.calls() });
    }, GATHER_MS);
    return () => { stop(); window.clearInterval(timer); };
  }, []);
  return { now, link };
}

function Tile({ label, value }: { label: string; value: number }) {
  return <div class="tile panel"><strong>{number(value, locale())}</strong><span class="muted">{label}</span></div>;
}

function Bars({ title, rows }: { title: string; rows: Busy[] }) {
  const most = Math.max(1, ...rows.map(({ inProgress }) => inProgress));
  if (rows.length === 0) return null;
  return (
    <section class="panel pad stack tight">
      <h2>{title}</h2>
      <ul class="bars begun">
        <li class="muted small" aria-hidden="true"><span /><span /><span class="right">{t('live.running')}</span><span class="right">{t('live.perMinute')}</span></li>
        {rows.slice(0, NAMED).map(({ name, inProgress, begun }) => (
          <li key={name}>
            <span class="break">{name}</span><meter min={0} max={most} value={inProgress} aria-label={name} />
            <strong title={t('live.inProgress')}>{number(inProgress, locale())}</strong>
            <span class="right" title={t('live.minute')}>{number(begun, locale())}<span class="hidden-label"> {t('live.minute')}</span></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Live() {
  const { now, link } = useLive();
  const [time, setTime] = useState(() => Date.now());
  useEvery(1000, () => setTime(Date.now()));
  const calls = now?.calls ?? [];
  const begun = now?.begun ?? [];
  const count = (state: CallState) => calls.filter((call) => call.state === state).length;
  return (
    <>
      <div class="page-head"><h1>{t('live.title')}</h1><span class="grow" /><LinkState link={link} /></div>
      <div class="tiles" role="status">
        <Tile label={t('live.inProgress')} value={count('CALL_STATE_ACTIVE')} />
        <Tile label={t('live.ringing')} value={count('CALL_STATE_RINGING')} />
        <Tile label={t('live.settingUp')} value={count('CALL_STATE_SETUP')} />
        <Tile label={t('live.minute')} value={begun.length} />
      </div>
      <div class="halves">
        <Bars title={t('live.bySite')} rows={busiest(calls, begun, sitesOf)} />
        <Bars title={t('live.bySensor')} rows={busiest(calls, begun, (call) => call.sensors ?? [])} />
      </div>
      <div class="panel">
        {!now && <Skeleton lines={6} />}
        {now && calls.length === 0 && <Empty icon="live" title={t('live.noneTitle')}><p>{t('live.noneText')}</p></Empty>}
        {calls.length > 0 && <CallTable calls={calls.slice(0, SHOWN)} now={time} />}
        {calls.length > SHOWN && <p class="muted pad">{t('live.capped', { n: SHOWN })}</p>}
      </div>
    </>
  );
}
