// Who logs in by a password.
import { useState } from 'preact/hooks';
import { ApiError, rpc } from '../api/client';
import type { Role, User } from '../api/types';
import { t } from '../i18n';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { Dialog, ErrorNotice, Field, Skeleton, Time } from '../ui/parts';
import { RightsFields, noRights, scopeOf, scopeText, type Rights } from './rights';
import { Confirm } from './tokens';

const SHORTEST = 10;

function formOf(user: User): Rights & { name: string; password: string } {
  return {
    name: user.name ?? '', password: '', role: (user.role as Rights['role'] | undefined) ?? noRights.role,
    sites: (user.scope?.sites ?? []).join(' '), numbers: (user.scope?.numbers ?? []).join(' '),
  };
}

function Edit({ user, onDone }: { user: User | null; onDone: () => void }) {
  const [form, setForm] = useState(formOf(user ?? {}));
  const [error, setError] = useState<unknown>(null);
  const put = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      await rpc('AccessService/SetUser', { user: { name: form.name.trim(), role: form.role, ...scopeOf(form) }, password: form.password });
      onDone();
    } catch (reason) {
      setError(reason);
    }
  };
  return (
    <Dialog title={user ? t('users.change', { name: user.name ?? '' }) : t('users.create')} onClose={onDone}>
      <form class="stack" onSubmit={submit}>
        {!user && (
          <Field id="u-name" label={t('tokens.name')} hint={t('users.nameText')}>
            <input id="u-name" required maxLength={64} pattern="[A-Za-z0-9._@\-]+" autocomplete="off" autoFocus value={form.name} onInput={(event) => put({ name: event.currentTarget.value })} />
          </Field>
        )}
        <Field id="u-password" label={t('users.password')} hint={t(user ? 'users.passwordKept' : 'users.passwordText')}>
          <input id="u-password" type="password" required={!user} minLength={SHORTEST} maxLength={200} autocomplete="new-password" value={form.password} onInput={(event) => put({ password: event.currentTarget.value })} />
        </Field>
        <RightsFields value={form} onChange={put} />
        {error != null && <ErrorNotice error={error} />}
        <div class="row"><button class="button primary">{t('users.save')}</button><button type="button" class="button" onClick={onDone}>{t('app.cancel')}</button></div>
      </form>
    </Dialog>
  );
}

function Row({ user, onChange, onRemove }: { user: User; onChange: () => void; onRemove: () => void }) {
  return (
    <tr>
      <th scope="row">{user.name}</th>
      <td>{t(`role.${(user.role ?? 'ROLE_UNSPECIFIED') as Role}`)}</td>
      <td class="break">{scopeText(user.scope)}</td>
      <td><Time value={user.passwordTime} /></td>
      <td>{user.lastLoginTime ? <Time value={user.lastLoginTime} /> : <span class="muted">–</span>}</td>
      <td class="right">
        <button type="button" class="button" aria-label={t('users.change', { name: user.name ?? '' })} onClick={onChange}>{t('users.edit')}</button>{' '}
        <button type="button" class="button" aria-label={t('users.removeOf', { name: user.name ?? '' })} onClick={onRemove}>{t('users.remove')}</button>
      </td>
    </tr>
  );
}

export function Users() {
  const asked = useLoad('users', (signal) => rpc('AccessService/ListUsers', {}, signal));
  // Null: one that is new.
  const [editing, setEditing] = useState<User | null | undefined>(undefined);
  const [removing, setRemoving] = useState<User | null>(null);
  const users = asked.value?.users ?? [];
  const heads = ['tokens.name', 'tokens.role', 'tokens.sees', 'users.passwordOf', 'users.lastLogin'] as const;
  return (
    <section class="panel" aria-label={t('users.title')}>
      <div class="row spread pad"><h2>{t('users.title')}</h2><button type="button" class="button primary" onClick={() => setEditing(null)}><Icon name="plus" />{t('users.create')}</button></div>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!asked.value && asked.error == null && <Skeleton lines={3} />}
      {asked.value && users.length === 0 && <p class="muted pad">{t('users.none')}</p>}
      {users.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label={t('users.title')}>
          <table class="data">
            <thead><tr>{heads.map((head) => <th key={head} scope="col">{t(head)}</th>)}<th scope="col"><span class="hidden-label">{t('users.edit')}</span></th></tr></thead>
            <tbody>{users.map((user) => <Row key={user.name} user={user} onChange={() => setEditing(user)} onRemove={() => setRemoving(user)} />)}</tbody>
          </table>
        </div>
      )}
      {editing !== undefined && <Edit user={editing} onDone={() => { setEditing(undefined); asked.reload(); }} />}
      {removing && (
        <Confirm title={t('users.removeOf', { name: removing.name ?? '' })} text={t('users.removeAsk', { name: removing.name ?? '' })} action={t('users.remove')}
          onYes={() => rpc('AccessService/RemoveUser', { name: removing.name! })} onNo={() => { setRemoving(null); asked.reload(); }} />
      )}
    </section>
  );
}

// Of whoever is logged in by one.
export function OwnPassword() {
  const empty = { old: '', fresh: '' };
  const [form, setForm] = useState(empty);
  const [state, setState] = useState<{ error?: unknown; done?: boolean }>({});
  const submit = async (event: Event) => {
    event.preventDefault();
    setState({});
    try {
      await rpc('AccessService/ChangePassword', { oldPassword: form.old, newPassword: form.fresh });
      setForm(empty);
      setState({ done: true });
    } catch (error) {
      setState({ error });
    }
  };
  // The one thing that nobody is allowed here.
  const wrong = state.error instanceof ApiError && state.error.code === 'permission_denied';
  return (
    <section class="panel pad stack" aria-label={t('password.title')}>
      <h2>{t('password.title')}</h2>
      <form class="stack" onSubmit={submit}>
        <div class="filters">
          <Field id="p-old" label={t('password.old')}><input id="p-old" type="password" required autocomplete="current-password" value={form.old} onInput={(event) => setForm({ ...form, old: event.currentTarget.value })} /></Field>
          <Field id="p-new" label={t('password.new')} hint={t('users.passwordText')}><input id="p-new" type="password" required minLength={SHORTEST} maxLength={200} autocomplete="new-password" value={form.fresh} onInput={(event) => setForm({ ...form, fresh: event.currentTarget.value })} /></Field>
        </div>
        {wrong ? <div class="notice bad" role="alert">{t('password.wrong')}</div> : state.error != null && <ErrorNotice error={state.error} />}
        {state.done && <p class="notice good" role="status">{t('password.done')}</p>}
        <div class="row"><button class="button">{t('password.change')}</button></div>
      </form>
    </section>
  );
}
