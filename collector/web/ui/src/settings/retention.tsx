// What is recorded and for how long it is kept, and how full the disk is.
import type { ComponentChildren } from 'preact';
import { rpc } from '../api/client';
import type { GetRetentionResponse, RetentionRule } from '../api/types';
import { number } from '../format';
import { locale, t, tn } from '../i18n';
import { useSession } from '../session';
import { useLoad } from '../ui/load';
import { ErrorNotice, Skeleton, Time } from '../ui/parts';
import { heldTo, keptOf, recordOf } from './rules';

const GIB = 1024 ** 3;
const gib = (bytes: string | number | undefined) => t('keep.gib', { n: number(Number(bytes ?? 0) / GIB, locale(), 1) });
const days = (n: number) => (n > 0 ? tn('keep.days', n) : t('keep.forEver'));

function Row({ rule, children }: { rule: RetentionRule; children: ComponentChildren }) {
  const { media, call } = keptOf(rule);
  return (
    <tr>
      <th scope="row" class="break">{children}</th>
      <td>{t(`keep.record.${recordOf(rule)}`)}</td>
      <td>{media === null ? t('keep.notRecorded') : days(media)}</td>
      <td>{call === null ? t('keep.dayOrTwo') : days(call)}</td>
    </tr>
  );
}

// Which calls it is of: a line for sites, one for numbers.
function Which({ rule }: { rule: RetentionRule }) {
  const line = (name: string, all: string[] = []) => all.length > 0 && <div><span class="muted">{name}</span> <span class="of">{all.join(', ')}</span></div>;
  return <>{line(t('keep.sites'), rule.sites)}{line(t('keep.numbers'), rule.numbers)}</>;
}

function Facts({ kept }: { kept: GetRetentionResponse }) {
  const { config = {} } = kept;
  return (
    <dl class="facts-line">
      <div class="fact"><dt class="muted small">{t('keep.kept')}</dt><dd>{gib(kept.bytes)}{config.maxGib ? ` (${t('keep.atMost', { size: t('keep.gib', { n: config.maxGib }) })})` : ''}</dd></div>
      <div class="fact"><dt class="muted small">{t('keep.free')}</dt><dd>{t('keep.freeOf', { free: gib(kept.freeBytes), all: gib(kept.diskBytes) })}{config.minFreeGib ? ` (${t('keep.atLeast', { size: t('keep.gib', { n: config.minFreeGib }) })})` : ''}</dd></div>
      <div class="fact"><dt class="muted small">{t('keep.oldest')}</dt><dd>{kept.oldestMediaTime ? <Time value={kept.oldestMediaTime} /> : '–'}</dd></div>
    </dl>
  );
}

export function Retention() {
  const session = useSession();
  const asked = useLoad('retention', (signal) => rpc('CallService/GetRetention', {}, signal));
  const config = asked.value?.config ?? {};
  const rules = config.rules ?? [];
  const general = { mediaDays: config.mediaDays ?? 0, callDays: config.callDays ?? 0 };
  return (
    <section class="panel pad stack" aria-label={t('keep.title')}>
      <h2>{t('keep.title')}</h2>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <Skeleton lines={3} />}
      {asked.value && (
        <>
          <p class="muted">{t('keep.text')}{heldTo(session) && ` ${t('keep.scoped')}`}</p>
          {rules.length > 0 && <p class="muted">{t('keep.rules')}</p>}
          <div class="scroll-x" tabIndex={0} role="region" aria-label={t('keep.title')}>
            <table class="data rules">
              <thead><tr>{(['keep.of', 'keep.record', 'keep.media', 'keep.calls'] as const).map((head) => <th key={head} scope="col">{t(head)}</th>)}</tr></thead>
              <tbody>
                {rules.map((rule, at) => <Row key={at} rule={rule}><Which rule={rule} /></Row>)}
                <Row rule={general}>{t(rules.length > 0 ? 'keep.others' : 'app.all')}</Row>
              </tbody>
            </table>
          </div>
          {Number(asked.value.diskBytes) > 0 && <Facts kept={asked.value} />}
          {asked.value.isFull && <p class="notice warn">{t('keep.full')}</p>}
        </>
      )}
    </section>
  );
}
