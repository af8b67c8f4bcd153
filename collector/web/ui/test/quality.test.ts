import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallCounts } from '../src/api/types';
import { parseFilter } from '../src/calls/filter';
import { askFor, callsIn, meanMos, meanTalkMs, sitesIn, stepOf, sumOf, withRange, worstMos } from '../src/quality/counts';

const now = new Date('2026-11-27T10:00:00Z');
const ask = (query: string, step = '') => askFor(withRange(parseFilter(new URLSearchParams(query))), stepOf(step), now);

test('an interval fits its range unless one is chosen', () => {
  const time = { startFrom: '2026-11-20T10:00:00.000Z', startBefore: '2026-11-27T10:00:00.000Z', timeZone: 'Europe/Berlin' };
  assert.deepEqual(ask(''), { byTime: { ...time, interval: '3600s' }, bySite: { ...time, interval: '31622400s', bySite: true } });
  assert.equal(ask('range=24h').byTime.interval, '900s');
  assert.equal(ask('range=30d').byTime.interval, '86400s');
  assert.equal(ask('from=2025-01-01T00:00:00Z').byTime.interval, '604800s');
  assert.equal(ask('range=24h&site=berlin', 'hour').byTime.interval, '3600s');
  assert.equal(ask('range=24h&site=berlin').byTime.site, 'berlin');
  assert.equal(ask('before=2026-11-10T00:00:00Z').byTime.startFrom, '2026-11-03T00:00:00.000Z');
  assert.equal(stepOf('year'), '');
});

test('counts of sites and times add up', () => {
  const one: CallCounts = { site: 'berlin', calls: '3', answered: '2', talk: '90s', states: [{ state: 'CALL_STATE_COMPLETED', calls: '2' }, { state: 'CALL_STATE_UNANSWERED', calls: '1' }],
    flags: [{ flag: 'CALL_FLAG_ONE_WAY', calls: '1' }], mos: [{ from: 2, calls: '1' }, { from: 4, calls: '1' }], meanMos: 3.1 };
  const other: CallCounts = { site: '', calls: '1', answered: '1', talk: '30.5s', states: [{ state: 'CALL_STATE_COMPLETED', calls: '1' }], mos: [{ from: 4, calls: '18' }], meanMos: 4.1 };
  const sum = sumOf([one, other]);
  assert.equal(sum.calls, 4);
  assert.equal(sum.answered, 3);
  assert.deepEqual(sum.states, { CALL_STATE_COMPLETED: 3, CALL_STATE_UNANSWERED: 1 });
  assert.deepEqual(sum.flags, { CALL_FLAG_ONE_WAY: 1 });
  assert.ok(Math.abs(meanTalkMs(sum) - 120_500 / 3) < 1e-6);
  assert.ok(Math.abs(meanMos(sum)! - 4.0) < 1e-9);
  // One of twenty is no tenth; never above the mean.
  assert.ok(Math.abs(worstMos(sum)! - 4.0) < 1e-9);
  assert.ok(Math.abs(worstMos(sumOf([one]))! - 2.02) < 1e-9);
  assert.equal(worstMos(sumOf([{ calls: '2', mos: [{ from: 4.4, calls: '2' }], meanMos: 4.41 }])), 4.41);
  assert.equal(meanMos(sumOf([{ calls: '1' }])), null);
  assert.equal(worstMos(sumOf([])), null);
  assert.deepEqual(sitesIn([{ counts: [one] }, { counts: [other, one] }, {}]), ['', 'berlin']);
});

test('an interval leads to its calls', () => {
  assert.equal(callsIn('2026-11-27T09:00:00Z', '2026-11-27T10:00:00Z', ''), '/calls?from=2026-11-27T09%3A00%3A00Z&before=2026-11-27T10%3A00%3A00Z');
  const query = new URL(callsIn('2026-11-27T09:00:00Z', '2026-11-27T10:00:00Z', 'berlin', 'CALL_FLAG_ONE_WAY'), 'https://x').searchParams;
  assert.equal(parseFilter(query).site, 'berlin');
  assert.deepEqual(parseFilter(query).flags, ['CALL_FLAG_ONE_WAY']);
  assert.equal(parseFilter(query).from, '2026-11-27T09:00:00.000Z');
});
