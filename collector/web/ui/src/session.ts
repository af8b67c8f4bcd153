// Who is logged in, for all pages.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from './api/client';
import type { Page } from './route';

export const SessionContext = createContext<Session>({ name: '', role: 'ROLE_VIEWER' });

export const useSession = (): Session => useContext(SessionContext);

type Role = Session['role'];

// Whose the pages are, as docs/access.md has it. The collector decides; this
// only spares people ways that end at a refusal.
const rolesOf: Record<Exclude<Page, 'unknown'>, Role[]> = {
  calls: ['ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_ADMIN'],
  call: ['ROLE_GUEST', 'ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_ADMIN'],
  live: ['ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_ADMIN'],
  quality: ['ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_ADMIN'],
  completeness: ['ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_ADMIN'],
  sensors: ['ROLE_OPERATOR', 'ROLE_ADMIN'],
  audit: ['ROLE_AUDITOR', 'ROLE_ADMIN'],
  settings: ['ROLE_GUEST', 'ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_AUDITOR', 'ROLE_ADMIN'],
};

export const rolesFor = (page: Page): Role[] => (page === 'unknown' ? [] : rolesOf[page]);
export const mayOpen = (session: Session, page: Page): boolean => page === 'unknown' || rolesOf[page].includes(session.role);
export const isAdmin = (session: Session): boolean => session.role === 'ROLE_ADMIN';
// Somebody with a link, who sees that call and no more.
export const isGuest = (session: Session): boolean => session.role === 'ROLE_GUEST';
export const mayShare = (session: Session): boolean => session.role === 'ROLE_OPERATOR' || isAdmin(session);
export function homeOf(session: Session): string {
  if (isGuest(session)) return `/calls/${session.calls?.[0] ?? ''}`;
  return session.role === 'ROLE_AUDITOR' ? '/audit' : '/calls';
}
