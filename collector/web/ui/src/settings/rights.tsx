// Role and scope, as both users and tokens have them.
import type { Scope } from '../api/types';
import { t } from '../i18n';
import { Field } from '../ui/parts';

const roles = ['ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_AUDITOR', 'ROLE_ADMIN'] as const;

export interface Rights {
  role: typeof roles[number];
  sites: string;
  numbers: string;
}

export const noRights: Rights = { role: 'ROLE_VIEWER', sites: '', numbers: '' };

export const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

const isScoped = (role: Rights['role']): boolean => role === 'ROLE_VIEWER' || role === 'ROLE_OPERATOR';

export function scopeOf({ role, sites, numbers }: Rights): { scope?: Scope } {
  const scope = { sites: words(sites), numbers: words(numbers) };
  return isScoped(role) && scope.sites.length + scope.numbers.length > 0 ? { scope } : {};
}

export function scopeText(scope: Scope | undefined): string {
  const parts = [...(scope?.sites ?? []), ...(scope?.numbers ?? []), ...(scope?.calls ?? []).map((id) => t('share.call', { id: id.slice(0, 8) }))];
  return parts.length > 0 ? parts.join(', ') : t('app.all');
}

export function RightsFields({ value, onChange }: { value: Rights; onChange: (change: Partial<Rights>) => void }) {
  return (
    <>
      <fieldset class="stack tight">
        <legend class="hidden-label">{t('tokens.role')}</legend>
        {roles.map((role) => (
          <label key={role} class="check">
            <input type="radio" name="role" checked={value.role === role} onChange={() => onChange({ role })} />
            <span><strong>{t(`role.${role}`)}</strong> <span class="muted">{t(`tokens.role.${role}`)}</span></span>
          </label>
        ))}
      </fieldset>
      {isScoped(value.role) && (
        <>
          <Field id="t-sites" label={t('tokens.sites')} hint={t('tokens.sitesText')}><input id="t-sites" value={value.sites} onInput={(event) => onChange({ sites: event.currentTarget.value })} /></Field>
          <Field id="t-numbers" label={t('tokens.numbers')} hint={t('tokens.numbersText')}><input id="t-numbers" value={value.numbers} onInput={(event) => onChange({ numbers: event.currentTarget.value })} /></Field>
        </>
      )}
    </>
  );
}
