// What people type into the search: words, and qualifiers as other programs have
// them: `site:berlin flag:one-way longer:5m`.
import { flagOf, lengthOf, mosOf, ranges, stateOf, type Filter, type Range } from './filter';

// What a qualifier puts into a filter; null: its value means nothing.
type Take = (value: string, filter: Filter) => Partial<Filter> | null;

const add = <T>(list: T[], one: T | undefined): T[] | null => (one === undefined ? null : list.includes(one) ? list : [...list, one]);

const day = (text: string): Partial<Filter> | null => {
  const [year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.slice(1).map(Number) ?? [];
  const from = new Date(year ?? NaN, (month ?? 0) - 1, date);
  // No 31st of February.
  if (Number.isNaN(from.getTime()) || from.getDate() !== date) return null;
  const before = new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1);
  return { range: 'custom', from: from.toISOString(), before: before.toISOString() };
};

const eachOf = <T>(value: string, list: T[], one: (word: string) => T | undefined): T[] | null =>
  value.split(',').reduce<T[] | null>((all, word) => all && add(all, one(word)), list);

// <3.5 and >4, which is "at least", as everywhere.
const mos: Take = (value) => {
  const [sign, text] = [value[0], value.slice(1)];
  if (mosOf(text) === null) return null;
  return sign === '<' ? { mosBelow: text } : sign === '>' ? { mosAbove: text } : null;
};

const takes: Record<string, Take> = {
  number: (value) => ({ number: value }),
  site: (value) => ({ site: value }),
  sensor: (value) => ({ sensor: value }),
  tag: (value) => ({ tag: value }),
  longer: (value) => (lengthOf(value) === null ? null : { longer: value }),
  shorter: (value) => (lengthOf(value) === null ? null : { shorter: value }),
  mos,
  on: (value) => (value === 'hold' ? { hold: true } : null),
  state: (value, filter) => {
    const states = eachOf(value, filter.states, stateOf);
    return states && { states };
  },
  flag: (value, filter) => {
    const flags = eachOf(value, filter.flags, flagOf);
    return flags && { flags };
  },
  date: (value) => (ranges.includes(value as Range) && value !== 'custom' ? { range: value as Range, from: '', before: '' } : day(value)),
};

// site:berlin, tag:"two words"
const QUALIFIER = /(^|\s)([a-z]+):(?:"([^"]*)"|([^\s"]+))(?=\s|$)/g;

// Takes qualifiers out of what was typed, and puts them into a filter; what is
// none, a SIP URI for one, stays. Without `whole` the last word may still be
// growing, and stays too.
export function takeQualifiers(typed: string, filter: Filter, whole: boolean): { words: string; filter: Filter } {
  const cut = whole || /["\s]$/.test(typed) ? typed.length : typed.search(/\S*$/);
  let taken = filter;
  const done = typed.slice(0, cut).replace(QUALIFIER, (all, space: string, name: string, quoted: string | undefined, bare: string | undefined) => {
    const found = Object.hasOwn(takes, name) ? takes[name]!(quoted ?? bare ?? '', taken) : null;
    if (!found) return all;
    taken = { ...taken, ...found };
    return space;
  });
  return { words: done + typed.slice(cut), filter: taken };
}
