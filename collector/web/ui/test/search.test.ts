import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, WatchCallsResponse } from '../src/api/types';
import { bounds, isOpen, lengthOf, matches, mosOf, parseFilter, toQuery, toRequest } from '../src/calls/filter';
import { withChanges, withFirstPage, withNextPage, type Listing } from '../src/calls/merge';
import { takeQualifiers } from '../src/calls/qualifiers';
import { talkMs } from '../src/calls/talk';
import { parseRoute } from '../src/route';

const filterOf = (text: string) => parseFilter(new URLSearchParams(text));

test('a search comes back from its address as it was', () => {
  for (const query of ['', 'number=%2B4930&range=7d&state=active%2Cunanswered&sensor=s1', 'range=yesterday', 'from=2026-11-23T09%3A00%3A00.000Z', 'from=2026-11-23T09%3A00%3A00.000Z&before=2026-11-24T09%3A00%3A00.000Z&sensor=s2',
    'text=M%C3%BCller&flag=one-way%2Ccapture-loss&site=berlin&longer=5m&shorter=1h30m&tag=to+do&mos-below=3.5&mos-above=2&on=hold']) {
    assert.equal(toQuery(filterOf(query)), query);
  }
  assert.ok(isOpen(filterOf('')));
});

test('what is no search is left out', () => {
  assert.equal(toQuery(filterOf('range=decade&state=lost,active&from=yesterday&junk=1&longer=soon&flag=red&on=fire&mos-below=7&mos-above=good')), 'state=active');
});

test('ranges are by the clock and calendar of the viewer', () => {
  const now = new Date(2026, 10, 27, 6, 30);
  const [from, before] = bounds(filterOf('range=yesterday'), now);
  assert.deepEqual([from, before], [new Date(2026, 10, 26), new Date(2026, 10, 27)]);
  assert.deepEqual(bounds(filterOf('range=1h'), now), [new Date(2026, 10, 27, 5, 30), null]);
  // The day on which clocks are set back has 25 hours.
  const [start, end] = bounds(filterOf('range=yesterday'), new Date(2026, 9, 26, 12));
  assert.equal(end!.getTime() - start!.getTime(), 25 * 3_600_000);
});

test('only what is asked for is in the request', () => {
  assert.deepEqual(toRequest(filterOf(''), new Date()), {});
  assert.deepEqual(toRequest(filterOf('number=101&state=active&sensor=s1&from=2026-11-23T09:00:00Z'), new Date()),
    { numberPrefix: '101', startFrom: '2026-11-23T09:00:00.000Z', states: ['CALL_STATE_ACTIVE'], sensor: 's1' });
});

const call = (id: string, start: string, more: Partial<Call> = {}): Call => ({ id, startTime: start, caller: '101', callee: '+49301', state: 'CALL_STATE_ACTIVE', sensors: ['s1'], ...more });

test('a change is judged as the collector would judge it', () => {
  const one = call('a', '2026-11-23T09:00:00Z');
  assert.ok(matches({}, one));
  assert.ok(matches({ numberPrefix: '10' }, one));
  assert.ok(matches({ numberPrefix: '+4930' }, one));
  assert.ok(!matches({ numberPrefix: '01' }, one));
  assert.ok(!matches({ states: ['CALL_STATE_COMPLETED'] }, one));
  assert.ok(!matches({ sensor: 's2' }, one));
  assert.ok(matches({ startFrom: '2026-11-23T09:00:00Z' }, one));
  assert.ok(!matches({ startBefore: '2026-11-23T09:00:00Z' }, one));
});

test('lengths are written as people write them', () => {
  const all: [string, number | null][] = [['90', 90], ['10s', 10], ['5m', 300], ['5min', 300], ['1h30m', 5400], ['1:30', 90], ['1:02:03', 3723], ['', null], ['m', null], ['5x', null], ['-5', null]];
  for (const [text, seconds] of all) assert.equal(lengthOf(text), seconds, text);
});

test('MOS is written as people write it', () => {
  const all: [string, number | null][] = [['3.5', 3.5], ['3,5', 3.5], ['4', 4], ['1', 1], ['5', 5], ['5.1', null], ['0.9', null], ['', null], ['3.', null], ['-3', null], ['35', null]];
  for (const [text, mos] of all) assert.equal(mosOf(text), mos, text);
});

test('qualifiers are taken out of what is typed', () => {
  const take = (typed: string, whole = true) => {
    const { words, filter } = takeQualifiers(typed, filterOf(''), whole);
    return [words.trim().replace(/\s+/g, ' '), new URLSearchParams(toQuery(filter)).toString().replaceAll('%2C', ',')];
  };
  assert.deepEqual(take('anna site:berlin flag:one-way,no-media'), ['anna', 'flag=no-media,one-way&site=berlin']);
  assert.deepEqual(take('longer:5m shorter:10s sensor:s1 state:active'), ['', 'state=active&sensor=s1&longer=5m&shorter=10s']);
  assert.deepEqual(take('tag:"to do" on:hold number:101'), ['', 'number=101&tag=to+do&on=hold']);
  assert.deepEqual(take('mos:<3.5 mos:>2'), ['', 'mos-below=3.5&mos-above=2']);
  assert.deepEqual(take('date:yesterday'), ['', 'range=yesterday']);
  assert.equal(take('date:2026-11-23')[1], new URLSearchParams({ from: '2026-11-22T23:00:00.000Z', before: '2026-11-23T23:00:00.000Z' }).toString());
  // What is no qualifier is a word.
  for (const text of ['sip:101@10.0.0.9', 'flag:red', 'date:2026-02-31', 'longer:soon', 'mos:3.5', 'mos:<9', 'constructor:x', '10:30']) assert.deepEqual(take(text), [text, '']);
  // What may still be growing stays.
  assert.deepEqual(take('site:berlin anna', false), ['anna', 'site=berlin']);
  assert.deepEqual(take('anna site:ber', false), ['anna site:ber', '']);
  assert.deepEqual(take('site:ber ', false), ['', 'site=ber']);
});

