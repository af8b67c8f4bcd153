// The frame around the pages: who is logged in, where one is, what plays.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, logIn, logOut, onLoggedOut, whoAmI, type Session } from './api/client';
import { Audit } from './audit/audit';
import { CallPage } from './call/call';
import { Calls } from './calls/calls';
import { eject } from './deck';
import { Dock } from './dock';
import { t, type Key } from './i18n';
import { stopListening } from './listen/ear';
import { Live } from './live/live';
import { Login } from './login';
import logo from './logo.svg';
import { onLinkClick, parseRoute, takeShare, useRoute, type Page, type Route } from './route';
import { SessionContext, homeOf, isGuest, mayOpen, rolesFor } from './session';
import { Sensors } from './sensors/sensors';
import { Settings } from './settings/settings';
import { Icon, type IconName } from './ui/icons';
import { lazy } from './ui/lazy';
import { Empty, ErrorNotice, Skeleton } from './ui/parts';

const nav: { page: Page & IconName; label: Key }[] = [
  { page: 'calls', label: 'nav.calls' }, { page: 'live', label: 'nav.live' }, { page: 'quality', label: 'nav.quality' }, { page: 'completeness', label: 'nav.completeness' },
  { page: 'sensors', label: 'nav.sensors' }, { page: 'audit', label: 'nav.audit' }, { page: 'settings', label: 'nav.settings' },
];

const Quality = lazy(() => import('./quality/quality').then((page) => page.Quality));
const Completeness = lazy(() => import('./completeness/completeness').then((page) => page.Completeness));

const titles: Record<Page, Key> = {
  calls: 'calls.title', call: 'calls.title', live: 'live.title', quality: 'stats.title', completeness: 'whole.title', sensors: 'sensors.title', audit: 'audit.title', settings: 'settings.title', unknown: 'app.unknownPage',
};

function Side({ route, session, onLogOut }: { route: Route; session: Session; onLogOut: () => void }) {
  const here = route.page === 'call' ? 'calls' : route.page;
  return (
    <nav class="side" aria-label={t('app.nav')}>
      <a class="brand" href={homeOf(session)}><img src={logo} alt="" />Callbraid</a>
      <ul>
        {nav.filter(({ page }) => mayOpen(session, page)).map(({ page, label }) => (
          <li key={page}><a class="nav-link" href={`/${page}`} aria-current={page === here ? 'page' : undefined}><Icon name={page} /><span>{t(label)}</span></a></li>
        ))}
      </ul>
      <div class="foot">
        {session.open
          ? <span class="open">{t('app.open')}</span>
          : <>
              <span class="muted break">{t('app.you', { name: session.name, role: t(`role.${session.role}`) })}</span>
              <button class="button plain" type="button" onClick={onLogOut}><Icon name="out" />{t('app.logout')}</button>
            </>}
      </div>
    </nav>
  );
}

function PageOf({ route, session, onLogOut, onLook }: { route: Route; session: Session; onLogOut: () => void; onLook: () => void }): ComponentChildren {
  if (!mayOpen(session, route.page)) {
    const roles = rolesFor(route.page).map((role) => t(`role.${role}`)).join(', ');
    return (
      <Empty icon="lock" title={t('role.refused')}>
        <p>{t('role.refusedText', { role: t(`role.${session.role}`), roles })}</p>
      </Empty>
    );
  }
  switch (route.page) {
    case 'calls': return <Calls query={route.query} />;
    case 'call': return <CallPage key={route.id} id={route.id} query={route.query} />;
    case 'live': return <Live />;
    case 'quality': return <Quality query={route.query} />;
    case 'completeness': return <Completeness query={route.query} />;
    case 'sensors': return <Sensors id={route.id} />;
    case 'audit': return <Audit query={route.query} />;
    case 'settings': return <Settings onLook={onLook} onLogOut={onLogOut} />;
    default:
      return <Empty icon="search" title={t('app.unknownPage')}><p>{t('app.unknownPageText')}</p><a class="button" href={homeOf(session)}>{t('app.toCalls')}</a></Empty>;
  }
}

// Who is here: by a login of before, or by the link to a shared call, of which a
// guest may have more than one.
async function arrive(secret: string): Promise<Session | null> {
  const session = await whoAmI();
  if (!secret || (session && !isGuest(session))) return session;
  await logIn({ token: secret });
  return whoAmI();
}

export function App() {
  const route = useRoute();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  // Why logging out did not work: the login goes on.
  const [stays, setStays] = useState<unknown>(null);
  const [notice, setNotice] = useState<Key | null>(null);
  const [firstShare] = useState(takeShare);
  const share = useRef(firstShare);
  // Language and colours are read while drawing: a turn draws all anew.
  const [look, setLook] = useState(0);
  const main = useRef<HTMLElement>(null);

  const ask = useCallback(() => {
    setError(null);
    const failed = (reason: unknown) => {
      if (!share.current || !(reason instanceof ApiError) || reason.code !== 'unauthenticated') return setError(reason);
      setNotice('share.over');
      setSession(null);
    };
    arrive(share.current).then(setSession, failed).finally(() => { share.current = ''; });
  }, []);
  useEffect(ask, []);
  useEffect(() => {
    // Another link, put into the address bar of this page.
    const arrived = () => {
      const secret = takeShare();
      if (!secret) return;
      share.current = secret;
      setNotice(null);
      ask();
    };
    window.addEventListener('hashchange', arrived);
    return () => window.removeEventListener('hashchange', arrived);
  }, []);
  useEffect(() => onLoggedOut(() => {
    eject();
    stopListening();
    setStays(null);
    setSession((old) => { if (old) setNotice(isGuest(old) ? 'share.over' : 'login.expired'); return null; });
  }), []);
  useEffect(() => { document.title = `${t(titles[route.page])} · Callbraid`; }, [route.page, look]);
  const shown = useRef(route.page);
  useEffect(() => {
    if (shown.current !== route.page) main.current?.focus({ preventScroll: true });
    shown.current = route.page;
  }, [route.page]);

  if (error != null && !session) return <main class="login"><ErrorNotice error={error} onRetry={ask} /></main>;
  if (session === undefined) return <main class="login"><Skeleton lines={4} /></main>;
  if (session === null) return <Login notice={notice} onDone={() => { setNotice(null); ask(); }} />;
  const end = async () => {
    setStays(null);
    try {
      await logOut();
    } catch (reason) {
      setStays(reason);
      main.current?.scrollIntoView();
      return;
    }
    eject();
    stopListening();
    setSession(null);
  };
  // Not everybody begins with the calls.
  const here = location.pathname === '/' && !mayOpen(session, 'calls') ? parseRoute(homeOf(session), '') : route;
  return (
    <SessionContext.Provider value={session}>
      <div class="shell" key={look} onClick={onLinkClick}>
        <a class="skip" href="#main" data-server>{t('app.skip')}</a>
        <Side route={here} session={session} onLogOut={end} />
        <main id="main" tabIndex={-1} ref={main}>
          {stays != null && <ErrorNotice title={t('app.stillIn')} error={stays} onRetry={end} />}
          <PageOf route={here} session={session} onLogOut={end} onLook={() => setLook((old) => old + 1)} />
        </main>
        <Dock openId={here.page === 'call' ? here.id : ''} />
      </div>
    </SessionContext.Provider>
  );
}
