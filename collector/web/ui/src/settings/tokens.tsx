// API tokens: who may use the collector.
import { useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { CreateTokenRequest, Role, Token } from '../api/types';
import { ms } from '../format';
import { t } from '../i18n';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { Command, Dialog, Empty, ErrorNotice, Field, Skeleton, Time } from '../ui/parts';
import { RightsFields, noRights, scopeOf, scopeText, type Rights } from './rights';

const DAY_MS = 86_400_000;

interface Form extends Rights {
  name: string;
  days: number;
}

function requestOf(form: Form): CreateTokenRequest {
  return { name: form.name.trim(), role: form.role, expireTime: new Date(Date.now() + form.days * DAY_MS).toISOString(), ...scopeOf(form) };
}

function Create({ onDone }: { onDone: () => void }) {
  const [form, setForm] = useState<Form>({ ...noRights, name: '', days: 90 });
  const [error, setError] = useState<unknown>(null);
  const [secret, setSecret] = useState('');
  const put = (change: Partial<Form>) => setForm({ ...form, ...change });
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      setSecret((await rpc('AccessService/CreateToken', requestOf(form))).secret ?? '');
    } catch (reason) {
      setError(reason);
    }
  };
  if (secret) {
    return (
      <Dialog title={t('tokens.secretTitle', { name: form.name.trim() })} onClose={onDone}>
        <p>{t('tokens.secretText')}</p>
        <Command text={secret} />
        <div class="row"><button type="button" class="button primary" onClick={onDone}>{t('app.close')}</button></div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t('tokens.create')} onClose={onDone}>
      <form class="stack" onSubmit={submit}>
        <Field id="t-name" label={t('tokens.name')} hint={t('tokens.nameText')}>
          <input id="t-name" required maxLength={64} pattern="[A-Za-z0-9._@\-]+" autocomplete="off" autoFocus value={form.name} onInput={(event) => put({ name: event.currentTarget.value })} />
        </Field>
        <RightsFields value={form} onChange={put} />
        <Field id="t-days" label={t('tokens.days')}>
          <span class="row"><input id="t-days" type="number" min={1} max={3650} required value={form.days} onInput={(event) => put({ days: Number(event.currentTarget.value) })} />{t('tokens.daysUnit')}</span>
        </Field>
        {error != null && <ErrorNotice error={error} />}
        <div class="row"><button class="button primary">{t('tokens.make')}</button><button type="button" class="button" onClick={onDone}>{t('app.cancel')}</button></div>
      </form>
    </Dialog>
  );
}

export function Confirm({ title, text, action, onYes, onNo }: { title: string; text: string; action: string; onYes: () => Promise<unknown>; onNo: () => void }) {
  const [error, setError] = useState<unknown>(null);
  return (
    <Dialog title={title} onClose={onNo}>
      <p>{text}</p>
      {error != null && <ErrorNotice error={error} />}
      <div class="row"><button type="button" class="button danger" onClick={() => onYes().then(onNo, setError)}>{action}</button><button type="button" class="button" onClick={onNo}>{t('app.cancel')}</button></div>
    </Dialog>
  );
}

function Row({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const expired = ms(token.expireTime) < Date.now();
  return (
    <tr>
      <th scope="row">{token.name}<br /><span class="muted small mono">{token.id}</span></th>
      <td>{t(`role.${(token.role ?? 'ROLE_UNSPECIFIED') as Role}`)}</td>
      <td class="break">{scopeText(token.scope)}</td>
      <td>{token.revokeTime ? <span class="chip bad">{t('tokens.revoked')}</span> : expired ? <span class="chip">{t('tokens.expired')}</span> : <Time value={token.expireTime} />}</td>
      <td>{token.lastUseTime ? <Time value={token.lastUseTime} /> : <span class="muted">{t('tokens.never')}</span>}</td>
      <td>{token.createdBy || t('tokens.folder')}</td>
      <td class="right">{!token.revokeTime && !expired && <button type="button" class="button" aria-label={t('tokens.revokeOf', { name: token.name ?? '' })} onClick={onRevoke}>{t('tokens.revoke')}</button>}</td>
    </tr>
  );
}

export function Tokens() {
  const asked = useLoad('tokens', (signal) => rpc('AccessService/ListTokens', {}, signal));
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const tokens = asked.value?.tokens ?? [];
  const heads = ['tokens.name', 'tokens.role', 'tokens.sees', 'tokens.good', 'tokens.used', 'tokens.by'] as const;
  return (
    <section class="panel" aria-label={t('tokens.title')}>
      <div class="row spread pad"><h2>{t('tokens.title')}</h2><button type="button" class="button primary" onClick={() => setCreating(true)}><Icon name="plus" />{t('tokens.create')}</button></div>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <Skeleton lines={3} />}
      {asked.value && tokens.length === 0 && <Empty icon="lock" title={t('tokens.noneTitle')}><p>{t('tokens.noneText')}</p></Empty>}
      {tokens.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label={t('tokens.title')}>
          <table class="data">
            <thead><tr>{heads.map((head) => <th key={head} scope="col">{t(head)}</th>)}<th scope="col"><span class="hidden-label">{t('tokens.revoke')}</span></th></tr></thead>
            <tbody>{tokens.map((token) => <Row key={token.id} token={token} onRevoke={() => setRevoking(token)} />)}</tbody>
          </table>
        </div>
      )}
      {creating && <Create onDone={() => { setCreating(false); asked.reload(); }} />}
      {revoking && (
        <Confirm title={t('tokens.revokeOf', { name: revoking.name ?? '' })} text={t('tokens.revokeAsk', { name: revoking.name ?? '' })} action={t('tokens.revoke')}
          onYes={() => rpc('AccessService/RevokeToken', { id: revoking.id! })} onNo={() => { setRevoking(null); asked.reload(); }} />
      )}
    </section>
  );
}
