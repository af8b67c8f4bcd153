// What is recorded and for how long it is kept, and how full the disk is.
import { rpc } from '../api/client';
import type { GetRetentionResponse } from '../api/types';
import { number } from '../format';
import { locale, t, tn } from '../i18n';
import { useLoad } from '../ui/load';
import { ErrorNotice, Skeleton, Time } from '../ui/parts';

const GIB = 1024 ** 3;
const gib = (bytes: string | number | undefined) => t('keep.gib', { n: number(Number(bytes ?? 0) / GIB, locale(), 1) });
const days = (n: number | undefined) => (n ? tn('keep.days', n) : t('keep.forEver'));

// Media go with their call at the latest.
function Row({ of, media, call, record }: { of: string; media: number | undefined; call: number | undefined; record?: string | undefined }) {
  const noMedia = record === 'signalling' || record === 'nothing';
  return (
    <tr>
      <th scope="row" class="break">{of}</th>
      <td>{noMedia ? t('keep.notRecorded') : days(media || call)}</td>
      <td>{record === 'nothing' ? t('keep.notRecorded') : days(call)}</td>
    </tr>
  );
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
  const asked = useLoad('retention', (signal) => rpc('CallService/GetRetention', {}, signal));
  const config = asked.value?.config ?? {};
  const rules = config.rules ?? [];
  return (
    <section class="panel pad stack" aria-label={t('keep.title')}>
      <h2>{t('keep.title')}</h2>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <Skeleton lines={3} />}
      {asked.value && (
        <>
          <p class="muted">{t('keep.text')}</p>
          <div class="scroll-x" tabIndex={0} role="region" aria-label={t('keep.title')}>
            <table class="data">
              <thead><tr><th scope="col">{t('keep.of')}</th><th scope="col">{t('keep.media')}</th><th scope="col">{t('keep.calls')}</th></tr></thead>
              <tbody>
                {rules.map((rule, at) => <Row key={at} of={[...(rule.sites ?? []), ...(rule.numbers ?? [])].join(', ')} media={rule.mediaDays} call={rule.callDays} record={rule.record} />)}
                <Row of={t(rules.length > 0 ? 'keep.others' : 'app.all')} media={config.mediaDays} call={config.callDays} />
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
