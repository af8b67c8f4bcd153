// Listening to a call in progress: the button, and how it goes.
import type { Call } from '../api/types';
import { number } from '../format';
import { locale, t } from '../i18n';
import { Icon } from '../ui/icons';
import { errorText } from '../ui/parts';
import { hears, startListening, stopListening, unblock, useHeard, useHears, type Heard } from './ear';

const namesOf = (call: Call) => ({ from: call.caller ?? '?', to: call.callee ?? '?' });
const toggle = (call: Call) => (hears(call) ? stopListening() : void startListening(call));

// In a row of calls.
export function ListenButton({ call }: { call: Call }) {
  const on = useHears(call);
  return (
    <button type="button" class={`play ${on ? 'on' : ''}`} aria-label={t(on ? 'listen.stopCall' : 'listen.startCall', namesOf(call))} title={t(on ? 'listen.stop' : 'listen.start')}
      onClick={(event) => { event.stopPropagation(); toggle(call); }}>
      <Icon name={on ? 'stop' : 'ear'} />
    </button>
  );
}

function Levels({ levels }: { levels: [number, number] }) {
  return (
    <span class="levels">
      {(['caller', 'callee'] as const).map((side, i) => (
        <meter key={side} class={side} min={0} max={1} value={levels[i]} aria-label={t('listen.level', { side: t(side === 'caller' ? 'side.SIDE_CALLER' : 'side.SIDE_CALLEE') })} />
      ))}
    </span>
  );
}

function Progress({ heard }: { heard: Heard }) {
  switch (heard.phase) {
    case 'waiting': return <span class="muted" role="status">{t('listen.waiting')}</span>;
    case 'blocked': return <button type="button" class="button" onClick={() => void unblock()}>{t('listen.unblock')}</button>;
    case 'ended': return <span class="muted" role="status">{t('listen.ended')}</span>;
    case 'failed': return <span class="break" role="alert">{t('listen.failed', { detail: errorText(heard.error) })}</span>;
    default: return (
      <>
        <Levels levels={heard.levels} />
        <span class="small muted nowrap behind">{t('listen.behind', { seconds: number(heard.behind, locale(), 1) })}</span>
      </>
    );
  }
}

// On the page of a call that goes on, or did when one listened.
export function ListenBar({ call, running }: { call: Call; running: boolean }) {
  const heard = useHeard();
  const here = heard.call?.id === call.id;
  const on = here && hears(call);
  if (!running && !here) return null;
  return (
    <section class="panel pad listen" aria-label={t('listen.label')}>
      {(running || on) && (
        <button type="button" class={`button ${on ? '' : 'primary'}`} onClick={() => toggle(call)}>
          <Icon name={on ? 'stop' : 'ear'} />{t(on ? 'listen.stop' : 'listen.start')}
        </button>
      )}
      {here ? <Progress heard={heard} /> : <span class="muted small">{t('listen.hint')}</span>}
      {here && heard.findings && <p class="notice warn">{heard.findings}</p>}
    </section>
  );
}

// At the bottom of every other page.
export function ListenDock({ heard }: { heard: Heard }) {
  const call = heard.call!;
  return (
    <section class="dock listen" aria-label={t('listen.label')}>
      <a class="who" href={`/calls/${call.id}`} title={t('player.openCall')}>
        <span class="caller">{call.caller ?? '?'}</span> → <span class="callee">{call.callee ?? '?'}</span>
      </a>
      <Progress heard={heard} />
      <button class="button plain icon-only" type="button" aria-label={t('listen.stop')} onClick={stopListening}><Icon name="stop" /></button>
    </section>
  );
}
