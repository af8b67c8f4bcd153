// The search above the list: all that ListCalls offers, and nothing that it does
// not.
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { keepSearches, savedSearches } from '../prefs';
import { navigate } from '../route';
import { Icon } from '../ui/icons';
import { isOpen, parseFilter, ranges, states, toQuery, type Filter, type Range } from './filter';
import { MoreFilters } from './more_filters';
import { takeQualifiers } from './qualifiers';
import { CustomRange, RangeSelect } from './range';

const TYPING_MS = 180;

export function show(filter: Filter, replace = false): void {
  const query = toQuery(filter);
  navigate(query ? `/calls?${query}` : '/calls', replace);
}

function TextField({ filter, input }: { filter: Filter; input: RefObject<HTMLInputElement> }) {
  const [text, setText] = useState(filter.text);
  // What else is searched for may change between typing and searching.
  const latest = useRef(filter);
  latest.current = filter;
  useEffect(() => { if (filter.text !== text.trim()) setText(filter.text); }, [filter.text]);
  // Qualifiers go to the controls as soon as they are whole.
  const take = (typed: string, whole: boolean) => {
    const before = latest.current;
    const taken = takeQualifiers(typed, before, whole);
    if (taken.filter !== before) show({ ...taken.filter, text: taken.words.trim() }, true);
    setText(taken.filter === before ? typed : taken.words.trimStart());
  };
  useEffect(() => {
    if (text.trim() === filter.text) return undefined;
    const timer = setTimeout(() => show({ ...latest.current, text: text.trim() }, true), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  // More than a number: the id of a call.
  const id = /^[0-9a-f]{8,32}$/.test(text.trim()) && (/[a-f]/.test(text) || text.trim().length === 32) ? text.trim() : '';
  return (
    <div class="text-field">
      <Icon name="search" />
      <input ref={input} type="search" value={text} aria-label={t('calls.search')} placeholder={t('calls.searchHint')}
        maxLength={128} spellcheck={false} autocomplete="off"
        onInput={(event) => take(event.currentTarget.value, false)}
        onBlur={() => take(text, true)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          if (id) navigate(`/calls/${id}`);
          else take(text, true);
        }} />
      <kbd aria-hidden="true">/</kbd>
      {id && <a class="chip accent" href={`/calls/${id}`}>{t('calls.openId', { id: id.slice(0, 8) })}</a>}
    </div>
  );
}

function Saved({ filter }: { filter: Filter }) {
  const [list, setList] = useState(savedSearches);
  const [naming, setNaming] = useState<string | null>(null);
  const change = (next: typeof list) => { keepSearches(next); setList(next); };
  const query = toQuery(filter);
  const keep = (event: Event) => {
    event.preventDefault();
    const name = naming?.trim();
    if (!name) return;
    change([...list.filter((one) => one.name !== name), { name, query }]);
    setNaming(null);
  };
  return (
    <div class="row saved">
      {list.length > 0 && (
        <ul class="chips" aria-label={t('calls.saved')}>
          {list.map((one) => (
            <li key={one.name} class={`chip ${one.query === query ? 'accent' : ''}`}>
              <a href={`/calls?${one.query}`}>{one.name}</a>
              <button type="button" aria-label={t('calls.forget', { name: one.name })} onClick={() => change(list.filter((other) => other !== one))}>×</button>
            </li>
          ))}
        </ul>
      )}
      {!isOpen(filter) && naming === null && !list.some((one) => one.query === query) &&
        <button class="button plain" type="button" onClick={() => setNaming('')}><Icon name="star" />{t('calls.save')}</button>}
      {naming !== null && (
        <form class="row" onSubmit={keep}>
          <input autoFocus aria-label={t('calls.saveName')} placeholder={t('calls.saveName')} value={naming} maxLength={40}
            onInput={(event) => setNaming(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === 'Escape') setNaming(null); }} />
          <button class="button" disabled={!naming.trim()}>{t('calls.save')}</button>
        </form>
      )}
    </div>
  );
}

interface SearchProps {
  filter: Filter;
  // That there are to choose from.
  sensors: string[];
  sites: string[];
  input: RefObject<HTMLInputElement>;
}

export function Search({ filter, sensors, sites, input }: SearchProps) {
  const [custom, setCustom] = useState(false);
  const range: Range = custom ? 'custom' : filter.range;
  const pick = (chosen: Range) => {
    setCustom(chosen === 'custom');
    if (chosen !== 'custom') show({ ...filter, range: chosen, from: '', before: '' });
  };
  const choices = filter.sensor && !sensors.includes(filter.sensor) ? [...sensors, filter.sensor] : sensors;
  return (
    <div role="search" class="search panel">
      <div class="row">
        <TextField filter={filter} input={input} />
        <RangeSelect value={range} choices={ranges} onPick={pick} />
        <select aria-label={t('calls.sensor')} value={filter.sensor} onChange={(event) => show({ ...filter, sensor: event.currentTarget.value })}>
          <option value="">{t('calls.anySensor')}</option>
          {choices.map((sensor) => <option key={sensor} value={sensor}>{sensor}</option>)}
        </select>
        {!isOpen(filter) && <button class="button plain" type="button" onClick={() => { setCustom(false); show(parseFilter(new URLSearchParams())); }}>{t('calls.clear')}</button>}
      </div>
      {range === 'custom' && <CustomRange filter={filter} onChange={show} />}
      <div class="row spread">
        <div class="row" role="group" aria-label={t('calls.state')}>
          {states.map((state) => {
            const on = filter.states.includes(state);
            const next = on ? filter.states.filter((one) => one !== state) : [...filter.states, state];
            return (
              <button key={state} type="button" class={`toggle ${on ? 'on' : ''}`} aria-pressed={on}
                onClick={() => show({ ...filter, states: next })}>{t(`state.${state}`)}</button>
            );
          })}
        </div>
        <Saved filter={filter} />
      </div>
      <MoreFilters filter={filter} sites={sites} onChange={show} />
    </div>
  );
}
