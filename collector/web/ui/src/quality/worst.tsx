// The phones, trunks and ways that calls which could be heard badly have in
// common, below the counts of the page Quality.
import { useMemo, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { ListCallsRequest } from '../api/types';
import { CallTable } from '../calls/table';
import { number, percent } from '../format';
import { locale, t, tn } from '../i18n';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { ErrorNotice, Mos, Skeleton, Time } from '../ui/parts';
import { MOST_CALLS, byHosts, byNumber, bySites, findBad, limits, searchFor, searchHosts, searchNumber, searchSites, worstFirst, type BadCalls, type Group } from './bad_calls';

// Rows before somebody asks for all.
const ROWS = 10;
const WORST = 10;

const mosText = (mos: number) => mos.toLocaleString(locale(), { minimumFractionDigits: 1 });

interface Grouping {
  title: string;
  // What the groups are.
  of: string;
  groups: Group[];
  nameOf: (group: Group) => string;
  // '': there is no search for it.
  searchOf: (group: Group) => string;
}

function Row({ group, name, search, all }: { group: Group; name: string; search: string; all: number }) {
  const { worst, calls, first, last } = group;
  const mos = number(worst.listeningMos, locale(), 2);
  return (
    <tr>
      <th scope="row">{search ? <a href={search} aria-label={t('worst.open', { name })}>{name}</a> : <span class="muted">{name}</span>}</th>
      <td class="right">{number(calls.length, locale())}</td>
      <td class="right nowrap">{percent(calls.length, all, locale())}</td>
      <td class="right"><a href={`/calls/${worst.id}?tab=path`} aria-label={t('worst.openWorst', { mos, name })}><Mos mos={worst.listeningMos} /></a></td>
      <td class="right">{number(group.meanMos, locale(), 2)}</td>
      <td><Time value={first} />{last !== first && <> – <Time value={last} /></>}</td>
    </tr>
  );
}

function Groups({ title, of, groups, nameOf, searchOf, all }: Grouping & { all: number }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? groups : groups.slice(0, ROWS);
  return (
    <div class="panel">
      <div class="scroll-x" tabIndex={0} role="region" aria-label={title}>
        <table class="data worst">
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">{of}</th><th scope="col" class="right">{t('worst.bad')}</th><th scope="col" class="right">{t('worst.share')}</th>
              <th scope="col" class="right">{t('worst.mos')}</th><th scope="col" class="right">{t('stats.meanMos')}</th><th scope="col">{t('worst.when')}</th>
            </tr>
          </thead>
          <tbody>{shown.map((group) => <Row key={group.name.join(' ')} group={group} name={nameOf(group)} search={searchOf(group)} all={all} />)}</tbody>
        </table>
      </div>
      {shown.length < groups.length && <div class="more"><button type="button" class="button" onClick={() => setWhole(true)}>{t('ladder.more', { n: number(groups.length - shown.length, locale()) })}</button></div>}
    </div>
  );
}

function Found({ asked, found }: { asked: ListCallsRequest; found: BadCalls }) {
  const { calls } = found;
  const below = asked.maxMos!;
  const between = (names: string[], none: string) => names.join(' – ') || none;
  const groupings = useMemo((): Grouping[] => [
    { title: t('worst.numbers'), of: t('worst.number'), groups: byNumber(calls), nameOf: ({ name }) => name[0] || t('call.unnamed'), searchOf: (group) => searchNumber(asked, group) },
    { title: t('worst.trunks'), of: t('worst.hosts'), groups: byHosts(calls, below), nameOf: ({ name }) => between(name, t('app.unknown')), searchOf: (group) => searchHosts(asked, group) },
    { title: t('worst.ways'), of: t('worst.sites'), groups: bySites(calls, below), nameOf: ({ name }) => between(name, t('stats.noSite')), searchOf: (group) => searchSites(asked, group) },
  ], [found]);
  const worst = useMemo(() => worstFirst(calls).slice(0, WORST), [found]);
  return (
    <>
      {groupings.map((grouping) => <Groups key={grouping.title} {...grouping} all={calls.length} />)}
      <p class="muted">{t('worst.note')}</p>
      <div class="panel">
        <div class="row spread pad"><h3>{t('worst.calls')}</h3><a href={searchFor(asked)}>{t('worst.all')}</a></div>
        <CallTable calls={worst} now={Date.now()} />
      </div>
    </>
  );
}

export function Worst({ asked, limit, onLimit }: { asked: ListCallsRequest; limit: string; onLimit: (limit: string) => void }) {
  const list = useLoad<BadCalls>(JSON.stringify(asked), (signal) => findBad(asked, (request) => rpc('CallService/ListCalls', request, signal)));
  const found = list.value;
  const mos = mosText(asked.maxMos!);
  const choices = limits.includes(limit) ? limits : [...limits, limit];
  return (
    <section class="stack" aria-label={t('worst.title')}>
      <div class="panel pad stack tight">
        <div class="row spread">
          <h2>{t('worst.title')}</h2>
          <label class="row">{t('calls.mosBelow')}
            <select value={limit} onChange={(event) => onLimit(event.currentTarget.value)}>
              {choices.map((one) => <option key={one} value={one}>{mosText(Number(one))}</option>)}
            </select>
          </label>
        </div>
        {list.error != null && <ErrorNotice error={list.error} onRetry={list.reload} />}
        {!found && list.error == null && <Skeleton lines={3} />}
        {found && <p role="status">{found.calls.length > 0 || found.more ? t('worst.found', { calls: tn('calls.count', found.calls.length), mos }) : t('worst.none', { mos })}</p>}
        {found?.more && <p class="notice warn"><Icon name="warn" /><span class="grow">{t('worst.more', { n: number(MOST_CALLS, locale()) })}</span></p>}
      </div>
      {found && found.calls.length > 0 && <Found asked={asked} found={found} />}
    </section>
  );
}
