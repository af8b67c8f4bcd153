// In the place of whatever page was asked for, until somebody is logged in.
import { useState } from 'preact/hooks';
import { ApiError, logIn } from './api/client';
import { t, type Key } from './i18n';
import logo from './logo.svg';
import { Command, ErrorNotice, Field } from './ui/parts';

export function Login({ notice, onDone }: { notice: Key | null; onDone: () => void }) {
  const [byToken, setByToken] = useState(false);
  const [form, setForm] = useState({ name: '', password: '', token: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const put = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await logIn(byToken ? { token: form.token.trim() } : { name: form.name.trim(), password: form.password });
      onDone();
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const code = error instanceof ApiError ? error.code : '';
  const words = code === 'unauthenticated' ? t(byToken ? 'login.bad' : 'login.wrong') : code === 'resource_exhausted' ? t('login.many') : '';
  const ready = byToken ? form.token.trim() : form.name.trim() && form.password;
  return (
    <main class="login">
      <div class="panel">
        <span class="brand"><img src={logo} alt="" />Callbraid</span>
        <form onSubmit={submit}>
          <h1>{t('login.title')}</h1>
          <p class="muted">{t(notice ?? 'login.text')}</p>
          {byToken
            ? <Field id="token" label={t('login.token')}>
                <input id="token" type="password" value={form.token} autoFocus required autocomplete="off" spellcheck={false}
                  placeholder="cbt_…" onInput={(event) => put({ token: event.currentTarget.value })} />
              </Field>
            : <>
                <Field id="login-name" label={t('login.name')}>
                  <input id="login-name" value={form.name} autoFocus required autocomplete="username" spellcheck={false} autocapitalize="none" onInput={(event) => put({ name: event.currentTarget.value })} />
                </Field>
                <Field id="login-password" label={t('login.password')}>
                  <input id="login-password" type="password" value={form.password} required autocomplete="current-password" onInput={(event) => put({ password: event.currentTarget.value })} />
                </Field>
              </>}
          {words ? <div class="notice bad" role="alert">{words}</div> : error != null && <ErrorNotice error={error} />}
          <div class="row">
            <button class="button primary" disabled={busy || !ready}>{busy ? t('login.busy') : t('login.button')}</button>
            <button type="button" class="button plain" onClick={() => { setByToken(!byToken); setError(null); }}>{t(byToken ? 'login.byPassword' : 'login.byToken')}</button>
          </div>
          <p class="muted small">{t('login.how')}</p>
          <Command text="callbraid-collector create-token --data DIR --name NAME" />
        </form>
      </div>
    </main>
  );
}
