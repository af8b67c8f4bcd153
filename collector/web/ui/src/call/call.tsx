// The page of one call.
import { useEffect, useState } from 'preact/hooks';
import { rpc, type Session } from '../api/client';
import type { Call } from '../api/types';
import { isRunning } from '../calls/talk';
import { isOn, play, playable, audio } from '../deck';
import { t } from '../i18n';
import { setQuery } from '../route';
import { ListenBar } from '../listen/listen';
import { isGuest, useSession } from '../session';
import { useEvery, useLoad } from '../ui/load';
import { ErrorNotice, Skeleton } from '../ui/parts';
import { Annotation } from './annotation';
import { Evidence } from './evidence';
import { Header } from './header';
import { Ladder } from './ladder';
import { MarksTable } from './marks_table';
import { recordingStart } from './names';
import { Path } from './path';
import { Player, loadTimeline } from './player';
import { Quality } from './quality';

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
  const all = tabsOf(useSession());
  const wanted = query.get('tab') as Tab | null;
  const tab: Tab = wanted && all.includes(wanted) ? wanted : all[0]!;
  const quality = useQuality(call);
  const timeline = useLoad(`${call.id} ${call.revision} ${digits}`, (signal) => loadTimeline(call.id!, digits, signal));
  const begin = Math.max(0, Number(query.get('t') ?? 0)) || 0;
  const jump = (seconds: number) => {
    if (!playable(call)) return;
    if (isOn(call)) audio.currentTime = seconds;
    else play(call, {}, seconds);
  };
  return (
    <>
      <Player call={call} timeline={timeline.value} quality={quality.value} begin={begin} digitsShown={digits} onDigits={() => setDigits(true)} />
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

export function CallPage({ id, query }: { id: string; query: URLSearchParams }) {
  const asked = useLoad(id, async (signal) => (await rpc('CallService/GetCall', { id }, signal)).call);
  const [now, setNow] = useState(() => Date.now());
  const guest = isGuest(useSession());
  const call = asked.value;
  useEvery(1000, () => { if (call && isRunning(call)) setNow(Date.now()); });
  useEvery(2500, () => { if (call && isRunning(call)) asked.reload(); });
  useEffect(() => {
    if (call) document.title = `${t('call.title', { from: call.caller || '?', to: call.callee || '?' })} · Callbraid`;
  }, [call?.id, call?.caller, call?.callee]);
  if (asked.error != null && !call) {
    return <div class="stack">{!guest && <a class="button plain back" href="/calls">{t('call.back')}</a>}<h1 class="hidden-label">{t('calls.title')}</h1><ErrorNotice error={asked.error} onRetry={asked.reload} /></div>;
  }
  if (!call) return <div class="panel"><h1 class="hidden-label">{t('calls.title')}</h1><Skeleton lines={10} /></div>;
  return (
    <>
      <Header call={call} now={now} onChange={asked.reload} />
      {!guest && <ListenBar call={call} running={isRunning(call)} />}
      {!guest && <Annotation call={call} onChange={asked.reload} />}
      <Body call={call} query={query} />
    </>
  );
}