test('a change is judged by all that is searched for', () => {
  const one = call('a', '2026-11-23T09:00:00Z', { calleeName: 'Jürgen MÜLLER', endTime: '2026-11-23T09:05:00.5Z', flags: ['CALL_FLAG_ONE_WAY'], listeningMos: 3.5,
    legs: [{ observations: [{ site: 'berlin' }] }], annotation: { tags: ['vip'] } });
  const now = Date.parse('2026-11-23T10:00:00Z');
  const fits = (query: string) => matches(toRequest(filterOf(query), new Date(now)), one, now);
  for (const query of ['text=müll', 'text=930', 'site=berlin', 'flag=one-way,no-media', 'longer=5m', 'shorter=301', 'tag=vip', 'mos-below=3.6', 'mos-above=3,5']) assert.ok(fits(query), query);
  for (const query of ['text=meier', 'site=paris', 'flag=no-media', 'longer=301', 'shorter=5m', 'tag=vi', 'on=hold', 'mos-below=3.5', 'mos-above=3.6']) assert.ok(!fits(query), query);
  const going = call('b', '2026-11-23T09:58:00Z');
  assert.ok(matches({ minLength: '120s' }, going, now));
  assert.ok(!matches({ minLength: '120s' }, going, now - 1));
  // It has none.
  assert.ok(!matches({ minMos: 1 }, going, now));
});

const ids = (listing: Listing) => listing.calls.map((one) => one.id).join('');
const updated = (one: Call): WatchCallsResponse => ({ change: 'CHANGE_UPDATED', call: one });

test('changes keep the list in order and in the search', () => {
  const old: Listing = { calls: [call('c', '2026-11-23T09:03:00Z'), call('a', '2026-11-23T09:01:00Z')], next: 'more' };
  assert.equal(ids(withChanges(old, {}, [updated(call('d', '2026-11-23T09:04:00Z'))])), 'dca');
  assert.equal(ids(withChanges(old, {}, [updated(call('b', '2026-11-23T09:02:00Z'))])), 'cba');
  // Older than all that is shown, and there are further pages: it comes with its page.
  assert.equal(withChanges(old, {}, [updated(call('0', '2026-11-23T09:00:00Z'))]), old);
  assert.equal(ids(withChanges({ ...old, next: '' }, {}, [updated(call('0', '2026-11-23T09:00:00Z'))])), 'ca0');
  // It no longer fits, was merged, or may be seen no longer.
  const ended = updated(call('c', '2026-11-23T09:03:00Z', { state: 'CALL_STATE_COMPLETED' }));
  assert.equal(ids(withChanges(old, { states: ['CALL_STATE_ACTIVE'] }, [ended])), 'a');
  assert.equal(ids(withChanges(old, {}, [{ change: 'CHANGE_MERGED', call: { id: 'c' }, mergedInto: 'a' }])), 'a');
  assert.equal(ids(withChanges(old, {}, [{ change: 'CHANGE_REMOVED', call: { id: 'a' } }])), 'c');
  assert.equal(withChanges(old, {}, [{ change: 'CHANGE_REMOVED', call: { id: 'z' } }]), old);
});

test('pages join without repeating a call', () => {
  const first: Listing = { calls: [call('c', '2026-11-23T09:03:00Z'), call('b', '2026-11-23T09:02:00Z')], next: 'p2' };
  const both = withNextPage(first, { calls: [call('b', '2026-11-23T09:02:00Z'), call('a', '2026-11-23T09:01:00Z')], next: '' });
  assert.equal(ids(both), 'cba');
  const again = withFirstPage(both, { calls: [call('d', '2026-11-23T09:04:00Z'), call('c', '2026-11-23T09:03:00Z')], next: 'p2' });
  assert.equal(ids(again), 'dcba');
  assert.equal(again.next, '');
  // b was merged away meanwhile: what is on the first page, and no longer there, is gone.
  assert.equal(ids(withFirstPage(first, { calls: [call('c', '2026-11-23T09:03:00Z')], next: '' })), 'c');
});

test('talk goes on with the clock, or with what a file has', () => {
  const now = Date.parse('2026-11-23T09:05:00Z');
  const live = call('a', '2026-11-23T09:00:00Z', { answerTime: '2026-11-23T09:01:00Z', streams: [{ endTime: '2026-11-23T09:04:58Z' }] });
  assert.equal(talkMs(live, now), 240_000);
  const file = call('a', '2013-03-15T15:00:00Z', { answerTime: '2013-03-15T15:00:00Z', streams: [{ endTime: '2013-03-15T15:00:12Z' }] });
  assert.equal(talkMs(file, now), 12_000);
  assert.ok(Number.isNaN(talkMs(call('a', '2026-11-23T09:00:00Z'), now)));
});

test('addresses name pages', () => {
  assert.equal(parseRoute('/', '').page, 'calls');
  assert.deepEqual([parseRoute('/calls/abc', '?tab=path').page, parseRoute('/calls/abc', '').id], ['call', 'abc']);
  assert.equal(parseRoute('/sensors/s%201', '').id, 's 1');
  assert.equal(parseRoute('/sensors/%zz', '').id, '%zz');
  assert.equal(parseRoute('/live/x', '').page, 'unknown');
  assert.equal(parseRoute('/calls/a/b', '').page, 'unknown');
  assert.equal(parseRoute('/nothing', '').page, 'unknown');
});
