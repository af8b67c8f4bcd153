// Who spoke with whom, when, and how it ended; and what can be taken away.
import { useState } from 'preact/hooks';
import { audioUrl, faxUrl, packetsUrl } from '../api/client';
import type { AudioFormat, Call } from '../api/types';
import { clock, exactMs, number } from '../format';
import { isRunning, talkMs } from '../calls/talk';
import { locale, t } from '../i18n';
import { playable } from '../deck';
import { isGuest, mayShare, useSession } from '../session';
import { Icon } from '../ui/icons';
import { Copy, Mos, StateChip, Time } from '../ui/parts';
import { isFax } from './names';
import { HoldNotice, Orders } from './orders';
import { Share } from './share';

function Party({ number: digits, name, uri, side }: { number: string | undefined; name: string | undefined; uri: string | undefined; side: 'caller' | 'callee' }) {
  return (
    <div class={`party-card ${side}`}>
      <span class="muted small">{t(side === 'caller' ? 'side.SIDE_CALLER' : 'side.SIDE_CALLEE')}</span>
      <span class={`who ${side}`}>{digits || t('call.unnamed')}{name && name !== digits && <span class="name"> {name}</span>}</span>
      {uri && <span class="muted small break">{uri}</span>}
    </div>
  );
}

// What GetAudio offers; the compiler asks for a name when it offers more.
const formats: Record<Exclude<AudioFormat, 'AUDIO_FORMAT_UNSPECIFIED'>, string> = {
  AUDIO_FORMAT_WAV: 'WAV', AUDIO_FORMAT_WAV_ALAW: 'WAV, A-law', AUDIO_FORMAT_FLAC: 'FLAC',
  AUDIO_FORMAT_OGG_OPUS: 'Opus', AUDIO_FORMAT_MP3: 'MP3',
};

function Recordings({ call, maskKeys }: { call: Call; maskKeys: boolean }) {
  return (
    <>
      {(Object.keys(formats) as (keyof typeof formats)[]).map((format) => (
        <a key={format} class="export-item" href={audioUrl(call.id!, { format, maskKeys }, true)} download data-server>
          <strong>{t('export.audio', { format: formats[format] })}</strong><span class="muted small">{t('export.audioText')}</span>
        </a>
      ))}
    </>
  );
}

function Export({ call }: { call: Call }) {
  const guest = isGuest(useSession());
  const [maskKeys, setMaskKeys] = useState(false);
  const saveJson = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(call, null, 2)], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${call.id}.json`;
    link.click();
    URL.revokeObjectURL(url);
  };
  const items = (
    <>
      {!guest && <label class="export-item"><span><input type="checkbox" checked={maskKeys} onChange={(event) => setMaskKeys(event.currentTarget.checked)} /> <strong>{t('export.maskKeys')}</strong></span><span class="muted small">{t('export.maskKeysText')}</span></label>}
      {playable(call) && <Recordings call={call} maskKeys={maskKeys} />}
      {(call.streams ?? []).some(isFax) && <a class="export-item" href={faxUrl(call.id!)} download data-server><strong>{t('export.fax')}</strong><span class="muted small">{t('export.faxText')}</span></a>}
      {!guest && <a class="export-item" href={packetsUrl(call.id!, { maskKeys })} download data-server><strong>{t('export.packets')}</strong><span class="muted small">{t('export.packetsText')}</span></a>}
      <button type="button" class="export-item" onClick={saveJson}><strong>{t('export.json')}</strong><span class="muted small">{t('export.jsonText')}</span></button>
    </>
  );
  return (
    <details class="export">
      <summary class="button"><Icon name="download" />{t('export.title')}</summary>
      <div class="panel menu">{items}<p class="muted small">{t('export.noted')}</p></div>
    </details>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <div class="fact"><dt class="muted small">{name}</dt><dd>{children}</dd></div>;
}

export function Header({ call, now, onChange }: { call: Call; now: number; onChange: () => void }) {
  const rang = (exactMs(call.answerTime) - exactMs(call.startTime)) / 1000;
  const session = useSession();
  const flags = call.flags ?? [];
  const names = { from: call.caller || t('call.unnamed'), to: call.callee || t('call.unnamed') };
  return (
    <header class="stack">
      <div class="page-head">
        {!isGuest(session) && <a class="button plain back" href="/calls"><Icon name="back" />{t('call.back')}</a>}
        <span class="grow" />
        {mayShare(session) && <Share call={call} />}
        <Orders call={call} onChange={onChange} />
        <Export call={call} />
      </div>
      <div class="panel call-head">
        <h1 class="hidden-label">{t('call.title', names)}</h1>
        <div class="parties-line">
          <Party number={call.caller} name={call.callerName} uri={call.callerUri} side="caller" />
          <span class="to-arrow" aria-hidden="true">→</span>
          <Party number={call.callee} name={call.calleeName} uri={call.calleeUri} side="callee" />
          <span class="grow" />
          <div class="outcome">
            <StateChip state={call.state} />
            {call.endReason && <span class="muted">{t(`end.${call.endReason}`)}</span>}
            {call.finalStatus ? <span class="muted">{t('call.status')} {call.finalStatus}</span> : null}
          </div>
        </div>
        <dl class="facts-line">
          <Fact name={t('call.started')}><Time value={call.startTime} /></Fact>
          <Fact name={t('call.answered')}>{call.answerTime ? <span title={call.answerTime}>{t('call.afterRinging', { time: number(rang, locale(), 1) })}</span> : t('call.notAnswered')}</Fact>
          <Fact name={t('call.ended')}>{call.endTime ? <Time value={call.endTime} /> : isRunning(call) ? <span class="chip accent">{t('call.stillOn')}</span> : '–'}</Fact>
          <Fact name={t('call.talk')}><strong>{clock(talkMs(call, now))}</strong></Fact>
          {call.listeningMos !== undefined && <Fact name={t('call.mos')}><span title={t('call.mosText')}><Mos mos={call.listeningMos} worded /></span></Fact>}
          <Fact name={t('call.seenBy')}>{(call.sensors ?? []).join(', ')}</Fact>
          <Fact name={t('call.id')}><span class="row id-line"><code class="break">{call.id?.slice(0, 8)}</code><Copy text={call.id ?? ''} /></span></Fact>
        </dl>
        <HoldNotice call={call} />
        {flags.map((flag) => (
          <p key={flag} class={`notice ${flag === 'CALL_FLAG_BEGAN_BEFORE_CAPTURE' ? '' : 'warn'}`}><Icon name="warn" /><span class="grow"><strong>{t(`flag.${flag}`)}:</strong> {t(`flagText.${flag}`)}</span></p>
        ))}
      </div>
    </header>
  );
}
