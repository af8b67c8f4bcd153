// Small parts that all pages are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import type { CallFlag, CallHold, CallState } from '../api/types';
import type { Link } from '../api/watch';
import { dateTime, number, utc } from '../format';
import { locale, t, type Key } from '../i18n';
import { copyText } from './clipboard';
import { Icon, type IconName } from './icons';

// A time in the viewer's zone; points at UTC.
export function Time({ value, format = dateTime }: { value: string | undefined; format?: (time: string | undefined) => string }) {
  if (!value) return <span class="muted">–</span>;
  return <time class="nowrap" dateTime={value} title={utc(value)}>{format(value)}</time>;
}

export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.other', { detail: error instanceof Error ? error.message : String(error) });
  const known: Record<string, Key> = {
    offline: 'error.offline', unauthenticated: 'error.unauthenticated', permission_denied: 'error.permission_denied',
    not_found: 'error.not_found', invalid_argument: 'error.invalid_argument', resource_exhausted: 'error.resource_exhausted',
    unavailable: 'error.unavailable', aborted: 'error.aborted', failed_precondition: 'error.failed_precondition', unimplemented: 'error.unimplemented',
    undecodable: 'error.undecodable', cut: 'error.cut',
  };
  return t(known[error.code] ?? 'error.other', { detail: error.message });
}

// `title`: what did not work, in place of "this".
export function ErrorNotice({ error, onRetry, title = t('error.title') }: { error: unknown; onRetry?: () => void; title?: string }) {
  return (
    <div class="notice bad" role="alert">
      <Icon name="warn" />
      <div class="grow"><strong>{title}.</strong> {errorText(error)}</div>
      {onRetry && <button class="button" type="button" onClick={onRetry}>{t('app.retry')}</button>}
    </div>
  );
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const widths = ['w-70', 'w-90', 'w-50', 'w-90', 'w-30', 'w-70'];

export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div class="skeletons" role="status" aria-label={t('app.loading')}>
      {Array.from({ length: lines }, (_, i) => <span key={i} class={`skeleton ${widths[i % widths.length]}`} />)}
    </div>
  );
}

// `text` may be made when it is copied; `label` is what the button is called.
export function Copy({ text, label = t('app.copy'), icon = 'copy' }: { text: string | (() => string); label?: string; icon?: IconName }) {
  const [outcome, setOutcome] = useState<'' | 'done' | 'failed'>('');
  const button = useRef<HTMLButtonElement>(null);
  const copy = async () => {
    const done = await copyText(typeof text === 'string' ? text : text(), button.current!);
    setOutcome(done ? 'done' : 'failed');
    setTimeout(() => setOutcome(''), 1500);
  };
  const said = outcome === 'done' ? t('app.copied') : outcome === 'failed' ? t('app.notCopied') : label;
  return (
    <button class="button plain icon-only" type="button" ref={button} onClick={copy} aria-label={said} title={said}>
      <Icon name={outcome === 'done' ? 'check' : outcome === 'failed' ? 'warn' : icon} />
    </button>
  );
}

// Something to type into a shell.
export function Command({ text }: { text: string }) {
  return <div class="command"><pre tabIndex={0}>{text}</pre><Copy text={text} /></div>;
}

const stateTone: Record<CallState, string> = {
  CALL_STATE_UNSPECIFIED: '', CALL_STATE_SETUP: 'warn', CALL_STATE_RINGING: 'warn',
  CALL_STATE_ACTIVE: 'accent', CALL_STATE_COMPLETED: '', CALL_STATE_UNANSWERED: 'bad',
};

export function StateChip({ state = 'CALL_STATE_UNSPECIFIED' }: { state?: CallState }) {
  return <span class={`chip ${stateTone[state] ?? ''}`}>{t(`state.${state}`)}</span>;
}

// How well something could be heard, on the scale that it is on.
export function Mos({ mos, worded = false }: { mos: number | undefined; worded?: boolean }) {
  if (mos === undefined) return <span class="muted">–</span>;
  const [tone, word] = mos >= 4 ? ['good', t('quality.good')] : mos >= 3.5 ? ['warn', t('quality.fair')] : ['bad', t('quality.bad')];
  return <span class={`chip ${tone}`} title={worded ? undefined : word}>{number(mos, locale(), 2)}{worded && ` ${word}`}</span>;
}

export function Flags({ flags = [], hold }: { flags?: CallFlag[]; hold?: CallHold }) {
  return (
    <span class="chips">
      {hold && <span class="chip accent" title={hold.reason}>{t('hold.chip')}</span>}
      {flags.map((flag) => (
        <span key={flag} class={`chip ${flag === 'CALL_FLAG_BEGAN_BEFORE_CAPTURE' ? '' : 'warn'}`} title={t(`flagText.${flag}`)}>{t(`flag.${flag}`)}</span>
      ))}
    </span>
  );
}

// Each finds the calls that have it.
export function Tags({ tags = [] }: { tags?: string[] | undefined }) {
  if (tags.length === 0) return null;
  return (
    <span class="chips">
      {tags.map((tag) => <a key={tag} class="chip accent tag" href={`/calls?${new URLSearchParams({ tag }).toString()}`} title={t('annotation.search', { tag })}>{tag}</a>)}
    </span>
  );
}

export function LinkState({ link }: { link: Link }) {
  const tone = { live: 'good', connecting: 'warn', away: 'bad' }[link];
  const title = link === 'live' ? t('link.liveText') : link === 'away' ? t('link.awayText') : '';
  return <span class="link-state" role="status" title={title}><span class={`dot ${tone}`} />{t(`link.${link}`)}</span>;
}

// A modal dialog; `onClose` also when Escape is pressed.
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog ref={ref} aria-label={title} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <div class="stack"><h2>{title}</h2>{children}</div>
    </dialog>
  );
}

export function Field({ id, label, hint, children }: { id: string; label: string; hint?: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
    </div>
  );
}
