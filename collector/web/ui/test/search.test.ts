import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, WatchCallsResponse } from '../src/api/types';
import { bounds, isOpen, matches, parseFilter, toQuery, toRequest } from '../src/calls/filter';
import { withChanges, withFirstPage, withNextPage, type Listing } from '../src/calls/merge';
import { talkMs } from '../src/calls/talk';
import { parseRoute } from '../src/route';

const filterOf = (text: string) => parseFilter(new URLSearchParams(text));

test('a search comes back from its address as it was', () => {
  for (const query of ['', 'number=%2B4930&range=7d&state=active%2Cunanswered&sensor=s1', 'range=yesterday', 'from=2026-11-23T09%3A00%3A00.000Z', 'from=2026-11-23T09%3A00%3A00.000Z&before=2026-11-24T09%3A00%3A00.000Z&sensor=s2']) {
    assert.equal(toQuery(filterOf(query)), query);
  }
  assert.ok(isOpen(filterOf('')));
});

test('what is no search is left out', () => {
  assert.equal(toQuery(filterOf('range=decade&state=lost,active&from=yesterday&junk=1')), 'state=active');
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
