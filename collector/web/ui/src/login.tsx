// In the place of whatever page was asked for, until somebody is logged in.
import { useState } from 'preact/hooks';
import { ApiError, logIn } from './api/client';
import { t, type Key } from './i18n';
import logo from './logo.svg';
import { Command, ErrorNotice, Field } from './ui/parts';

export function Login({ notice, onDone }: { notice: Key | null; onDone: () => void }) {
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await logIn(token.trim());
      onDone();
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const code = error instanceof ApiError ? error.code : '';
  const words = code === 'unauthenticated' ? t('login.bad') : code === 'resource_exhausted' ? t('login.many') : '';
  return (
    <main class="login">
      <div class="panel">
        <span class="brand"><img src={logo} alt="" />Callbraid</span>
        <form onSubmit={submit}>
          <h1>{t('login.title')}</h1>
          <p class="muted">{t(notice ?? 'login.text')}</p>
          <Field id="token" label={t('login.token')}>
            <input id="token" type="password" value={token} autoFocus required autocomplete="current-password" spellcheck={false}
              placeholder="cbt_…" onInput={(event) => setToken(event.currentTarget.value)} />
          </Field>
          {words ? <div class="notice bad" role="alert">{words}</div> : error != null && <ErrorNotice error={error} />}
          <button class="button primary" disabled={busy || !token.trim()}>{busy ? t('login.busy') : t('login.button')}</button>
          <p class="muted small">{t('login.how')}</p>
          <Command text="callbraid-collector create-token --data DIR --name NAME" />
        </form>
      </div>
    </main>
  );
}
