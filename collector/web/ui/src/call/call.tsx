// The page of one call.
import { useEffect, useRef, useState } from 'preact/hooks';
import { mayPass, rpc, type Session } from '../api/client';
import type { Call } from '../api/types';
import { isRunning } from '../calls/talk';
import { chosen, playable, seek, type Choice } from '../deck';
import { t } from '../i18n';
import { setQuery } from '../route';
import { ListenBar } from '../listen/listen';
import { isGuest, useSession } from '../session';
import { useEvery, useLoad, type Loaded } from '../ui/load';
import { Icon } from '../ui/icons';
import { ErrorNotice, Skeleton, errorText } from '../ui/parts';
import { Annotation } from './annotation';
import { Evidence } from './evidence';
import { askAgainMs } from './freshness';
import { Header } from './header';
import { Ladder } from './ladder';
import { MarksTable } from './marks_table';
import { recordingStart } from './names';
import { Path } from './path';
import { Player, loadTimeline } from './player';
import { Quality } from './quality';
import { placeIn } from './sources';

const tabs = ['ladder', 'path', 'quality', 'evidence', 'marks'] as const;
type Tab = typeof tabs[number];

// Guests are told what was said, not by which messages.
const tabsOf = (session: Session): readonly Tab[] => (isGuest(session) ? tabs.filter((tab) => tab !== 'ladder' && tab !== 'evidence') : tabs);

function Tabs({ tab, all }: { tab: Tab; all: readonly Tab[] }) {
  const open = (one: Tab) => setQuery({ tab: one === all[0] ? null : one });
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const next = all[(all.indexOf(tab) + step + all.length) % all.length]!;
    open(next);
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t('call.tabs')} onKeyDown={move}>
      {all.map((one) => (
        <button key={one} id={`tab-${one}`} type="button" role="tab" aria-selected={one === tab} aria-controls="tab-panel" tabIndex={one === tab ? 0 : -1}
          onClick={() => open(one)}>{t(`call.tab.${one}`)}</button>
      ))}
    </div>
  );
}

function QualityTab({ call, asked }: { call: Call; asked: ReturnType<typeof useQuality> }) {
  if (asked.error != null) return <ErrorNotice error={asked.error} onRetry={asked.reload} />;
  return asked.value ? <Quality call={call} quality={asked.value} /> : <Skeleton lines={6} />;
}

function useQuality(call: Call) {
  return useLoad(`${call.id} ${call.revision}`, (signal) => rpc('CallService/GetQuality', { id: call.id!, withSlices: true }, signal));
}

function Body({ call, query }: { call: Call; query: URLSearchParams }) {
  const [digits, setDigits] = useState(false);
  // What plays already is what one sees; else the whole call.
  const [choice, setChoice] = useState<Choice>(() => chosen(call) ?? {});
  const all = tabsOf(useSession());
  const wanted = query.get('tab') as Tab | null;
  const tab: Tab = wanted && all.includes(wanted) ? wanted : all[0]!;
  const quality = useQuality(call);
  const timeline = useLoad(`${call.id} ${call.revision} ${digits}`, (signal) => loadTimeline(call.id!, digits, signal));
  const begin = Math.max(0, Number(query.get('t') ?? 0)) || 0;
  const jump = (seconds: number) => {
    if (playable(call)) seek(call, choice, placeIn(call, {}, choice, seconds));
  };
  return (
    <>
      <Player call={call} timeline={timeline.value} quality={quality.value} begin={begin} choice={choice} onChoose={setChoice} digitsShown={digits} onDigits={() => setDigits(true)} />
      {timeline.error != null && <ErrorNotice error={timeline.error} onRetry={timeline.reload} />}
      <Tabs tab={tab} all={all} />
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'ladder' && <Ladder call={call} />}
        {tab === 'path' && <Path call={call} />}
        {tab === 'quality' && <QualityTab call={call} asked={quality} />}
        {tab === 'evidence' && <Evidence call={call} />}
        {tab === 'marks' && <MarksTable call={call} timeline={timeline.value} start={recordingStart(call)} onJump={jump} />}
      </div>
    </>
  );
}

// Asks for the call again as long as it may change. Returns why the last time
// did not work; null: it did.
function useFresh(asked: Loaded<Call | undefined>): unknown {
  const call = asked.value;
  const known = useRef({ revision: call?.revision, changed: NaN, at: Date.now() });
  // An answer under way says nothing of how the next one goes.
  const failed = useRef<unknown>(null);
  if (!asked.busy) failed.current = asked.error;
  useEffect(() => {
    const { revision } = known.current;
    if (revision !== undefined && revision !== call?.revision) known.current.changed = Date.now();
    known.current.revision = call?.revision ?? revision;
  }, [call?.revision]);
  useEvery(500, () => {
    const now = Date.now();
    const every = call && mayPass(failed.current) ? askAgainMs(call, known.current.changed, now) : 0;
    if (every === 0 || asked.busy || now - known.current.at < every) return;
    known.current.at = now;
    asked.reload();
  });
  return failed.current;
}

export function CallPage({ id, query }: { id: string; query: URLSearchParams }) {
  const asked = useLoad(id, async (signal) => (await rpc('CallService/GetCall', { id }, signal)).call);
  const [now, setNow] = useState(() => Date.now());
  const guest = isGuest(useSession());
  const call = asked.value;
  useEvery(1000, () => { if (call && isRunning(call)) setNow(Date.now()); });
  const failed = useFresh(asked);
  useEffect(() => {
    if (call) document.title = `${t('call.title', { from: call.caller || '?', to: call.callee || '?' })} · Callbraid`;
  }, [call?.id, call?.caller, call?.callee]);
  if (asked.error != null && !call) {
    return <div class="stack">{!guest && <a class="button plain back" href="/calls">{t('call.back')}</a>}<h1 class="hidden-label">{t('calls.title')}</h1><ErrorNotice error={asked.error} onRetry={asked.reload} /></div>;
  }
  if (!call) return <div class="panel"><h1 class="hidden-label">{t('calls.title')}</h1><Skeleton lines={10} /></div>;
  return (
    <>
      {failed != null && (
        <p class="notice warn small" role="status">
          <Icon name="warn" /><span class="grow">{t('call.stale')} {errorText(failed)}</span>
          <button class="button" type="button" onClick={asked.reload}>{t('app.retry')}</button>
        </p>
      )}
      <Header call={call} now={now} onChange={asked.reload} />
      {!guest && <ListenBar call={call} running={isRunning(call)} />}
      {!guest && <Annotation call={call} onChange={asked.reload} />}
      <Body call={call} query={query} />
    </>
  );
}
