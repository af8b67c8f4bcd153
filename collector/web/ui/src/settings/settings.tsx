// The page Settings.
import { language, languages, setLanguage, t, type Language } from '../i18n';
import { setTheme, theme, type Theme } from '../prefs';
import { isAdmin, useSession } from '../session';
import { Icon } from '../ui/icons';
import { Field } from '../ui/parts';
import { Enrolment } from './enrolment';
import { Retention } from './retention';
import { Tokens } from './tokens';
import { OwnPassword, Users } from './users';

function Look({ onLook, onLogOut }: { onLook: () => void; onLogOut: () => void }) {
  const session = useSession();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <section class="panel pad stack" aria-label={t('settings.look')}>
      <h2>{t('settings.look')}</h2>
      <div class="filters">
        <Field id="theme" label={t('settings.theme')}>
          <select id="theme" value={theme()} onChange={(event) => { setTheme(event.currentTarget.value as Theme); onLook(); }}>
            {(['auto', 'light', 'dark'] as const).map((one) => <option key={one} value={one}>{t(`settings.theme.${one}`)}</option>)}
          </select>
        </Field>
        <Field id="language" label={t('settings.language')}>
          <select id="language" value={language()} onChange={(event) => { setLanguage(event.currentTarget.value as Language, true); onLook(); }}>
            {Object.entries(languages).map(([code, name]) => <option key={code} value={code}>{name}</option>)}
          </select>
        </Field>
      </div>
      <p class="muted">{t('settings.zone', { zone })}</p>
      {!session.open && (
        <p class="row"><span class="break">{t('app.you', { name: session.name, role: t(`role.${session.role}`) })}</span>
          <button class="button" type="button" onClick={onLogOut}><Icon name="out" />{t('app.logout')}</button></p>
      )}
    </section>
  );
}

export function Settings({ onLook, onLogOut }: { onLook: () => void; onLogOut: () => void }) {
  const session = useSession();
  return (
    <>
      <div class="page-head"><h1>{t('settings.title')}</h1></div>
      <Look onLook={onLook} onLogOut={onLogOut} />
      {(isAdmin(session) || session.role === 'ROLE_OPERATOR') && <Retention />}
      {session.password && <OwnPassword />}
      {isAdmin(session) && <Users />}
      {isAdmin(session) && <Tokens />}
      {isAdmin(session) && <Enrolment />}
    </>
  );
}
