// The page Audit: who listened, exported, was refused.
import { useEffect, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { AuditEntry, ListAuditRequest, ListAuditResponse } from '../api/types';
import { day, number } from '../format';
import { locale, t } from '../i18n';
import { setQuery } from '../route';
import { mayOpen, useSession } from '../session';
import { useLoad } from '../ui/load';
import { Empty, ErrorNotice, Field, Skeleton, Time, errorText } from '../ui/parts';
import { codeOf } from './codes';

const PAGE = 100;

function requestOf(query: URLSearchParams): ListAuditRequest {
  const time = (key: string, days: number) => {
    const value = query.get(key) ?? '';
    const at = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00:00`) : null;
    if (!at || Number.isNaN(at.getTime())) return undefined;
    at.setDate(at.getDate() + days);
    return at.toISOString();
  };
  // The day that is named last counts, too.
  const [from, before] = [time('from', 0), time('to', 1)];
  const [user, target] = [query.get('user') ?? '', query.get('target') ?? ''];
  return { ...(from && { from }), ...(before && { before }), ...(user && { user }), ...(target && { target }) };
}

function Filters({ query }: { query: URLSearchParams }) {
  const put = (key: string) => (event: { currentTarget: HTMLInputElement }) => setQuery({ [key]: event.currentTarget.value.trim() || null });
  return (
    <div class="panel pad filters" role="search">
      <Field id="a-user" label={t('audit.user')}><input id="a-user" placeholder={t('audit.userHint')} value={query.get('user') ?? ''} onChange={put('user')} /></Field>
      <Field id="a-target" label={t('audit.target')}><input id="a-target" placeholder={t('audit.targetHint')} value={query.get('target') ?? ''} onChange={put('target')} /></Field>
      <Field id="a-from" label={t('audit.from')}><input id="a-from" type="date" max={day(new Date())} value={query.get('from') ?? ''} onChange={put('from')} /></Field>
      <Field id="a-to" label={t('audit.before')}><input id="a-to" type="date" value={query.get('to') ?? ''} onChange={put('to')} /></Field>
    </div>
  );
}

function Outcome({ entry }: { entry: AuditEntry }) {
  const status = entry.status ?? 0;
  if (status === 0) return <span class="chip good">{t('audit.done')}</span>;
  const code = codeOf(status);
  return <span class="chip bad" title={code}>{code ? t(`code.${code}`) : status}</span>;
}

function Target({ entry }: { entry: AuditEntry }) {
  const session = useSession();
  const target = entry.target ?? '';
  // Ids of calls have 32 digits; auditors may not open them.
  if (/^[0-9a-f]{32}$/.test(target) && mayOpen(session, 'call')) return <a class="mono" href={`/calls/${target}`} title={target}>{target.slice(0, 8)}</a>;
  return <span class="mono break">{target || (entry.method ?? '').replace('callbraid.v1.', '')}</span>;
}

function Row({ entry }: { entry: AuditEntry }) {
  const credential = entry.credential && entry.credential !== 'CREDENTIAL_UNSPECIFIED' ? t(`credential.${entry.credential}`) : '';
  const refused = entry.act === 'AUDIT_ACT_REFUSED';
  return (
    <tr>
      <td class="right muted">{entry.sequence}</td>
      <td><Time value={entry.time} /></td>
      <td><strong>{entry.user || '–'}</strong> {credential && <span class="muted small">{credential}</span>}</td>
      <td><span class={refused ? 'chip bad' : ''}>{t(`act.${entry.act ?? 'AUDIT_ACT_UNSPECIFIED'}`)}</span></td>
      <td><Target entry={entry} /></td>
      <td class="mono">{entry.address}</td>
      <td><Outcome entry={entry} /></td>
      <td class="break muted" title={entry.method}>{entry.detail}{Number(entry.skipped ?? 0) > 0 && ` ${t('audit.skipped', { n: number(entry.skipped, locale()) })}`}</td>
    </tr>
  );
}

const heads = ['audit.number', 'audit.time', 'audit.user', 'audit.act', 'audit.target', 'audit.address', 'audit.outcome', 'audit.detail'] as const;

export function Audit({ query }: { query: URLSearchParams }) {
  const request = requestOf(query);
  const key = JSON.stringify(request);
  const asked = useLoad<ListAuditResponse>(key, (signal) => rpc('AccessService/ListAudit', { ...request, pageSize: PAGE }, signal));
  const [older, setOlder] = useState<{ key: string; entries: AuditEntry[]; next: string | undefined; error: unknown }>({ key, entries: [], next: undefined, error: null });
  useEffect(() => setOlder({ key, entries: [], next: undefined, error: null }), [asked.value]);
  const first = asked.value?.entries ?? [];
  const mine = older.key === key ? older : { key, entries: [], next: undefined, error: null };
  const next = mine.next ?? asked.value?.nextPageToken ?? '';
  const entries = [...first, ...mine.entries];
  const more = () => rpc('AccessService/ListAudit', { ...request, pageSize: PAGE, pageToken: next }).then(
    (page) => setOlder({ key, entries: [...mine.entries, ...(page.entries ?? [])], next: page.nextPageToken ?? '', error: null }),
    (error: unknown) => setOlder({ ...mine, error }));
  const filtered = key !== '{}';
  return (
    <>
      <div class="page-head"><h1>{t('audit.title')}</h1><span class="muted">{t('audit.intro')}</span></div>
      <Filters query={query} />
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      <div class="panel">
        {!asked.value && asked.error == null && <Skeleton lines={8} />}
        {asked.value && entries.length === 0 && (filtered ? <Empty icon="search" title={t('audit.noMatch')} /> : <Empty icon="audit" title={t('audit.noneTitle')}><p>{t('audit.noneText')}</p></Empty>)}
        {entries.length > 0 && (
          <div class="scroll-x" tabIndex={0} role="region" aria-label={t('audit.title')}>
            <table class="data audit">
              <thead><tr>{heads.map((head) => <th key={head} scope="col" class={head === 'audit.number' ? 'right' : ''}>{t(head)}</th>)}</tr></thead>
              <tbody>{entries.map((entry) => <Row key={entry.sequence} entry={entry} />)}</tbody>
            </table>
          </div>
        )}
        {next && <div class="more"><button type="button" class="button" onClick={more}>{t('app.more')}</button></div>}
        {mine.error != null && <p class="pad" role="alert">{errorText(mine.error)}</p>}
        {Number(asked.value?.cut ?? 0) > 0 && <p class="muted pad">{t('audit.cut', { n: number(asked.value!.cut, locale()) })}</p>}
      </div>
    </>
  );
}
