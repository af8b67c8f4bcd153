// The page Calls.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import { toggle, playable } from '../deck';
import { t, tn } from '../i18n';
import { mayOpen, useSession } from '../session';
import { useEvery, useLoad } from '../ui/load';
import { Command, Empty, ErrorNotice, LinkState, Skeleton } from '../ui/parts';
import { isOpen, parseFilter, type Filter } from './filter';
import { useCalls, type Calls as CallsState } from './listing';
import { Search } from './search';
import { sitesOf } from './sites';
import { CallTable, someRunning } from './table';

// So many rows are added by scrolling alone; then a button asks.
const SCROLLED = 2000;

// Where the collector listens for sensors, the API does not tell.
export const sensorCommand = 'callbraid-sensor --id s1 --site berlin --interface eth1 \\\n    --spool /var/spool/callbraid --collector COLLECTOR:PORT \\\n' +
  '    --tls-ca ca.pem --tls-cert s1.pem --tls-key s1.key';

function NoCalls({ filter, knowsSensor }: { filter: Filter; knowsSensor: boolean | undefined }) {
  if (!isOpen(filter)) {
    return <Empty icon="search" title={t('calls.noMatchTitle')}><p>{t('calls.noMatchText')}</p></Empty>;
  }
  return (
    <Empty icon="calls" title={t('calls.noneTitle')}>
      {knowsSensor === false
        ? <><p>{t('calls.noSensorText')}</p><Command text={sensorCommand} /><p>{t('app.placeholder')}</p><a href="/sensors">{t('nav.sensors')}</a></>
        : <p>{t('calls.noneText')}</p>}
    </Empty>
  );
}

// Arrows, Enter (the link's own), space and "/".
function useKeys(list: CallsState, table: { current: HTMLTableElement | null }, input: { current: HTMLInputElement | null }) {
  const calls = useRef(list.listing?.calls ?? []);
  calls.current = list.listing?.calls ?? [];
  useEffect(() => {
    const links = () => [...(table.current?.querySelectorAll<HTMLAnchorElement>('a.row-link') ?? [])];
    const move = (step: number) => {
      const all = links();
      const at = all.indexOf(document.activeElement as HTMLAnchorElement);
      all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
    };
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target.matches('input, select, textarea, [contenteditable]');
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      if (event.key === '/' && !typing) { input.current?.focus(); input.current?.select(); }
      else if (event.key === 'ArrowDown' && (!typing || target === input.current)) move(1);
      else if (event.key === 'ArrowUp' && !typing) move(-1);
      else if (event.key === ' ' && target.matches('a.row-link')) {
        const call = calls.current.find((one) => one.id === target.closest('tr')?.dataset['call']);
        if (call && playable(call)) toggle(call, {});
      } else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function More({ list, shown }: { list: CallsState; shown: number }) {
  const sentinel = useRef<HTMLDivElement>(null);
  const next = list.listing?.next;
  useEffect(() => {
    if (!sentinel.current || !next || shown >= SCROLLED) return undefined;
    const observer = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) list.loadMore(); }, { rootMargin: '600px' });
    observer.observe(sentinel.current);
    return () => observer.disconnect();
  }, [next, shown]);
  return (
    <div class="more" ref={sentinel}>
      {next ? <button type="button" class="button" onClick={list.loadMore}>{t('app.more')}</button> : <span class="muted small">{t('calls.end')}</span>}
    </div>
  );
}

export function Calls({ query }: { query: URLSearchParams }) {
  const session = useSession();
  const filter = useMemo(() => parseFilter(query), [query.toString()]);
  const list = useCalls(filter);
  const input = useRef<HTMLInputElement>(null);
  const table = useRef<HTMLTableElement>(null);
  const [now, setNow] = useState(() => Date.now());
  useKeys(list, table, input);
  const calls = list.listing?.calls ?? [];
  useEvery(1000, () => { if (someRunning(calls)) setNow(Date.now()); });

  const seesSensors = mayOpen(session, 'sensors');
  const known = useLoad('sensors', async (signal) => (seesSensors ? (await rpc('SensorService/ListSensors', {}, signal)).sensors ?? [] : null));
  const sensors = known.value?.map((sensor) => sensor.id ?? '') ?? [...new Set(calls.flatMap((call) => call.sensors ?? []))].sort();

  const sites = [...new Set([...(known.value ?? []).map((sensor) => sensor.site ?? ''), ...calls.flatMap(sitesOf)])].filter(Boolean).sort();

  return (
    <>
      <div class="page-head">
        <h1>{t('calls.title')}</h1>
        <span class="muted" role="status">
          {list.listing && (list.listing.next ? t('calls.countMore', { n: calls.length }) : tn('calls.count', calls.length))}
        </span>
        <span class="grow" />
        <span class="muted small keys">{t('calls.keys')}</span>
        <LinkState link={list.link} />
      </div>
      <Search filter={filter} sensors={sensors} sites={sites} input={input} />
      {list.error != null && <ErrorNotice error={list.error} onRetry={list.reload} />}
      <div class="fresh" aria-live="polite">
        {list.fresh > 0 && <button type="button" class="button primary" onClick={list.showFresh}>{tn('calls.fresh', list.fresh)}</button>}
      </div>
      <div class={`panel ${list.busy && list.listing ? 'busy' : ''}`} aria-busy={list.busy}>
        {!list.listing && list.error == null && <Skeleton lines={12} />}
        {list.listing && calls.length === 0 && <NoCalls filter={filter} knowsSensor={known.value ? known.value.length > 0 : undefined} />}
        {calls.length > 0 && <CallTable calls={calls} now={now} table={table} />}
        {calls.length > 0 && list.listing && <More list={list} shown={calls.length} />}
      </div>
    </>
  );
}

