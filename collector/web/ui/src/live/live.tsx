// The page Live: calls in progress.
import { useEffect, useRef, useState } from 'preact/hooks';
import { watch, type Link } from '../api/client';
import type { Call, CallState } from '../api/types';
import { sitesOf } from '../calls/sites';
import { CallTable } from '../calls/table';
import { number } from '../format';
import { locale, t } from '../i18n';
import { useEvery } from '../ui/load';
import { Empty, LinkState, Skeleton } from '../ui/parts';
import { follow, newestFirst, tally } from './counts';

const GATHER_MS = 300;
const SHOWN = 200;
const MINUTE = 60_000;

interface Now {
  calls: Call[];
  // Calls begun in the last minute, by when they were first heard of.
  begun: number;
}

function useLive(): { now: Now | undefined; link: Link } {
  const [now, setNow] = useState<Now>();
  const [link, setLink] = useState<Link>('connecting');
  const changed = useRef(false);
  useEffect(() => {
    let current = new Map<string, Call>();
    const begun = new Map<string, number>();
    const stop = watch('CallService/WatchCalls', { includeCurrent: true }, (change) => {
      const id = change.call?.id ?? '';
      if (change.change === 'CHANGE_UPDATED' && !current.has(id) && !begun.has(id) && Date.parse(change.call?.startTime ?? '') > Date.now() - MINUTE) begun.set(id, Date.now());
      follow(current, change);
      changed.current = true;
    }, (state, resumed) => {
      setLink(state);
      // All that goes on is told anew, unless only what changed is.
      if (state === 'live' && !resumed) { current = new Map(); changed.current = true; }
    });
    const timer = window.setInterval(() => {
      const old = Date.now() - MINUTE;
      for (const [id, when] of begun) if (when < old) { begun.delete(id); changed.current = true; }
      if (!changed.current) return;
      changed.current = false;
      setNow({ calls: newestFirst(current.values()), begun: begun.size });
    }, GATHER_MS);
    return () => { stop(); window.clearInterval(timer); };
  }, []);
  return { now, link };
}

function Tile({ label, value }: { label: string; value: number }) {
  return <div class="tile panel"><strong>{number(value, locale())}</strong><span class="muted">{label}</span></div>;
}

function Bars({ title, counts }: { title: string; counts: [string, number][] }) {
  const most = Math.max(1, ...counts.map(([, count]) => count));
  if (counts.length === 0) return null;
  return (
    <section class="panel pad stack tight">
      <h2>{title}</h2>
      <ul class="bars">
        {counts.slice(0, 20).map(([name, count]) => (
          <li key={name}><span class="break">{name}</span><meter min={0} max={most} value={count} aria-label={name} /><strong>{number(count, locale())}</strong></li>
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
  const count = (state: CallState) => calls.filter((call) => call.state === state).length;
  return (
    <>
      <div class="page-head"><h1>{t('live.title')}</h1><span class="grow" /><LinkState link={link} /></div>
      <div class="tiles" role="status">
        <Tile label={t('live.inProgress')} value={count('CALL_STATE_ACTIVE')} />
        <Tile label={t('live.ringing')} value={count('CALL_STATE_RINGING')} />
        <Tile label={t('live.settingUp')} value={count('CALL_STATE_SETUP')} />
        <Tile label={t('live.minute')} value={now?.begun ?? 0} />
      </div>
      <div class="halves">
        <Bars title={t('live.bySite')} counts={tally(calls, sitesOf)} />
        <Bars title={t('live.bySensor')} counts={tally(calls, (call) => call.sensors ?? [])} />
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
