// Conditions that are not asked for every day, below the search.
import { useEffect, useState } from 'preact/hooks';
import { t, type Key } from '../i18n';
import { flags, lengthOf, mosOf, type Filter } from './filter';

interface Props {
  filter: Filter;
  sites: string[];
  onChange: (filter: Filter) => void;
}

const isSet = (filter: Filter): boolean =>
  Boolean(filter.number || filter.site || filter.longer || filter.shorter || filter.mosBelow || filter.mosAbove || filter.tag || filter.hold) || filter.flags.length > 0;

// Takes what was typed when it is left, or by Enter.
function Typed({ label, value, hint, valid = () => true, onDone }: { label: Key; value: string; hint: string; valid?: (text: string) => boolean; onDone: (text: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const good = text.trim() === '' || valid(text.trim());
  const done = () => { if (good && text.trim() !== value) onDone(text.trim()); };
  return (
    <label class="filter">{t(label)}
      <input value={text} placeholder={hint} maxLength={64} spellcheck={false} autocomplete="off" aria-invalid={!good}
        onInput={(event) => setText(event.currentTarget.value)} onBlur={done} onKeyDown={(event) => { if (event.key === 'Enter') done(); }} />
    </label>
  );
}

export function MoreFilters({ filter, sites, onChange }: Props) {
  const [open, setOpen] = useState(isSet(filter));
  useEffect(() => { if (isSet(filter)) setOpen(true); }, [isSet(filter)]);
  const put = (change: Partial<Filter>) => onChange({ ...filter, ...change });
  const isLength = (text: string) => lengthOf(text) !== null;
  const isMos = (text: string) => mosOf(text) !== null;
  const choices = filter.site && !sites.includes(filter.site) ? [...sites, filter.site] : sites;
  return (
    <details class="more-filters" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('calls.moreFilters')}</summary>
      <div class="row">
        <div class="filter"><span aria-hidden="true">{t('calls.site')}</span>
          <select aria-label={t('calls.site')} value={filter.site} onChange={(event) => put({ site: event.currentTarget.value })}>
            <option value="">{t('calls.anySite')}</option>
            {choices.map((site) => <option key={site} value={site}>{site}</option>)}
          </select>
        </div>
        <Typed label="calls.number" value={filter.number} hint="+4930" onDone={(number) => put({ number })} />
        <Typed label="calls.tag" value={filter.tag} hint="" onDone={(tag) => put({ tag })} />
        <Typed label="calls.longer" value={filter.longer} hint="5m" valid={isLength} onDone={(longer) => put({ longer })} />
        <Typed label="calls.shorter" value={filter.shorter} hint="10s" valid={isLength} onDone={(shorter) => put({ shorter })} />
        <Typed label="calls.mosBelow" value={filter.mosBelow} hint="3.5" valid={isMos} onDone={(mosBelow) => put({ mosBelow })} />
        <Typed label="calls.mosAbove" value={filter.mosAbove} hint="4" valid={isMos} onDone={(mosAbove) => put({ mosAbove })} />
        <button type="button" class={`toggle ${filter.hold ? 'on' : ''}`} aria-pressed={filter.hold} onClick={() => put({ hold: !filter.hold })}>{t('calls.onHold')}</button>
      </div>
      <div class="row" role="group" aria-label={t('calls.notes')}>
        {flags.map((flag) => {
          const on = filter.flags.includes(flag);
          return (
            <button key={flag} type="button" class={`toggle ${on ? 'on' : ''}`} aria-pressed={on} title={t(`flagText.${flag}`)}
              onClick={() => put({ flags: on ? filter.flags.filter((one) => one !== flag) : flags.filter((one) => one === flag || filter.flags.includes(one)) })}>{t(`flag.${flag}`)}</button>
          );
        })}
      </div>
      <p class="muted small">{t('calls.qualifiers')} <code>site:berlin number:+4930 tag:"vip" flag:one-way state:active sensor:s1 date:yesterday date:2026-11-23 longer:5m shorter:10s mos:&lt;3.5 mos:&gt;4 on:hold</code></p>
    </details>
  );
}
