// Which time, and of which site: for the pages that ask for calls.
import { day } from '../format';
import { t } from '../i18n';
import type { Filter, Range } from './filter';

// "2026-11-23T10:11" in the viewer's zone, as the field of browsers wants it.
function localMinute(time: string): string {
  if (!time) return '';
  const at = new Date(time);
  return `${day(at)}T${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}

const isoOf = (local: string): string => (local ? new Date(local).toISOString() : '');

export function RangeSelect({ value, choices, onPick }: { value: Range; choices: readonly Range[]; onPick: (range: Range) => void }) {
  return (
    <select aria-label={t('calls.time')} value={value} onChange={(event) => onPick(event.currentTarget.value as Range)}>
      {choices.map((one) => <option key={one} value={one}>{t(`calls.range.${one}`)}</option>)}
    </select>
  );
}

export function CustomRange({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  return (
    <div class="row">
      <label class="row">{t('calls.from')}
        <input type="datetime-local" value={localMinute(filter.from)} onChange={(event) => onChange({ ...filter, range: 'custom', from: isoOf(event.currentTarget.value) })} />
      </label>
      <label class="row">{t('calls.before')}
        <input type="datetime-local" value={localMinute(filter.before)} onChange={(event) => onChange({ ...filter, range: 'custom', before: isoOf(event.currentTarget.value) })} />
      </label>
    </div>
  );
}

// With the one that is chosen, whether or not it is known.
export function SiteSelect({ value, sites, onPick }: { value: string; sites: string[]; onPick: (site: string) => void }) {
  const choices = value && !sites.includes(value) ? [...sites, value] : sites;
  return (
    <select aria-label={t('calls.site')} value={value} onChange={(event) => onPick(event.currentTarget.value)}>
      <option value="">{t('calls.anySite')}</option>
      {choices.map((site) => <option key={site} value={site}>{site}</option>)}
    </select>
  );
}
