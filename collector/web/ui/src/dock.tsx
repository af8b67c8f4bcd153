// The recording that plays, at the bottom of every other page than its own.
import { audio, eject, useDeck } from './deck';
import { clock } from './format';
import { t } from './i18n';
import { useHeard } from './listen/ear';
import { ListenDock } from './listen/listen';
import { Icon } from './ui/icons';
import { errorText } from './ui/parts';
import { isOn, play } from './deck';

export function Dock({ openId }: { openId: string }) {
  const deck = useDeck();
  const heard = useHeard();
  if (heard.call) return openId && heard.call.id?.startsWith(openId) ? null : <ListenDock heard={heard} />;
  const call = deck.call;
  if (!call || (openId && (isOn({ id: openId }) || call.id?.startsWith(openId)))) return null;
  return (
    <section class="dock" aria-label={t('player.dock')}>
      <button class="button icon-only" type="button" aria-label={t(deck.playing ? 'player.pause' : 'player.play')}
        onClick={() => (deck.playing ? audio.pause() : play(call, deck.choice))}>
        <Icon name={deck.playing ? 'pause' : 'play'} />
      </button>
      <a class="who" href={`/calls/${call.id}`} title={t('player.openCall')}>
        <span class="caller">{call.caller ?? '?'}</span> → <span class="callee">{call.callee ?? '?'}</span>
      </a>
      {deck.error
        ? <span class="small break" role="alert">{t('player.failed', { detail: errorText(deck.error) })}</span>
        : <>
            <input type="range" aria-label={t('player.seek')} min={0} max={deck.duration || 1} step={0.1} value={deck.time}
              onInput={(event) => { audio.currentTime = Number(event.currentTarget.value); }} />
            <span class="small muted nowrap">{clock(deck.time * 1000)} / {clock(deck.duration * 1000)}</span>
          </>}
      <button class="button plain icon-only" type="button" aria-label={t('player.stop')} onClick={eject}><Icon name="stop" /></button>
    </section>
  );
}
